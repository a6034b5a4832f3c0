#pragma once
// `why VM`: whether the VM was backed up, whether it is due, what it waits for, when its next backup is expected, and
// which rule will delete which copy, in sentences. Uses the same values and functions as the scheduler and the
// clean-up.

#include "daemon/core/forecast.hpp"

namespace sb::core {

/// The VM's last unsuccessful export, if the journal has one.
struct LastFailure {
    UtcTime at;
    std::string error;
};

/// Complete sentences, in order. `days_ahead`: how far to simulate for the next backup, until `must_stop` says so.
std::vector<std::string> why(VmUuid const& vm, ForecastFacts const& facts, std::optional<LastFailure> const& failure,
                             int days_ahead, Zone const& zone, std::function<bool()> must_stop = {});

/// When and by which rule a copy that is kept for now will be deleted if the schedule continues: "MaxAge (30 days)
/// deletes it after 2026-12-23 17:02". Empty if no rule will. `place`: its place among the copies that MaxBackups
/// counts, newest = 1.
std::string future_of(Stored const& copy, int place, RetentionPolicy const& policy, Zone const& zone);

}  // namespace sb::core
