#pragma once
// How messages show times (civil time, as the administrator's wall clock shows it) and counts.

#include "daemon/core/civil.hpp"

#include <cstdint>
#include <string>

namespace sb::core {

/// "2026-11-23 05:04".
std::string moment_text(UtcTime time, Zone const& zone);

/// "1 backup", "2 backups".
std::string count_text(std::int64_t count, char const* one_of_them);

}  // namespace sb::core
