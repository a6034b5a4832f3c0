#pragma once
// The cluster's VMs for a client that asks. An administrator's call tries a refused login again, for example after the
// password was corrected. One of a user who may only read does not: with calls without end such a user would lock the
// daemon's account at the cluster.

#include "daemon/control/handler_table.hpp"
#include "daemon/engine/engine.hpp"

namespace sb::api {

inline task<Result<ports::Vms>> vms_for(control::Rank rank, engine::Engine& engine,
                                        Milliseconds max_age = std::chrono::seconds{1}) {
    if (rank < control::Rank::admin) return engine.list_vms_by_clock(max_age);
    return engine.list_vms(max_age);
}

}  // namespace sb::api
