#pragma once
// What the engine needs to verify backups. Real: daemon/catalog (with daemon/verify), on dedicated threads with idle
// priority. Fake: tests/simulation. All calls return to the event loop.

#include "common/error.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/verification.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace sb::ports {

struct Slice {
    std::uint64_t read_bytes = 0;  ///< what this slice cost
    std::uint64_t position = 0;    ///< of `total`, in bytes of the files, holes included
    std::uint64_t total = 0;
    bool done = false;
};

struct VerifyResult {
    core::Level level = core::Level::content;  ///< what was verified: reread if there was something to compare with
    bool cleared = false;                      ///< a mark of damage was removed
    std::vector<std::string> notes;            ///< problems that say nothing against the backup
    std::string digest_root{};                 ///< one hash over the names and digests of the files that were read
};

/// One backup's content while it is read.
class Reading {
public:
    virtual ~Reading() = default;
    /// Reads about this many more bytes. Errors: `damaged_backup`, `incomplete_backup`, `io`, `no_space`.
    virtual task<Result<Slice>> advance(std::uint64_t max_bytes) = 0;
    /// Flushes the progress to disk: the next Reading with the same `started` continues from here.
    virtual task<Result<void>> save_progress() = 0;
    /// After the last slice: records it in the manifest.
    virtual task<Result<VerifyResult>> finish(UtcTime at) = 0;
    /// Drops the progress.
    virtual task<Result<void>> discard_progress() = 0;
};

class Verification {
public:
    virtual ~Verification() = default;

    /// Checks the structure, and for a higher level what else must be right before the content is read.
    /// Errors: `not_found`, `refused`, `damaged_backup`, `incomplete_backup`, `io`.
    virtual task<Result<void>> check_structure(std::string backup, core::Level level) = 0;
    /// Records that the structure is valid. True if a mark of damage was removed.
    virtual task<Result<bool>> record_structure(std::string backup, UtcTime at) = 0;
    virtual task<Result<std::shared_ptr<Reading>>> begin_reading(std::string backup, UtcTime started) = 0;
    virtual task<Result<void>> record_damage(std::string backup, core::Damage damage) = 0;
};

}  // namespace sb::ports
