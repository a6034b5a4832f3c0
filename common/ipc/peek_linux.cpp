#include "common/ipc/pass_file_posix.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

namespace sb::ipc {

Waiting peek(int socket, std::span<char> into) {
    // unix(7): without room for descriptors the system sets MSG_CTRUNC where there are any. With MSG_PEEK they stay in
    // the connection, so none is closed.
    iovec part{into.data(), into.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    Waiting waiting;
    waiting.count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_PEEK);
    waiting.may_have_descriptors = waiting.count > 0 && (message.msg_flags & MSG_CTRUNC) != 0;
    return waiting;
}

}  // namespace sb::ipc
