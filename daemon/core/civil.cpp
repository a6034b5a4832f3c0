#include "daemon/core/civil.hpp"

#include <algorithm>

namespace sb::core {

using namespace std::chrono;

CivilTime to_civil(UtcTime time, Zone const& zone) { return CivilTime{time.time_since_epoch() + zone.offset_at(time)}; }

UtcTime first_moment_of(CivilTime civil, Zone const& zone) {
    // Offsets are shorter than a day, and no zone changes twice within two days, so at most one change matters.
    UtcTime const as_utc{civil.time_since_epoch()};
    auto low = as_utc - days{1};
    auto high = as_utc + days{1};
    auto const before = zone.offset_at(low);
    auto const after = zone.offset_at(high);
    auto const with_before = as_utc - before;
    auto const with_after = as_utc - after;
    bool const before_fits = to_civil(with_before, zone) == civil;
    bool const after_fits = to_civil(with_after, zone) == civil;
    if (before_fits && after_fits) return std::min(with_before, with_after);
    if (before_fits) return with_before;
    if (after_fits) return with_after;
    // Skipped: find the moment of the change.
    while (high - low > milliseconds{1}) {
        auto const middle = low + (high - low) / 2;
        if (to_civil(middle, zone) >= civil) high = middle;
        else low = middle;
    }
    return high;
}

UtcTime add(UtcTime time, config::CivilDuration length, Zone const& zone) {
    if (length.days != 0) time = first_moment_of(to_civil(time, zone) + days{length.days}, zone);
    return time + length.rest;
}

}  // namespace sb::core
