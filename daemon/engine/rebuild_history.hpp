#pragma once
// Rebuilds the history of a lost journal, and completes that of an older one that was put back, from the backup
// folders.

#include "daemon/async/task.hpp"
#include "daemon/core/cluster_origin.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/ports/journal.hpp"

#include <vector>

namespace sb::engine {

/// Call it at the start, before any job, and regularly: a journal may be lost at any time. Does nothing unless the
/// journal is new. If LocalPath cannot be read, the next call tries again.
task<void> rebuild_history(ports::Journal& journal, ports::Catalog& catalog);

/// LocalPath may have folders of exports that no job of the journal has ordered: the journal is new, or an older one
/// was put back while they ran. What ids their jobs had is not known, so new jobs get ids well above. Each folder
/// counts once; one of another cluster's daemon costs nothing but numbers.
task<void> skip_ids_of_unknown_exports(ports::Journal& journal, ports::Catalog& catalog);

/// At the start, before any job: all of these, with the folders that are there now.
task<void> restore_history(ports::Journal& journal, ports::Catalog& catalog, ClusterIdentityWatch const& identity);

/// Call it once, as soon as LocalPath can be read: an older journal may have been put back.
/// Jobs of the present cluster that are newer than the journal are added to it, and the journal notes that it was
/// older. They get numbers of this journal: what a manifest claims raises none. `backups` must have been listed before
/// the call.
task<void> complete_history(ports::Journal& journal, std::vector<core::Backup> backups, core::PresentCluster present);

}  // namespace sb::engine
