#pragma once
// Conditions as rows of the journal.

#include "daemon/core/condition.hpp"
#include "daemon/journal/database.hpp"

#include <vector>

namespace sb::journal {

/// Skips and logs a kind that this version does not know: another version raised it, and
/// this one could never clear it.
std::vector<core::Condition> recorded_conditions(Database& database);
/// Call it in a transaction.
void replace_conditions(Database& database, std::vector<core::Condition> const& conditions);

}  // namespace sb::journal
