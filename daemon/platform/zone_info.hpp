#pragma once
// Which time zone this process uses, for people. A zone that the C library does not know is UTC without a word: every
// window of the configuration would be hours off.

#include "common/time.hpp"

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sb::platform {

struct ZoneInfo {
    std::string name;                    ///< "Europe/Berlin", "CET-1CEST", "UTC" if none is set
    std::chrono::minutes offset{0};      ///< from UTC
    std::optional<std::string> problem;  ///< why all times are UTC although another zone is set
};

/// Of this process, with the offset of `now`.
ZoneInfo zone_info(UtcTime now);
/// "Europe/Berlin (UTC+01:00)"
std::string zone_text(ZoneInfo const& zone);

/// The name and the problem of a zone: `tz` is the variable TZ, and files are searched below `root` ("/").
ZoneInfo zone_named(std::optional<std::string> const& tz, std::filesystem::path const& root);

}  // namespace sb::platform
