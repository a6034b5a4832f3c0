#pragma once
// Writes scale-backup.digests chunk by chunk. After a crash, everything above the last checkpoint is usable.

#include "common/time.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/verify/digest_format.hpp"

#include <memory>
#include <string>

namespace sb::verify {

/// The state of a partly written digest file: everything needed to continue it.
struct DigestProgress {
    Sha256 text;                       ///< hash of the whole text
    std::vector<VerifiedFile> files;   ///< the complete ones
    std::optional<VerifiedFile> open;  ///< the incomplete one; its root is not known yet
    std::uint64_t open_chunks = 0;     ///< number of its chunks written so far
    Sha256 open_root;                  ///< hash of these chunks' digests
    std::uint64_t bytes = 0;           ///< length of the text
};

class DigestWriter {
public:
    /// Continues where `so_far` ends; `out` is positioned there.
    DigestWriter(std::unique_ptr<platform::Appender> out, DigestProgress so_far);

    void begin(UtcTime started);
    void begin_file(std::string const& name, std::uint64_t size);
    void add(Digest const& chunk);
    /// Returns the file's root.
    Digest end_file();
    /// Writes a checkpoint and flushes everything to disk.
    Result<void> checkpoint() { return close_with("mark "); }
    /// Writes the last line.
    Result<void> end() { return close_with("end "); }

    DigestProgress const& so_far() const { return so_far_; }

private:
    void line(std::string text);
    void write_zeros();
    Result<void> close_with(std::string_view word);

    std::unique_ptr<platform::Appender> out_;
    DigestProgress so_far_;
    std::string pending_;      ///< not yet written to `out_`
    std::uint64_t zeros_ = 0;  ///< chunks of zeros that are not yet written
};

}  // namespace sb::verify
