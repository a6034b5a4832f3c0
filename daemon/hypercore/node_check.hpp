#pragma once
// Checks one node for a health check: certificate, login, clock, and the rights of the user.

#include "common/config/model.hpp"
#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/async/task.hpp"
#include "daemon/hypercore/node_replies.hpp"
#include "daemon/net/http.hpp"

#include <cstddef>
#include <optional>

namespace sb::hypercore {

struct NodeCheck {
    Result<std::size_t> vms;          ///< number of VMs in its list
    std::optional<UtcTime> its_time;  ///< from its reply, to the second
    Result<UserRights> rights;        ///< users without the right to see users and roles are common
};

/// Three requests, none of them retried.
task<NodeCheck> check_node(net::Transport& transport, config::Scale const& scale);

}  // namespace sb::hypercore
