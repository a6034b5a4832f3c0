#pragma once
// A look at one node for an examination: certificate, log-in, clock, and what the user may do there.

#include "common/config/model.hpp"
#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/async/task.hpp"
#include "daemon/net/http.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace sb::hypercore {

struct UserRights {
    std::vector<std::string> roles;      ///< names of the user's roles
    std::vector<std::string> functions;  ///< what they allow, in the cluster's words (Role.permissions[].functionName)
};

struct NodeLook {
    Result<std::size_t> vms;           ///< number of VMs that it lists
    std::optional<UtcTime> its_time;   ///< of its answer, to the second
    Result<UserRights> rights;         ///< users without the right to see users and roles are common
};

/// Three requests, none of them tried again.
task<NodeLook> look_at_node(net::Transport& transport, config::Scale const& scale);

/// The rights of a user from what GET /User and GET /Role answered.
Result<UserRights> rights_of(std::string const& users, std::string const& roles, std::string const& username);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, IMF-fixdate); nothing for anything else.
std::optional<UtcTime> parse_http_date(std::string const& text);

}  // namespace sb::hypercore
