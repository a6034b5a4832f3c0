#include "daemon/hooks/output.hpp"

#include "common/text/utf8.hpp"

namespace sb::hooks {

void Tail::add(std::string_view bytes) {
    if (bytes.size() > max_bytes_) {
        cut_ = true;
        bytes.remove_prefix(bytes.size() - max_bytes_);
    }
    kept_ += bytes;
    // Twice the size before anything is moved: each byte moves once at most, on average.
    if (kept_.size() > 2 * max_bytes_) {
        cut_ = true;
        kept_.erase(0, kept_.size() - max_bytes_);
    }
}

std::string Tail::text() const {
    std::size_t begin = kept_.size() > max_bytes_ ? kept_.size() - max_bytes_ : 0;
    if (begin == 0 && !cut_) return kept_;
    for (int skipped = 0; skipped < 3 && begin < kept_.size() && is_continuation(kept_[begin]); ++skipped) ++begin;
    return kept_.substr(begin);
}

std::vector<std::string> Lines::add(std::string_view bytes) {
    std::vector<std::string> lines;
    for (char const c : bytes) {
        if (c == '\n') {
            end_line(lines);
            continue;
        }
        if (line_.size() >= max_line_bytes_) end_line(lines);
        line_ += c;
    }
    return lines;
}

std::vector<std::string> Lines::rest() {
    std::vector<std::string> lines;
    if (!line_.empty()) end_line(lines);
    return lines;
}

void Lines::end_line(std::vector<std::string>& lines) {
    std::string_view line = line_;
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (auto const back = line.rfind('\r'); back != std::string_view::npos) line.remove_prefix(back + 1);
    lines.emplace_back(line);
    line_.clear();
}

}  // namespace sb::hooks
