#include "common/ipc/pass_file_posix.hpp"

#include "common/ipc/open_file_posix.hpp"

#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

namespace sb::ipc {
namespace {

/// Room for more than we send. The system closes what has no room, here, on the side thread.
constexpr std::size_t most_descriptors = 16;

struct Control {
    alignas(cmsghdr) std::array<char, CMSG_SPACE(most_descriptors * sizeof(int))> bytes{};
};

/// The last one, examined; the others are closed.
std::shared_ptr<OpenFile> take_descriptors(msghdr& message, std::shared_ptr<SideThreads> const& side_threads) {
    std::vector<int> descriptors;
    for (auto* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
        if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
        auto const count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        auto const before = descriptors.size();
        descriptors.resize(before + count);
        std::memcpy(descriptors.data() + before, CMSG_DATA(header), count * sizeof(int));
    }
    if (descriptors.empty()) return nullptr;
    auto file = own_received(descriptors.back(), side_threads);
    descriptors.pop_back();
    for (int const descriptor : descriptors) ::close(descriptor);
    return file;
}

}  // namespace

Waiting receive_some(int socket, std::span<char> into) {
    auto waiting = peek(socket, into);
    if (waiting.count <= 0 || waiting.may_have_descriptors) return waiting;
    // Only what was seen: a descriptor may have come since, beside the byte that follows.
    waiting.count = ::recv(socket, into.data(), static_cast<std::size_t>(waiting.count), MSG_DONTWAIT);
    return waiting;
}

bool drain(int socket) {
    std::array<char, 16UL * 1024> unread{};
    for (;;) {
        auto const waiting = receive_some(socket, unread);
        if (waiting.may_have_descriptors) return true;
        if (waiting.count <= 0) return false;
    }
}

Piece take_piece(int socket, std::size_t most, bool wants_file, std::shared_ptr<SideThreads> const& side_threads) {
    Control control;
    Piece piece;
    piece.bytes.resize(most);
    iovec part{piece.bytes.data(), piece.bytes.size()};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (wants_file) {
        message.msg_control = control.bytes.data();
        message.msg_controllen = static_cast<decltype(message.msg_controllen)>(control.bytes.size());
    }
    auto const count = ::recvmsg(socket, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    piece.failed = count < 0 ? errno : 0;
    piece.bytes.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    if (count >= 0 && wants_file) piece.file = take_descriptors(message, side_threads);
    return piece;
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
