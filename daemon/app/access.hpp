#pragma once
// Turns [Daemon] SocketGroup and SocketReadGroup into access rules.

#include "common/config/model.hpp"
#include "daemon/control/rights.hpp"

namespace sb::app {

/// `invalid_config` if this machine has no such group.
Result<control::AccessRules> access_rules(config::Daemon const& daemon);

}  // namespace sb::app
