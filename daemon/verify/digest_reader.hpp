#pragma once
// Reads scale-backup.digests in pieces, however long it is. It is not believed: each mark, root and end is computed
// again.

#include "daemon/platform/random_access.hpp"
#include "daemon/verify/digest_writer.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::verify {

class DigestReader {
public:
    enum class Kind { begun, file, chunks, root, mark, end };
    struct Item {
        Kind kind = Kind::end;
        Digest chunk{};           ///< chunks: of each of them
        std::uint64_t count = 0;  ///< chunks: so many
    };

    explicit DigestReader(platform::RandomAccess const& text) : text_(text) {}

    /// `damaged_backup` for a line that cannot stand there, `incomplete_backup` where the text ends without an end,
    /// `io`.
    Result<Item> next();

    /// With everything up to and including the last item.
    DigestsSoFar const& so_far() const { return so_far_; }
    UtcTime begun() const { return begun_; }

private:
    Result<std::string> next_line();
    Result<Item> understand(std::string const& line);
    Result<Item> head(std::string const& line);
    Result<Item> file_line(std::string_view rest);
    Result<Item> chunks_line(Digest const& digest, std::uint64_t count);
    Result<Item> root_line(std::string_view rest);
    Error bad(std::string const& words) const;

    platform::RandomAccess const& text_;
    std::vector<std::byte> window_;
    std::size_t in_window_ = 0;  ///< the next byte
    std::uint64_t read_ = 0;     ///< of the text, the window included
    DigestsSoFar so_far_;
    UtcTime begun_;
    std::uint64_t lines_ = 0;
};

/// All files that it tells of, after every line was checked to the last byte.
Result<std::vector<ProvenFile>> read_digests(platform::RandomAccess const& text);

/// What an interrupted proof that was begun at this moment left, up to its last mark; nothing if there is none of use.
std::optional<DigestsSoFar> resume_point(platform::RandomAccess const& text, UtcTime begun);

/// The chunk digests of a file of digests, one by one. It was checked before.
class DigestStream {
public:
    explicit DigestStream(std::unique_ptr<platform::RandomAccess> text) : text_(std::move(text)), reader_(*text_) {}
    /// Passes over this many chunks, of whatever files.
    Result<void> skip(std::uint64_t chunks);
    Result<Digest> next();

private:
    Result<void> fill();

    std::unique_ptr<platform::RandomAccess> text_;
    DigestReader reader_;
    DigestReader::Item present_;
};

}  // namespace sb::verify
