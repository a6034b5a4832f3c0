#pragma once
// Reads scale-backup.digests in pieces, so its length does not matter. Trusts nothing: recomputes each checkpoint, root
// and end.

#include "daemon/platform/random_access.hpp"
#include "daemon/verify/digest_writer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::verify {

class DigestReader {
public:
    enum class Kind { started, file, chunks, root, checkpoint, end };
    struct Item {
        Kind kind = Kind::end;
        Digest chunk{};           ///< of `chunks`: the digest of each of them
        std::uint64_t count = 0;  ///< of `chunks`: how many
    };

    explicit DigestReader(platform::RandomAccess const& text) : text_(text) {}

    /// `damaged_backup` for an invalid line, `incomplete_backup` if the text stops without an end line, `io`.
    Result<Item> next();

    /// Includes everything up to and including the last item.
    DigestProgress const& so_far() const { return so_far_; }
    UtcTime started() const { return started_; }

private:
    Result<std::string> next_line();
    Result<Item> parse(std::string const& line);
    Result<Item> head(std::string const& line);
    Result<Item> file_line(std::string_view rest);
    Result<Item> chunks_line(Digest const& digest, std::uint64_t count);
    Result<Item> root_line(std::string_view rest);
    Error bad(std::string const& problem) const;

    platform::RandomAccess const& text_;
    std::vector<std::byte> window_;
    std::size_t in_window_ = 0;  ///< index of the next byte
    std::uint64_t read_ = 0;     ///< bytes of the text, including the window
    DigestProgress so_far_;
    UtcTime started_;
    std::uint64_t lines_ = 0;
};

/// All files that the text lists, after a check of every line.
Result<std::vector<VerifiedFile>> read_digests(platform::RandomAccess const& text);

/// The progress of the interrupted verification with this start time, up to its last checkpoint; nothing if none is
/// usable.
std::optional<DigestProgress> resume_point(platform::RandomAccess const& text, UtcTime started);

/// The chunk digests of a digest file, one by one. The file has been checked before.
class DigestStream {
public:
    explicit DigestStream(std::unique_ptr<platform::RandomAccess> text) : text_(std::move(text)), reader_(*text_) {}
    /// Skips this many chunks, across files.
    Result<void> skip(std::uint64_t chunks);
    Result<Digest> next();

private:
    Result<void> fill();

    std::unique_ptr<platform::RandomAccess> text_;
    DigestReader reader_;
    DigestReader::Item current_;
};

}  // namespace sb::verify
