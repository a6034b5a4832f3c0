#pragma once
// Rebuilds finished backup jobs from manifests, to show the history of a lost journal. Manifests do not contain
// failures, restores and pauses. Such jobs are marked as claims: anyone who can write to the share can write a
// manifest, so no decision relies on them, and the number that it claims is shown, but raises none of ours.

#include "daemon/core/job.hpp"
#include "daemon/core/manifest.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace sb::core {

/// The journal keeps this many of them at most, so that planted folders do not displace its own jobs.
inline constexpr std::size_t max_claimed_jobs = 2000;

/// One finished job for each manifest, the oldest first; of those of the same export (a copied folder) only the newest.
/// If there are more than max_claimed_jobs, the newest. The id is the one that the manifest claims, and a warning names
/// it: the journal gives others.
std::vector<Job> jobs_from_manifests(std::vector<Backup> const& backups);

/// Whether a job was never ordered, as far as the journal knows.
bool was_not_ordered(Job const& job);
/// Such a job as the manifest of its backup says, if there is one: an older journal was put back, which does not know
/// that the job was ordered and has ended. Only by the attempt that the journal has: anyone could plant the rest. A job
/// that has no attempt yet fails, because its name is taken. `finished` is set, the phase and the hooks are the
/// journal's; the backup does not count until it is adopted, so the VM is exported once more.
std::optional<Job> already_made(Job job, std::vector<Backup> const& backups);

/// The highest number of a job that a manifest claims; 0 = there is none.
JobId newest_job(std::vector<Backup> const& backups);

}  // namespace sb::core
