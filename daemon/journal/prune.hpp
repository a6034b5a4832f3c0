#pragma once
// Keeps the journal small: history is for people and for durations, and nobody looks up a job of years ago.

#include "daemon/journal/database.hpp"

namespace sb::journal {

inline constexpr int kept_jobs = 5000;  ///< finished ones
inline constexpr int kept_runs = 1000;  ///< finished ones
/// After so many additions it is done again, so that the tables exceed the limits by little.
inline constexpr int additions_between_prunings = 100;

/// Deletes the oldest finished jobs with their transitions, and the oldest finished runs. What is unfinished stays,
/// whatever its age. The number of rows (without transitions).
int prune(Database& database);

}  // namespace sb::journal
