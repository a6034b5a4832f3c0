#include "common/ipc/pass_file_posix.hpp"

#include <sys/socket.h>

namespace sb::ipc {

Waiting peek(int socket, std::span<char> into) {
    // The system does not tell whether descriptors are beside what it copies, so every piece may have some.
    Waiting waiting;
    waiting.count = ::recv(socket, into.data(), into.size(), MSG_DONTWAIT | MSG_PEEK);
    waiting.may_have_descriptors = waiting.count > 0;
    return waiting;
}

}  // namespace sb::ipc
