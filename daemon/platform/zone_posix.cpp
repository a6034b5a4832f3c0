#include "daemon/platform/zone.hpp"

#include <algorithm>
#include <ctime>

namespace sb::platform {

using namespace std::chrono;

namespace {

constexpr sys_seconds first_read = sys_days{year{2000} / January / 1};
constexpr sys_seconds last_read = sys_days{year{2060} / January / 1};
// No zone has changed twice within two days.
constexpr days step{2};

seconds ask_system(sys_seconds time) {
    auto const unix_time = static_cast<std::time_t>(time.time_since_epoch().count());
    std::tm civil{};
    if (::localtime_r(&unix_time, &civil) == nullptr) return seconds{0};
    return seconds{civil.tm_gmtoff};
}

/// The moment in (low, high] from which on the offset is the one at `high`.
sys_seconds change_between(sys_seconds low, sys_seconds high) {
    auto const before = ask_system(low);
    while (high - low > seconds{1}) {
        auto const middle = low + (high - low) / 2;
        if (ask_system(middle) == before) low = middle;
        else high = middle;
    }
    return high;
}

}  // namespace

SystemZone::SystemZone() : end_(last_read) {
    ::tzset();  // localtime_r alone need not notice that TZ has changed
    auto offset = ask_system(first_read);
    changes_.push_back({first_read, offset});
    for (auto day = first_read; day < last_read; day += step) {
        auto const next = ask_system(day + step);
        if (next == offset) continue;
        changes_.push_back({change_between(day, day + step), next});
        offset = next;
    }
}

seconds SystemZone::offset_at(UtcTime time) const {
    auto const second = floor<seconds>(time);
    if (second < changes_.front().at || second >= end_) return ask_system(second);
    auto const after = std::ranges::upper_bound(changes_, second, {}, &Change::at);
    return std::prev(after)->offset;
}

}  // namespace sb::platform
