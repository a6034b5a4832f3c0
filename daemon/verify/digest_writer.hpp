#pragma once
// Writes scale-backup.digests as the chunks come. Whatever the crash, what stands above a mark can be used again.

#include "common/time.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/verify/digest_format.hpp"

#include <memory>
#include <string>

namespace sb::verify {

/// How far a file of digests goes: all that is needed to write on.
struct DigestsSoFar {
    Sha256 text;                     ///< over every byte of it
    std::vector<ProvenFile> files;   ///< those that are complete
    std::optional<ProvenFile> open;  ///< the one that is not; its root is not known yet
    std::uint64_t open_chunks = 0;   ///< so many of its chunks stand there
    Sha256 open_root;                ///< over these
    std::uint64_t bytes = 0;         ///< length of the text
};

class DigestWriter {
public:
    /// Continues where `so_far` ends; `out` is positioned there.
    DigestWriter(std::unique_ptr<platform::Appender> out, DigestsSoFar so_far);

    void begin(UtcTime begun);
    void begin_file(std::string const& name, std::uint64_t size);
    void add(Digest const& chunk);
    /// The file's root.
    Digest end_file();
    /// Brings all of it to the disk, with a mark.
    Result<void> mark() { return close_with("mark "); }
    /// The last line.
    Result<void> end() { return close_with("end "); }

    DigestsSoFar const& so_far() const { return so_far_; }

private:
    void line(std::string text);
    void write_zeros();
    Result<void> close_with(std::string_view word);

    std::unique_ptr<platform::Appender> out_;
    DigestsSoFar so_far_;
    std::string pending_;      ///< not yet given to `out_`
    std::uint64_t zeros_ = 0;  ///< chunks of zeros that no line tells of yet
};

}  // namespace sb::verify
