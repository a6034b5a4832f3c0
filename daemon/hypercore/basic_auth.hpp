#pragma once
// HTTP Basic authentication (RFC 7617).

#include "common/secret.hpp"

#include <string>

namespace sb::hypercore {

/// "Basic dXNlcjpwYXNz": the value of the Authorization header, UTF-8.
Secret basic_authorization(std::string const& username, Secret const& password);

}  // namespace sb::hypercore
