#pragma once
// A journal that was lost gets back what the folders tell.

#include "daemon/async/task.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/journal.hpp"

namespace sb::app {

/// To be called at the start, before jobs, and now and then: a journal may be lost at any time. Does nothing unless the
/// journal is new. If LocalPath cannot be read now, it is for the next call.
task<void> rebuild_lost_history(ports::Journal& journal, ports::Catalog& catalog);

}  // namespace sb::app
