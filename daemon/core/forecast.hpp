#pragma once
// Simulates the coming nights with the scheduler's own functions and the durations and sizes known so far: which VM is
// backed up when, which copies are deleted, whether the window is long enough, when the disk is full. An estimate: it
// assumes no failures and no manual backups.

#include "daemon/core/plan.hpp"
#include "daemon/core/retention.hpp"

#include <functional>

namespace sb::core {

struct ForecastFacts {
    Facts schedule;
    Settings settings;  ///< a pause is ignored
    std::vector<VmUuid> in_progress;
    RetentionFacts retention;
    RetentionPolicy policy;
    std::uint64_t free_bytes = 0;
};

struct PlannedBackup {
    VmUuid vm;
    std::string name;
    UtcTime starts, ends;
};

struct ToBeDeleted {
    std::string backup;  ///< its name; for a future backup, its time and its VM
    std::string vm_name;
    Rule rule{};
};

/// One occurrence of the window; if it is always open, a day from `start` to `start`.
struct Night {
    UtcTime opens;  ///< or the current time, if it is open now
    UtcTime closes;
    UtcTime ends;  ///< end of the last export
    std::vector<PlannedBackup> backed_up;
    std::vector<Skipped> not_reached;  ///< due when the window closed: it was too short for them
    std::vector<ToBeDeleted> deleted;
    bool confirmation_needed =
        false;  ///< the clean-up would delete more than half, so it deletes nothing without a confirmation
    std::uint64_t free_bytes = 0;  ///< after the clean-up

    bool long_enough() const { return not_reached.empty(); }
};

struct Forecast {
    std::vector<Night> nights;
    std::optional<UtcTime> disk_full_at;  ///< the end of the export that no longer fits
};

/// The most that one simulation may compute: days times VMs. That takes up to a minute.
inline constexpr std::size_t max_simulated_vm_days = 200'000;

/// `invalid_params`, with the number of days that is possible, if it is more.
Result<void> check_forecast_size(int days, std::size_t vms);

/// At most a year. Every night that opens within `days` of facts.schedule.now. Ends early, with the nights until then,
/// as soon as `must_stop` says so; it is asked at each step.
Forecast simulate(ForecastFacts facts, int days, Zone const& zone, std::function<bool()> must_stop = {});

}  // namespace sb::core
