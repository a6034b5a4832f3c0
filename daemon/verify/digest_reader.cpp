#include "daemon/verify/digest_reader.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>
#include <charconv>

namespace sb::verify {
namespace {

constexpr std::size_t window_bytes = 64 * 1024;
/// Larger claims are rejected: following them would take hours.
constexpr std::uint64_t max_file_bytes = std::uint64_t{1} << 48;
constexpr std::size_t max_line_length = 4096;  // a name of 255 bytes, each as %XX

std::optional<std::uint64_t> number_in(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (problem != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
    return value;
}

/// As the writer escapes it: only upper case.
int escaped_value(char c) { return c == upper(c) ? hex_value(c) : -1; }

}  // namespace

std::optional<std::string> unescape_name(std::string_view text) {
    std::string name;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            name += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        int const high = escaped_value(text[i + 1]);
        int const low = escaped_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        name += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return name;
}

Error DigestReader::bad(std::string const& problem) const {
    return {Errc::damaged_backup, "line " + std::to_string(lines_) + " of the digests " + problem};
}

Result<std::string> DigestReader::next_line() {
    std::string line;
    ++lines_;
    for (;;) {
        if (in_window_ == window_.size()) {
            auto const left = text_.size() - read_;
            if (left == 0) return Error{Errc::incomplete_backup, "the digests are truncated"};
            window_.resize(static_cast<std::size_t>(std::min<std::uint64_t>(window_bytes, left)));
            if (auto done = text_.read(read_, window_); !done) return done.error();
            read_ += window_.size();
            in_window_ = 0;
        }
        auto const c = static_cast<char>(window_[in_window_++]);
        if (c == '\n') return line;
        if (line.size() == max_line_length) return bad("is too long");
        line += c;
    }
}

Result<DigestReader::Item> DigestReader::next() {
    auto line = next_line();
    if (!line) return line.error();
    // A checkpoint covers everything above it.
    auto const above =
        line->starts_with("mark ") || line->starts_with("end ") ? std::optional(so_far_.text.so_far()) : std::nullopt;
    so_far_.text.update(*line + "\n");
    so_far_.bytes += line->size() + 1;
    if (above) {
        bool const is_end = line->starts_with("end ");
        if (digest_from_hex(std::string_view(*line).substr(is_end ? 4 : 5)) != above)
            return bad("does not match the text above it");
        if (is_end && (so_far_.open || lines_ < 4)) return bad("ends them too early");
        return Item{.kind = is_end ? Kind::end : Kind::checkpoint};
    }
    return parse(*line);
}

Result<DigestReader::Item> DigestReader::parse(std::string const& line) {
    if (lines_ <= 3) return head(line);
    std::string_view const text = line;
    if (text.starts_with("file ")) return file_line(text.substr(5));
    if (text.starts_with("root ")) return root_line(text.substr(5));
    if (text.starts_with("zero ")) {
        auto const count = number_in(text.substr(5));
        if (!count || *count == 0) return bad("has no valid number of chunks");
        return chunks_line(digest_of_zeros(), *count);
    }
    auto const digest = digest_from_hex(text);
    if (!digest) return bad("is not valid");
    return chunks_line(*digest, 1);
}

Result<DigestReader::Item> DigestReader::head(std::string const& line) {
    if (lines_ == 1) {
        if (line != digests_first_line) return bad("does not name version 1 of the format");
        return next();
    }
    if (lines_ == 2) {
        auto const started =
            line.starts_with("begun ") ? parse_rfc3339(line.substr(6)) : Result<UtcTime>(bad("has no time"));
        if (!started) return bad("has no valid start time");
        started_ = *started;
        return next();
    }
    if (line != "chunk " + std::to_string(chunk_bytes)) return bad("has a chunk size other than 2 MiB");
    return Item{.kind = Kind::started};
}

Result<DigestReader::Item> DigestReader::file_line(std::string_view rest) {
    auto const space = rest.find(' ');
    auto const size = number_in(rest.substr(0, space));
    if (so_far_.open || space == rest.npos || !size || *size > max_file_bytes) return bad("does not start a file");
    auto name = unescape_name(rest.substr(space + 1));
    if (!name || name->empty()) return bad("has no valid file name");
    so_far_.open = VerifiedFile{std::move(*name), *size, {}};
    so_far_.open_chunks = 0;
    so_far_.open_root = Sha256();
    return Item{.kind = Kind::file};
}

Result<DigestReader::Item> DigestReader::chunks_line(Digest const& digest, std::uint64_t count) {
    if (!so_far_.open || count > chunks_of(so_far_.open->size) - so_far_.open_chunks)
        return bad("has more chunks than its file");
    for (std::uint64_t i = 0; i < count; ++i) so_far_.open_root.update(digest);
    so_far_.open_chunks += count;
    return Item{.kind = Kind::chunks, .chunk = digest, .count = count};
}

Result<DigestReader::Item> DigestReader::root_line(std::string_view rest) {
    if (!so_far_.open || so_far_.open_chunks != chunks_of(so_far_.open->size)) return bad("ends an incomplete file");
    so_far_.open->root = so_far_.open_root.finish();
    if (digest_from_hex(rest) != so_far_.open->root) return bad("does not match the digests of its file");
    so_far_.files.push_back(std::move(*so_far_.open));
    so_far_.open.reset();
    return Item{.kind = Kind::root};
}

Result<std::vector<VerifiedFile>> read_digests(platform::RandomAccess const& text) {
    DigestReader reader(text);
    for (;;) {
        auto const item = reader.next();
        if (!item) return item.error();
        if (item->kind == DigestReader::Kind::end) break;
    }
    if (reader.so_far().bytes != text.size())
        return Error{Errc::damaged_backup, "there is data after the end of the digests"};
    return reader.so_far().files;
}

std::optional<DigestProgress> resume_point(platform::RandomAccess const& text, UtcTime started) {
    DigestReader reader(text);
    std::optional<DigestProgress> last;
    for (;;) {
        auto const item = reader.next();
        if (!item) return last;  // truncated by the crash, or damaged: everything above the last checkpoint is valid
        if (reader.started() != std::chrono::floor<std::chrono::seconds>(started)) return std::nullopt;
        if (item->kind == DigestReader::Kind::end) return last;
        if (item->kind == DigestReader::Kind::checkpoint) last = reader.so_far();
    }
}

Result<void> DigestStream::fill() {
    while (current_.count == 0) {
        auto item = reader_.next();
        if (!item) return item.error();
        if (item->kind == DigestReader::Kind::end)
            return Error{Errc::damaged_backup, "the digests have too few chunks"};
        current_ = *item;
    }
    return {};
}

Result<void> DigestStream::skip(std::uint64_t chunks) {
    while (chunks > 0) {
        if (auto filled = fill(); !filled) return filled;
        auto const some = std::min(chunks, current_.count);
        current_.count -= some;
        chunks -= some;
    }
    return {};
}

Result<Digest> DigestStream::next() {
    if (auto filled = fill(); !filled) return filled.error();
    --current_.count;
    return current_.chunk;
}

}  // namespace sb::verify
