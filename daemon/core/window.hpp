#pragma once
// The backup window: the time of day in which scheduled exports may start. It is open while the wall clock shows a time
// in [start, end), whatever the clock does on the nights when it changes.

#include "daemon/core/civil.hpp"

#include <optional>

namespace sb::core {

struct DailyWindow {
    config::TimeOfDay start{0};
    config::TimeOfDay end{0};  ///< before `start`: on the next day; equal: always open

    bool always_open() const { return start == end; }
};

bool is_open(DailyWindow window, UtcTime now, Zone const& zone);

/// The next moment after `now` at which the window opens or closes; empty if it never does.
std::optional<UtcTime> next_change(DailyWindow window, UtcTime now, Zone const& zone);

/// The nominal wall clock time of the newest opening at or before `time`. It may be a time that the clock skipped in
/// spring. Durations that start at an opening start at this time.
CivilTime nominal_opening_before(DailyWindow window, UtcTime time, Zone const& zone);

/// The moment at which that window opened; it identifies the window. A window that is always open counts as a new one
/// each day at `start`.
UtcTime opening_before(DailyWindow window, UtcTime time, Zone const& zone);

/// The first opening after `time`.
UtcTime opening_after(DailyWindow window, UtcTime time, Zone const& zone);

}  // namespace sb::core
