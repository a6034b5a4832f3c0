#pragma once
// The cluster's VMs. Callers at about the same time share one request: a list of a thousand VMs is megabytes, and jobs
// often start together.

#include "daemon/async/task.hpp"
#include "daemon/engine/condition_registry.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace sb::engine {

/// The result of the last call to the cluster.
struct Reachability {
    std::optional<bool> reachable;  ///< empty = not tried yet
    std::string error;
};

class VmList {
public:
    using Vms = ports::Vms;

    VmList(asio::any_io_executor executor, ports::Cluster& cluster, ports::Time& time, ConditionRegistry& conditions)
        : executor_(executor), cluster_(cluster), time_(time), conditions_(conditions) {}

    /// A list that is no older than `max_age`. Callers at the same time share one request.
    task<Result<Vms>> get(Milliseconds max_age);
    /// A list that is requested after this call.
    task<Result<Vms>> fresh() { return get(requested_now); }
    /// The maximum age of such a list.
    static constexpr Milliseconds requested_now{-1};

    /// The known list may come from a cluster that is no longer configured.
    void forget() {
        newest_.reset();
        ++forgotten_;
    }

    /// Whether the newest list has a VM with this uuid.
    bool knows(std::string const& uuid) const {
        return newest_ && std::ranges::any_of(*newest_, [&](core::Vm const& vm) { return vm.uuid.text() == uuid; });
    }

    Reachability const& reachability() const { return reachability_; }

private:
    task<Result<Vms>> fetch();
    void note_answer();
    void note_failure(Error const& error);

    asio::any_io_executor executor_;
    ports::Cluster& cluster_;
    ports::Time& time_;
    ConditionRegistry& conditions_;
    std::optional<Vms> newest_;
    SteadyTime fetched_at_{};
    bool fetching_ = false;
    unsigned forgotten_ = 0;  ///< how often forget() was called
    std::vector<asio::steady_timer*> waiting_;
    Reachability reachability_;
};

/// The VM with this uuid, or the only VM with this name. The messages of `not_found` and `ambiguous_name` say what to
/// do.
Result<core::Vm> find_vm(std::vector<core::Vm> const& vms, std::string const& name_or_uuid);

}  // namespace sb::engine
