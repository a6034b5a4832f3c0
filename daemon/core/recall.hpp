#pragma once
// What the journal knows of backups whose folders have not answered since the start, so that no manifest of them was
// read: which VM each belongs to, when it was made, how it ended. Pure.

#include "daemon/core/trusted_copy.hpp"

#include <vector>

namespace sb::core {

/// Whether nothing but its folder's name is known of this backup.
bool needs_recall(Backup const& backup);

/// Gives each of those the manifest that the journal can vouch for, by the name of its folder; without files, disks and
/// verifications. It stays `unverified` and unanswered. One that the journal does not know stays as it is.
/// `rows`: all that the journal vouches for. `newest_first`: its jobs.
void recall(std::vector<Backup>& backups, std::vector<TrustedCopy> const& rows, std::vector<Job> const& newest_first);

}  // namespace sb::core
