#include "common/ipc/peer_posix.hpp"

#include <sys/socket.h>

#include <cerrno>

namespace sb::ipc {
namespace {

/// A user can give itself 65,536 groups (in a user namespace), and each connection and call would carry them.
constexpr std::size_t most_groups = 4096;

/// As of connect(), like the rest: a group that was left since then still counts, a new one does not.
std::vector<std::uint32_t> groups_of(int connected_socket) {
    std::vector<gid_t> groups(64);
    for (int attempt = 0; attempt < 2; ++attempt) {
        auto size = static_cast<socklen_t>(groups.size() * sizeof(gid_t));
        if (::getsockopt(connected_socket, SOL_SOCKET, SO_PEERGROUPS, groups.data(), &size) == 0) {
            groups.resize(size / sizeof(gid_t));
            return {groups.begin(), groups.end()};
        }
        if (errno != ERANGE) return {};  // a kernel before 4.13: the caller's main group is all that is known
        if (size / sizeof(gid_t) > most_groups) return {};
        groups.resize(size / sizeof(gid_t));
    }
    return {};
}

}  // namespace

Peer peer_of(int connected_socket) {
    // As of connect(): a process that passes the socket on, or drops its rights, is still known by these.
    ucred credentials{};
    socklen_t size = sizeof credentials;
    if (::getsockopt(connected_socket, SOL_SOCKET, SO_PEERCRED, &credentials, &size) != 0) return {};
    Peer peer{credentials.uid, credentials.gid, credentials.pid, groups_of(connected_socket)};
    peer.groups.push_back(credentials.gid);
    return peer;
}

}  // namespace sb::ipc
