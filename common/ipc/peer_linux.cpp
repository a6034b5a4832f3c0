#include "common/ipc/peer_posix.hpp"

#include <sys/socket.h>

namespace sb::ipc {

Peer peer_of(int connected_socket) {
    // As of connect(): a process that passes the socket on, or drops its rights, is still known by these.
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(connected_socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
    return {credentials.uid, credentials.gid, credentials.pid};
}

}  // namespace sb::ipc
