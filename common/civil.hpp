#pragma once
// Civil time as people write it in the configuration: lengths in calendar days, and times of day.
// Turning them into moments needs a time zone and happens elsewhere (common/zone.hpp).

#include <chrono>

namespace sb {

/// A length of time as people write it. Days follow the civil calendar (a day may have 23 or 25 hours);
/// the rest is exact. '1 day 12 hours' = {1, 12 h}; a week is 7 days, a month 30, a year 365.
struct CivilDuration {
    int days = 0;
    std::chrono::seconds rest{0};
    bool operator==(CivilDuration const&) const = default;
};

/// Minutes after local midnight, 0 to 1439.
using TimeOfDay = std::chrono::minutes;

}  // namespace sb
