#pragma once
// Rebuilds finished backup jobs from manifests, to show the history of a lost journal. Manifests do not contain
// failures, restores and pauses. Such jobs are marked as claims: anyone who can write to the share can write a
// manifest, so no decision relies on them.

#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"

#include <optional>
#include <vector>

namespace sb::core {

/// Higher numbers in a manifest are not believed: otherwise one file in the share could use up all ids.
inline constexpr JobId max_believed_job = 1'000'000'000'000;

/// One finished job for each manifest, by id; of several with the same id (a copied folder) only the newest.
std::vector<Job> jobs_from_manifests(std::vector<Backup> const& backups);

/// Whether a job was never ordered, as far as the journal knows.
bool was_not_ordered(Job const& job);
/// Such a job as the manifest of its backup says, if there is one: an older journal was put back, which does not know
/// that the job was ordered and has ended. `finished` is set, the phase and the hooks are the journal's; the backup
/// does not count until it is adopted, so the VM is exported once more.
std::optional<Job> already_made(Job job, std::vector<Backup> const& backups);

/// The highest believed number of a job in the manifests; 0 = there is none.
JobId newest_job(std::vector<Backup> const& backups);

}  // namespace sb::core
