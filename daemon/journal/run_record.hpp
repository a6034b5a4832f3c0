#pragma once
// Scheduled runs as rows of the journal.

#include "daemon/core/run.hpp"
#include "daemon/journal/database.hpp"

#include <cstdint>
#include <vector>

namespace sb::journal {

core::RunId add_run(Database& database, core::Run const& run);
/// False if the journal has a newer revision. Throws Error `not_found` if there is no run with this id.
bool save_run(Database& database, core::Run const& run);
/// Keeps the run's id and replaces a row that has it.
void put_run(Database& database, core::Run const& run);
/// Newest first. By id, not by time: the wall clock can jump.
std::vector<core::Run> recent_runs(Database& database, std::int64_t limit);
/// Throws DatabaseError if a row is unreadable.
std::vector<core::Run> unfinished_runs(Database& database);

}  // namespace sb::journal
