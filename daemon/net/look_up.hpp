#pragma once
// Whether a name has an address.

#include "common/error.hpp"

#include <string>

namespace sb::net {

/// `unreachable` with the system's words; an address resolves to itself. Blocking: the system's resolver has its own
/// timeout, and connections share the one thread on which Asio calls it.
Result<void> look_up(std::string const& name);

}  // namespace sb::net
