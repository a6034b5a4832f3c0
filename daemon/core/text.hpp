#pragma once
// How the core's sentences name moments: civil time, as the administrator's wall clock shows it.

#include "daemon/core/civil.hpp"

#include <string>

namespace sb::core {

/// "2026-11-23 05:04".
std::string moment_text(UtcTime time, Zone const& zone);

/// "2 hours 5 minutes": to the minute from an hour on, to the second below.
std::string length_text(Milliseconds length);

/// "1 backup", "2 backups".
std::string count_text(std::int64_t count, char const* one_of_them);

}  // namespace sb::core
