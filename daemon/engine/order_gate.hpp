#pragma once
// Whether exports and restores may be ordered at the cluster now, and backups deleted: no orders while it is being
// updated, and neither while another installation does it for this cluster.

#include "daemon/engine/owner_watch.hpp"

#include <optional>
#include <string>

namespace sb::engine {

class OrderGate {
public:
    OrderGate(ports::Cluster& cluster, ports::Time& time, ConditionRegistry& conditions, OwnerWatch& owner)
        : cluster_(cluster), time_(time), conditions_(conditions), owner_(owner) {}

    /// Why no export may be ordered now, and what to do; empty = it may. The cluster is asked at most every 10 seconds.
    /// Call it after LocalPath was checked: in one that has no mark yet, nothing is found.
    task<std::string> objection();
    /// The same as an error.
    task<Result<void>> check();
    /// As objection(), but the cluster is not asked: as it answered last.
    task<std::string> known_objection();
    /// Asks the cluster whether it is being updated, at most every 10 seconds. Takes as long as the cluster hangs.
    task<void> ask_about_update();
    /// As check() for restores, which write nothing into LocalPath.
    task<Result<void>> check_restore();
    /// Why nothing may be deleted now, and what to do; empty = it may.
    task<std::string> objection_to_deleting();
    /// After a reload: another cluster may be configured.
    void configured();
    /// Notices that an update or the other installation has ended, also while nothing is to be ordered, and shows that
    /// this one is alive. Runs forever; ends when cancelled.
    task<void> run();

private:
    task<OwnerObjection> objections();
    task<OwnerObjection> known_objections();
    task<void> turn();
    bool is_updating() const { return updating_.has_value(); }

    ports::Cluster& cluster_;
    ports::Time& time_;
    ConditionRegistry& conditions_;
    OwnerWatch& owner_;
    std::optional<SteadyTime> asked_at_;
    std::optional<SteadyTime> updating_;  ///< when the cluster last reported an update; empty = there is none
    AsyncMutex mutex_;                    ///< one question at a time; those who wait use its answer
};

}  // namespace sb::engine
