#include "common/ipc/pass_file_posix.hpp"

#include "common/ipc/open_file_posix.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cstring>

namespace sb::ipc {
namespace {

/// Room for more than we send: what a hostile peer adds must arrive, or it could not be closed.
constexpr std::size_t most_descriptors = 16;

struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes{};
};

void take_descriptors(msghdr& message, std::shared_ptr<OpenFile>& file) {
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        auto const count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (std::size_t i = 0; i < count; ++i) {
            int descriptor = -1;
            std::memcpy(&descriptor, CMSG_DATA(header) + i * sizeof descriptor, sizeof descriptor);
            file = own_descriptor(descriptor);  // closes the one before
        }
    }
}

}  // namespace

std::ptrdiff_t receive_some(int socket, std::span<char> into, std::shared_ptr<OpenFile>& file) {
    Control control;
    iovec part{into.data(), into.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = static_cast<decltype(message.msg_controllen)>(control.bytes.size());
    auto const count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (count >= 0) take_descriptors(message, file);
    return count;
}

std::ptrdiff_t send_some(int socket, std::string_view bytes, OpenFile const& file) {
    Control control;
    std::string_view const left = bytes;
    iovec part{const_cast<char*>(left.data()), left.size()};  // sendmsg(2) only reads it
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes.data();
    message.msg_controllen = CMSG_SPACE(sizeof(int));
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    int const descriptor = file.native().descriptor;
    std::memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    return ::sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
}

}  // namespace sb::ipc
