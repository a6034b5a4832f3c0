#pragma once
// The coming nights, played through with the scheduler's own functions and the durations and sizes known so far:
// who is served when, which copies go, whether the window is long enough, when the disk is full. An estimate: nothing
// fails in it, and nobody makes a backup by hand.

#include "daemon/core/plan.hpp"
#include "daemon/core/retention.hpp"

namespace sb::core {

struct ForecastFacts {
    Facts schedule;
    Settings settings;  ///< a pause is taken as ended
    std::vector<VmUuid> in_hand;
    RetentionFacts retention;
    RetentionPolicy policy;
    std::uint64_t free_bytes = 0;
};

struct Served {
    VmUuid vm;
    std::string name;
    UtcTime starts, ends;
};

struct ToBeDeleted {
    std::string backup;  ///< its name; of one that is still to be made, its time and its VM
    std::string vm_name;
    Rule rule{};
};

/// One occurrence of the window; of an always open one, a day from `start` to `start`.
struct Night {
    UtcTime opens;  ///< or the moment of asking, if it was open
    UtcTime closes;
    UtcTime ends;  ///< end of the last export
    std::vector<Served> served;
    std::vector<Skipped> left_over;  ///< were due when it closed: the window was too short for them
    std::vector<ToBeDeleted> deleted;
    bool confirmation_needed = false;  ///< the clean-up would take more than half, so it deletes nothing by itself
    std::uint64_t free_bytes = 0;      ///< after the clean-up

    bool long_enough() const { return left_over.empty(); }
};

struct Forecast {
    std::vector<Night> nights;
    std::optional<UtcTime> disk_full_at;  ///< the end of the export that no longer fits
};

/// At most a year. Every night that opens within `days` of facts.schedule.now.
Forecast simulate(ForecastFacts facts, int days, Zone const& zone);

}  // namespace sb::core
