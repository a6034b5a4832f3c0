#pragma once
// Keeps the journal small: only recent history is needed, for people and for estimated durations.

#include "daemon/journal/database.hpp"
#include "daemon/ports/journal.hpp"

namespace sb::journal {

inline constexpr int max_finished_jobs = ports::journal_depth;
inline constexpr int max_finished_runs = 1000;
/// The journal is pruned again after this many additions, so that the tables barely exceed the limits.
inline constexpr int additions_between_prunings = 100;

/// Deletes the oldest finished jobs with their transitions, and the oldest finished runs. Unfinished ones stay,
/// whatever their age. Returns the number of rows (without transitions).
int prune(Database& database);

}  // namespace sb::journal
