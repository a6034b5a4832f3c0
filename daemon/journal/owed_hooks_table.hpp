#pragma once
// The delayed hooks that have not run yet, as rows of the journal.

#include "daemon/core/owed_hook.hpp"
#include "daemon/journal/database.hpp"

#include <vector>

namespace sb::journal {

/// In the order of their jobs.
std::vector<core::OwedHook> owed_hooks(Database& database);
void add_owed_hook(Database& database, core::OwedHook const& hook);
void remove_owed_hook(Database& database, JobId job);
/// Call it in a transaction.
void replace_owed_hooks(Database& database, std::vector<core::OwedHook> const& hooks);

}  // namespace sb::journal
