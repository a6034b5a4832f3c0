#include "daemon/core/window.hpp"

#include <algorithm>
#include <vector>

namespace sb::core {

using namespace std::chrono;

namespace {

using CivilDay = local_days;

bool shows_open(DailyWindow window, CivilTime civil) {
    auto const time_of_day = civil - floor<days>(civil);
    if (window.always_open()) return true;
    if (window.start < window.end) return window.start <= time_of_day && time_of_day < window.end;
    return window.start <= time_of_day || time_of_day < window.end;
}

/// The moments at which the wall clock shows `civil`: none in a gap, two in a repeated hour.
void append_moments(CivilTime civil, Zone const& zone, std::vector<UtcTime>& moments) {
    UtcTime const as_utc{civil.time_since_epoch()};
    auto const before = zone.offset_at(as_utc - days{1});
    auto const after = zone.offset_at(as_utc + days{1});
    moments.push_back(as_utc - before);
    if (before != after) moments.push_back(as_utc - after);  // one in a gap changes nothing, so it does no harm
}

/// The moment in (low, high] at which the offset changes, if it does.
std::optional<UtcTime> change_between(UtcTime low, UtcTime high, Zone const& zone) {
    auto const before = zone.offset_at(low);
    if (zone.offset_at(high) == before) return std::nullopt;
    while (high - low > milliseconds{1}) {
        auto const middle = low + (high - low) / 2;
        if (zone.offset_at(middle) == before) low = middle;
        else high = middle;
    }
    return high;
}

}  // namespace

bool is_open(DailyWindow window, UtcTime now, Zone const& zone) { return shows_open(window, to_civil(now, zone)); }

std::optional<UtcTime> next_change(DailyWindow window, UtcTime now, Zone const& zone) {
    if (window.always_open()) return std::nullopt;
    // Only its edges on the coming days and the clock's changes can open or close it.
    std::vector<UtcTime> moments;
    auto const today = floor<days>(to_civil(now, zone));
    for (int day = -1; day <= 2; ++day) {
        append_moments(CivilTime{today + days{day}} + window.start, zone, moments);
        append_moments(CivilTime{today + days{day}} + window.end, zone, moments);
    }
    if (auto const jump = change_between(now, now + days{2}, zone)) moments.push_back(*jump);
    std::ranges::sort(moments);
    bool const open = is_open(window, now, zone);
    for (auto const moment : moments)
        if (moment > now && is_open(window, moment, zone) != open) return moment;
    return std::nullopt;
}

CivilTime nominal_opening_before(DailyWindow window, UtcTime time, Zone const& zone) {
    // Tomorrow's opening may already be past where autumn repeats the hour around midnight.
    auto const today = floor<days>(to_civil(time, zone));
    for (int day = 1; day >= -2; --day) {
        auto const nominal = CivilTime{today + days{day}} + window.start;
        if (first_moment_of(nominal, zone) <= time) return nominal;
    }
    return CivilTime{today - days{3}} + window.start;
}

UtcTime opening_before(DailyWindow window, UtcTime time, Zone const& zone) {
    return first_moment_of(nominal_opening_before(window, time, zone), zone);
}

UtcTime opening_after(DailyWindow window, UtcTime time, Zone const& zone) {
    auto const today = floor<days>(to_civil(time, zone));
    for (int day = -1; day <= 2; ++day) {
        auto const opening = first_moment_of(CivilTime{today + days{day}} + window.start, zone);
        if (opening > time) return opening;
    }
    return time + days{1};
}

}  // namespace sb::core
