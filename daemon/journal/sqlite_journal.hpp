#pragma once
// The Journal port on a SQLite file: jobs, and every change of their phase.

#include "daemon/async/pool.hpp"
#include "daemon/ports/journal.hpp"

#include <filesystem>
#include <functional>
#include <memory>

namespace sb::journal {

/// Opens or creates the journal. Blocking: for the daemon's start. A damaged file, or one of a newer version, is set
/// aside (<path>.damaged-<time>, logged) and a new one is started; the backups themselves do not depend on it.
/// Error `io` or `no_space` if the file system refuses.
/// `pool` must have exactly one thread, so that calls keep their order, and must outlive the journal.
/// `now` gives the time of the transitions.
Result<std::unique_ptr<ports::Journal>> open_journal(BlockingPool& pool, std::filesystem::path path,
                                                     std::function<UtcTime()> now = {});

}  // namespace sb::journal
