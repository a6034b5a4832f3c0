#pragma once
// Finished jobs that only manifests in the share name. Anyone who can write there can write any manifest: such jobs get
// numbers of this journal, and there is a limit to them. Throws DatabaseError.

#include "common/time.hpp"
#include "daemon/core/job.hpp"
#include "daemon/journal/database.hpp"

#include <vector>

namespace sb::journal {

/// Adds these, the oldest first, without those whose export the journal knows. A job keeps its id if that is free and
/// below the next one; otherwise it gets the next one. Of more than fit into core::max_claimed_jobs, the newest are
/// added. Returns what was added, with the new ids. The caller has a transaction.
std::vector<core::Job> add_claimed_jobs(Database& database, std::vector<core::Job> jobs, UtcTime now);

}  // namespace sb::journal
