#pragma once
// The journal's tables, and the migrations from every earlier version to this one.

#include "daemon/journal/database.hpp"

#include <span>

namespace sb::journal {

/// The value of PRAGMA user_version after all steps.
int newest_schema();
/// 0 for a new database.
int schema_of(Database& database);
/// SQL, each from one version to the next.
using Steps = std::span<char const* const>;
/// Our steps: the first one migrates an empty file to version 1.
Steps all_steps();
/// Runs the missing steps, each in its own transaction: a step that fails leaves the previous version intact. The
/// version must not be newer than the last step's.
void migrate(Database& database, Steps steps);
/// Throws DatabaseError with SQLITE_CORRUPT if a table or a column of the newest version is missing: a changed byte in
/// a name leaves valid SQL, which is noticed only where that column is used.
void check_columns(Database& database);

}  // namespace sb::journal
