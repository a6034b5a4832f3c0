#pragma once
// Turns [Daemon] Socket, SocketGroup and SocketReadGroup into sockets and access rules. With SocketReadGroup there are
// two: the file system keeps strangers from both, and readers from that of the others.

#include "common/config/model.hpp"
#include "common/ipc/listen.hpp"
#include "daemon/control/rights.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>
#include <string>

namespace sb::app {

/// `invalid_config` if this machine has no such group.
Result<control::AccessRules> access_rules(config::Daemon const& daemon);

/// Why the sockets cannot have the paths that the configuration gives them; empty if they can.
std::string problem_with_sockets(config::Daemon const& daemon);

struct Listeners {
    std::unique_ptr<ipc::Listener> control;
    std::unique_ptr<ipc::Listener> readers;  ///< null without SocketReadGroup
};

/// Listens for clients. If this user may not give the readers' socket to SocketReadGroup, that socket admits every
/// user, with a warning in the log: each one's rights are judged by its credentials anyway. Errors: see ipc::listen().
Result<Listeners> listen_to_clients(asio::any_io_executor executor, config::Daemon const& daemon);

}  // namespace sb::app
