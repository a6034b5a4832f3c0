#pragma once
// Proves the content of a backup's files in slices: computes the digests of every chunk, compares them with those of an
// earlier proof where there is one, and leaves a file of digests behind. Blocking: run each call on a pool.

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
/// While a proof is under way.
inline constexpr char const* unfinished_digests_name = ".scale-backup.digests.new";

struct FileToProve {
    std::string name;
    std::uint64_t size = 0;
    std::optional<Digest> root;  ///< of an earlier proof: what it must still be
};

class ContentProof {
public:
    /// `begun` names this proof: what an interrupted one with the same name left is used. Errors as advance().
    static Result<std::unique_ptr<ContentProof>> begin(platform::Folder folder, std::vector<FileToProve> files,
                                                       UtcTime begun);

    /// Reads about so many bytes on. The number of bytes read. `damaged_backup` if a file is not what it was,
    /// `incomplete_backup` if it is missing, `io` if it cannot be read. The words name the file.
    Result<std::uint64_t> advance(std::uint64_t most_bytes, unsigned threads);
    bool done() const { return at_ == files_.size(); }
    /// In bytes of the files, holes included.
    std::uint64_t position() const { return position_; }
    std::uint64_t total() const { return total_; }
    /// Whether every file is compared with an earlier proof.
    bool compares() const { return compares_; }

    /// Brings the progress to the disk, for a proof that is interrupted.
    Result<void> keep() { return writer_->mark(); }
    /// To be called when done(): the digests get their final name. The files with their roots.
    Result<std::vector<ProvenFile>> finish();
    /// What went wrong without saying anything against the backup, in words.
    std::vector<std::string> const& notes() const { return notes_; }

private:
    ContentProof(platform::Folder folder, std::vector<FileToProve> files)
        : folder_(std::move(folder)), files_(std::move(files)) {}

    Result<void> start(UtcTime begun);
    Result<void> look_at_earlier_digests();
    bool continues(DigestsSoFar const& so_far) const;
    Result<void> open_file();
    Result<void> take(std::vector<Digest> const& digests);
    Result<void> compare(Digest const& found, std::uint64_t chunk);
    Result<void> close_file();
    FileToProve const& present() const { return files_[at_]; }

    platform::Folder folder_;
    std::vector<FileToProve> files_;
    std::size_t at_ = 0;  ///< the file that is being read
    std::unique_ptr<platform::RandomAccess> file_;
    std::optional<DigestStream> earlier_;  ///< empty: only roots can be compared
    std::unique_ptr<DigestWriter> writer_;
    std::uint64_t position_ = 0, total_ = 0;
    std::uint64_t unkept_ = 0;  ///< bytes since the last mark
    bool compares_ = false;
    std::vector<std::string> notes_;
};

/// Removes what an interrupted proof left.
Result<void> forget_unfinished_proof(platform::Folder const& folder);

}  // namespace sb::verify
