#pragma once
// The cluster's VMs for a client that asks. An administrator's call tries a refused login again, for example after the
// password was corrected. One of a user who may only read does not: with calls without end such a user would lock the
// daemon's account at the cluster.

#include "daemon/control/handler_table.hpp"
#include "daemon/engine/engine.hpp"

namespace sb::api {

/// Waits a limited time for a cluster that hangs, and then gives the last known list, with the reason.
inline task<engine::VmsForPerson> known_vms_for(control::Rank rank, engine::Engine& engine,
                                                Milliseconds max_age = std::chrono::seconds{1}) {
    if (rank >= control::Rank::admin) engine.try_cluster_again();
    return engine.list_vms_for_person(max_age);
}

/// The present list only: scripts read it, and orders rely on it.
inline task<Result<ports::Vms>> vms_for(control::Rank rank, engine::Engine& engine,
                                        Milliseconds max_age = std::chrono::seconds{1}) {
    auto known = co_await known_vms_for(rank, engine, max_age);
    if (known.vms && !known.problem.empty()) co_return Error{Errc::timed_out, std::move(known.problem)};
    co_return std::move(known.vms);
}

}  // namespace sb::api
