#include "common/ipc/peer_posix.hpp"

#include <sys/types.h>
#include <unistd.h>

namespace sb::ipc {

Peer peer_of(int connected_socket) {
    uid_t uid = 0;
    gid_t gid = 0;
    if (::getpeereid(connected_socket, &uid, &gid) != 0) return {};
    return {uid, gid, std::nullopt};
}

}  // namespace sb::ipc
