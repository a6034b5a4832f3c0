#pragma once
// Asks the system who is at the other end of a connected Unix socket. One file per system answers.

#include "common/ipc/listen.hpp"

namespace sb::ipc {

/// Empty fields for what the system does not report.
Peer peer_of(int connected_socket);

}  // namespace sb::ipc
