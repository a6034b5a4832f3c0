#pragma once
// Rebuilds the history of a lost journal from the backup folders.

#include "daemon/async/task.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/journal.hpp"

namespace sb::app {

/// Call it at the start, before any job, and regularly: a journal may be lost at any time. Does nothing unless the
/// journal is new. If LocalPath cannot be read, the next call tries again.
task<void> rebuild_history(ports::Journal& journal, ports::Catalog& catalog);

}  // namespace sb::app
