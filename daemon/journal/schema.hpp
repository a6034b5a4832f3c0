#pragma once
// The journal's tables, and the steps from every earlier version of them to this one.

#include "daemon/journal/database.hpp"

#include <span>

namespace sb::journal {

/// What PRAGMA user_version holds after all steps.
int newest_schema();
/// 0 for a new database.
int schema_of(Database& database);
/// SQL, each from one version to the next.
using Steps = std::span<char const* const>;
/// Ours: the first leads from an empty file to version 1.
Steps all_steps();
/// Takes the missing steps, each in a transaction of its own: one that fails leaves the version before it, whole. The
/// version must not be newer than the last step's.
void migrate(Database& database, Steps steps);

}  // namespace sb::journal
