#pragma once
// What a node's answers say to an health_check. Pure; node_check.hpp asks for them.

#include "common/error.hpp"
#include "common/time.hpp"

#include <optional>
#include <string>
#include <vector>

namespace sb::hypercore {

struct UserRights {
    std::vector<std::string> roles;      ///< names of the user's roles
    std::vector<std::string> functions;  ///< what they allow, in the cluster's words (Role.permissions[].functionName)
};

/// The rights of a user from what GET /User and GET /Role answered.
Result<UserRights> rights_of(std::string const& users, std::string const& roles, std::string const& username);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, IMF-fixdate); nothing for anything else.
std::optional<UtcTime> parse_http_date(std::string const& text);

}  // namespace sb::hypercore
