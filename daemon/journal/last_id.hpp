#pragma once
// The highest id that a table with AUTOINCREMENT has given, also if its row was deleted since. Throws DatabaseError.

#include "daemon/journal/database.hpp"

#include <cstdint>
#include <string_view>

namespace sb::journal {

/// 0 if there was no row yet.
std::uint64_t last_id(Database& database, std::string_view table);
/// Ensures that the next id is higher.
void raise_last_id(Database& database, std::string_view table, std::uint64_t to);

}  // namespace sb::journal
