#pragma once
// Verifies the content of a backup's files in slices: computes the digest of every chunk, compares it with that of an
// earlier verification if there is one, and writes a digest file. Blocking: run each call on a pool.

#include "common/time.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/verify/digest_reader.hpp"
#include "daemon/verify/digest_writer.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sb::verify {

inline constexpr char const* digests_file_name = "scale-backup.digests";
/// While a verification is in progress.
inline constexpr char const* unfinished_digests_name = ".scale-backup.digests.new";

struct FileToVerify {
    std::string name;
    std::uint64_t size = 0;
    std::optional<Digest> root;  ///< from an earlier verification: must still be the same
};

class ContentVerification {
public:
    /// `started_at` identifies this verification: the progress of an interrupted one with the same time is used. Errors
    /// as advance().
    static Result<std::unique_ptr<ContentVerification>> begin(platform::Folder folder, std::vector<FileToVerify> files,
                                                              UtcTime started_at);

    /// Reads about this many more bytes. Returns the number of bytes read. `damaged_backup` if a file has changed,
    /// `incomplete_backup` if it is missing, `io` if it cannot be read. The message names the file.
    Result<std::uint64_t> advance(std::uint64_t max_bytes, unsigned threads);
    bool done() const { return at_ == files_.size(); }
    /// In bytes of the files, including holes.
    std::uint64_t position() const { return position_; }
    std::uint64_t total() const { return total_; }
    /// Whether every file is compared with an earlier verification.
    bool compares() const { return compares_; }

    /// Flushes the progress to disk, for a verification that is interrupted.
    Result<void> save_progress() { return writer_->checkpoint(); }
    /// Call when done(): gives the digest file its final name. Returns the files with their roots.
    Result<std::vector<VerifiedFile>> finish();
    /// Problems that do not concern the backup itself, as messages.
    std::vector<std::string> const& notes() const { return notes_; }

private:
    ContentVerification(platform::Folder folder, std::vector<FileToVerify> files)
        : folder_(std::move(folder)), files_(std::move(files)) {}

    Result<void> start(UtcTime started_at);
    Result<void> load_earlier_digests();
    bool continues(DigestProgress const& so_far) const;
    Result<void> open_file();
    Result<void> take(std::vector<Digest> const& digests);
    Result<void> compare(Digest const& found, std::uint64_t chunk);
    Result<void> close_file();
    FileToVerify const& current() const { return files_[at_]; }

    platform::Folder folder_;
    std::vector<FileToVerify> files_;
    std::size_t at_ = 0;  ///< index of the file being read
    std::unique_ptr<platform::RandomAccess> file_;
    std::optional<DigestStream> earlier_;  ///< empty = only roots can be compared
    /// With `earlier_`: for each file, the number of chunks of other files before it.
    std::vector<std::uint64_t> chunks_of_others_;
    std::unique_ptr<DigestWriter> writer_;
    std::uint64_t position_ = 0, total_ = 0;
    std::uint64_t unsaved_ = 0;  ///< bytes since the last checkpoint
    bool compares_ = false;
    std::vector<std::string> notes_;
};

/// Removes the progress of an interrupted verification.
Result<void> remove_unfinished_digests(platform::Folder const& folder);

}  // namespace sb::verify
