#pragma once
// Rebuilds finished backup jobs from manifests, to restore the history of a lost journal. Manifests do not contain
// failures, restores and pauses.

#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"

#include <vector>

namespace sb::core {

/// One finished job for each manifest, by id; of several with the same id (a copied folder) only the newest.
std::vector<Job> jobs_from_manifests(std::vector<Backup> const& backups);

}  // namespace sb::core
