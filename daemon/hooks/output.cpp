#include "daemon/hooks/output.hpp"

#include "common/text/utf8.hpp"

namespace sb::hooks {

void Tail::add(std::string_view bytes) {
    if (bytes.size() > most_) {
        cut_ = true;
        bytes.remove_prefix(bytes.size() - most_);
    }
    kept_ += bytes;
    // Twice the size before anything is moved: each byte moves once at most, on average.
    if (kept_.size() > 2 * most_) {
        cut_ = true;
        kept_.erase(0, kept_.size() - most_);
    }
}

std::string Tail::text() const {
    std::size_t begin = kept_.size() > most_ ? kept_.size() - most_ : 0;
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
        if (begun_.size() >= longest_) end_line(lines);
        begun_ += c;
    }
    return lines;
}

std::vector<std::string> Lines::rest() {
    std::vector<std::string> lines;
    if (!begun_.empty()) end_line(lines);
    return lines;
}

void Lines::end_line(std::vector<std::string>& lines) {
    std::string_view line = begun_;
    while (line.ends_with('\r')) line.remove_suffix(1);
    if (auto const back = line.rfind('\r'); back != std::string_view::npos) line.remove_prefix(back + 1);
    lines.emplace_back(line);
    begun_.clear();
}

}  // namespace sb::hooks
