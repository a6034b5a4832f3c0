#pragma once
// Whether exports and restores may be ordered at the cluster now: not while it is being updated, and not while another
// installation does it for this cluster.

#include "daemon/engine/owner_watch.hpp"

#include <optional>
#include <string>

namespace sb::engine {

class OrderGate {
public:
    OrderGate(ports::Cluster& cluster, ports::Time& time, ConditionRegistry& conditions, OwnerWatch& owner)
        : cluster_(cluster), time_(time), conditions_(conditions), owner_(owner) {}

    /// Why nothing may be ordered now; empty = it may. The cluster is asked at most once a minute.
    task<std::string> objection();
    /// The same as an error.
    task<Result<void>> check();
    /// After a reload: another cluster may be configured.
    void configured() { asked_at_.reset(); }
    /// Notices that an update or the other installation has ended, also while nothing is to be ordered, and shows that
    /// this one is alive. Runs forever; ends when cancelled.
    task<void> run();

private:
    task<void> ask_about_update();

    ports::Cluster& cluster_;
    ports::Time& time_;
    ConditionRegistry& conditions_;
    OwnerWatch& owner_;
    std::optional<SteadyTime> asked_at_;
    bool is_updating_ = false;
};

}  // namespace sb::engine
