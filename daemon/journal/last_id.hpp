#pragma once
// The highest id that a table with AUTOINCREMENT has given, also if its row was deleted since. Throws DatabaseError.
// The manifests in the share claim ids of jobs, and anyone who can write there can claim any number.

#include "daemon/journal/database.hpp"

#include <cstdint>
#include <string_view>

namespace sb::journal {

/// JSON's numbers are exact up to here. SQLite gives no id after 2^63 - 1, and calls that a full disk.
inline constexpr std::uint64_t max_id = (std::uint64_t{1} << 53) - 1;

/// 0 if there was no row yet.
std::uint64_t last_id(Database& database, std::string_view table);
/// Ensures that the next id is higher. Does nothing beyond max_id.
void raise_last_id(Database& database, std::string_view table, std::uint64_t to);
/// Removes finished jobs whose id is above max_id, which an earlier version took over from a manifest, so that the next
/// ids follow the others. Returns how many there were.
int forget_impossible_jobs(Database& database);

}  // namespace sb::journal
