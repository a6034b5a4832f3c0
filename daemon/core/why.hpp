#pragma once
// `why VM`: in plain sentences, was it backed up, is it due, what does it wait for, when is it expected, which rule
// will delete which copy. From the same values and functions as the scheduler and the clean-up.

#include "daemon/core/forecast.hpp"

namespace sb::core {

/// The last export of the VM that did not succeed, if the journal knows one.
struct LastFailure {
    UtcTime at;
    std::string error;
};

/// Sentences, each complete, in the order in which they are told. `days_ahead`: how far to look for the next backup.
std::vector<std::string> why(VmUuid const& vm, ForecastFacts const& facts, std::optional<LastFailure> const& failure,
                             int days_ahead, Zone const& zone);

/// When and by which rule a copy that stays for now will go, if the schedule goes on: "MaxAge (30 days) deletes it
/// after 2026-12-23 17:02". Empty if no rule will. `place`: its place among the copies that MaxBackups counts, newest
/// = 1.
std::string future_of(Stored const& copy, int place, RetentionPolicy const& policy, Zone const& zone);

}  // namespace sb::core
