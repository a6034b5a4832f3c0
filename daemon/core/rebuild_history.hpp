#pragma once
// What the manifests of finished backups tell of the jobs that made them: a journal that was lost gets its history back
// from them. Failures, restores and pauses are in no manifest.

#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"

#include <vector>

namespace sb::core {

/// One finished job for each manifest, by id; of several that claim the same id (a folder that was copied) one, the
/// newest.
std::vector<Job> jobs_told_by(std::vector<Backup> const& backups);

}  // namespace sb::core
