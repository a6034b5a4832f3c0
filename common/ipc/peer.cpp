#include "common/ipc/listen.hpp"

namespace sb::ipc {

std::string describe(Peer const& peer) {
    std::string text = peer.uid ? "uid " + std::to_string(*peer.uid) : std::string("unknown user");
    if (peer.pid) text += " (pid " + std::to_string(*peer.pid) + ")";
    return text;
}

}  // namespace sb::ipc
