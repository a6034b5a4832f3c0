#pragma once
// A look at one node for an examination: certificate, log-in, clock, and what the user may do there.

#include "common/config/model.hpp"
#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/async/task.hpp"
#include "daemon/hypercore/node_answers.hpp"
#include "daemon/net/http.hpp"

#include <cstddef>
#include <optional>

namespace sb::hypercore {

struct NodeCheck {
    Result<std::size_t> vms;          ///< number of VMs that it lists
    std::optional<UtcTime> its_time;  ///< of its answer, to the second
    Result<UserRights> rights;        ///< users without the right to see users and roles are common
};

/// Three requests, none of them tried again.
task<NodeCheck> check_node(net::Transport& transport, config::Scale const& scale);

}  // namespace sb::hypercore
