#include "common/rpc/framing.hpp"

#include <utility>

namespace sb::rpc {

std::optional<std::string> LineSplitter::next_line() {
    if (too_long_) return std::nullopt;
    auto const end = buffer_.find('\n', scanned_);
    auto const length = (end == std::string::npos ? buffer_.size() : end) - begin_;
    if (length > limit_) {
        too_long_ = true;
        return std::nullopt;
    }
    if (end == std::string::npos) {
        // What was given out goes away here, once for many lines, not with each of them.
        buffer_.erase(0, begin_);
        begin_ = 0;
        scanned_ = buffer_.size();
        if (buffer_.empty() && buffer_.capacity() > 16UL * 1024) buffer_.shrink_to_fit();
        return std::nullopt;
    }
    std::string line = buffer_.substr(begin_, length);
    if (!line.empty() && line.back() == '\r') line.pop_back();
    begin_ = scanned_ = end + 1;
    return line;
}

std::string LineSplitter::take_rest() {
    std::string rest = buffer_.substr(begin_);
    buffer_.clear();
    begin_ = scanned_ = 0;
    return rest;
}

}  // namespace sb::rpc
