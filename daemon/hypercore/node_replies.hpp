#pragma once
// Decodes what a node says about itself and its users. Pure; node_check.hpp requests most of it.

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

/// The rights of a user from the replies to GET /User and GET /Role.
Result<UserRights> rights_of(std::string const& users, std::string const& roles, std::string const& username);

/// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, IMF-fixdate); empty for anything else.
std::optional<UtcTime> parse_http_date(std::string const& text);

}  // namespace sb::hypercore
