#pragma once
// What a person's question needs of the cluster: its VMs, which cluster it is, whether it is being updated. A cluster
// that hangs takes minutes to fail, with several nodes one after the other. A person waits a limited time for it, and
// then gets what it said last. The question itself continues, and its late answer is used; while it does, further ones
// do not wait.

#include "daemon/async/task_group.hpp"
#include "daemon/engine/cluster_identity_watch.hpp"
#include "daemon/engine/order_gate.hpp"
#include "daemon/engine/vm_list.hpp"

#include <list>
#include <memory>
#include <optional>
#include <string>

namespace sb::engine {

/// The cluster's VMs as far as a person gets to know them.
struct VmsForPerson {
    Result<ports::Vms> vms;  ///< `timed_out`: the cluster hangs, and no earlier list is known
    std::string problem;     ///< why they are as of an earlier time, and of which; empty = they are current
};

class ClusterContact {
public:
    /// Half a minute is what a person waits; a folder of LocalPath that does not answer takes its part of that.
    static constexpr std::chrono::seconds person_waits{20};

    struct Dependencies {
        asio::any_io_executor executor;
        VmList& vms;
        ClusterIdentityWatch& identity;
        OrderGate& gate;
        ports::Time& time;
        TaskGroup& group;
    };

    explicit ClusterContact(Dependencies dependencies) : dependencies_(std::move(dependencies)) {}
    ClusterContact(ClusterContact const&) = delete;
    ClusterContact& operator=(ClusterContact const&) = delete;
    ~ClusterContact() = default;

    /// A list that is no older than `max_age`, or the last known one if the cluster has not answered for
    /// `person_waits`. Whatever is asked afterwards about the cluster's identity and updates is known without asking
    /// it.
    task<VmsForPerson> vms(Milliseconds max_age);

private:
    struct Question {
        Question(asio::any_io_executor const& executor, SteadyTime now)
            : since(now), ended(executor, asio::steady_timer::time_point::max()) {}
        SteadyTime since;
        asio::steady_timer ended;  ///< never expires: an event
        bool has_ended = false;
        std::optional<Result<ports::Vms>> answer;
    };

    task<void> ask(std::shared_ptr<Question> question, Milliseconds max_age);
    static task<void> wait_for(std::shared_ptr<Question> question);
    VmsForPerson last_known() const;

    Dependencies dependencies_;
    std::list<std::shared_ptr<Question>> asking_;  ///< the oldest first
};

}  // namespace sb::engine
