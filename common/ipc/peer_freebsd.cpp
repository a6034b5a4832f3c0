#include "common/ipc/peer_posix.hpp"

#include <sys/param.h>
#include <sys/socket.h>
#include <sys/ucred.h>
#include <sys/un.h>

#include <algorithm>

namespace sb::ipc {

Peer peer_of(int connected_socket) {
    // unix(4): the credentials as of connect(). The first of at most 16 groups is the effective one.
    xucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(connected_socket, SOL_LOCAL, LOCAL_PEERCRED, &credentials, &size) != 0) return {};
    if (credentials.cr_version != XUCRED_VERSION) return {};
    Peer peer;
    peer.uid = credentials.cr_uid;
    auto const count = std::clamp<int>(credentials.cr_ngroups, 0, XU_NGROUPS);
    peer.groups.assign(credentials.cr_groups, credentials.cr_groups + count);
    if (!peer.groups.empty()) peer.gid = peer.groups.front();
    return peer;
}

}  // namespace sb::ipc
