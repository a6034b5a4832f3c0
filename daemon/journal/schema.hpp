#pragma once
// The journal's tables, and the steps from every earlier version of them to this one.

#include "daemon/journal/database.hpp"

namespace sb::journal {

/// What PRAGMA user_version holds after all steps.
int newest_schema();
/// 0 for a new database.
int schema_of(Database& database);
/// Takes the missing steps, each in a transaction of its own. The version must not be newer than ours.
void migrate(Database& database);

}  // namespace sb::journal
