#pragma once
// Bytes with a descriptor beside them (SCM_RIGHTS), without waiting for bytes. Only this module's POSIX files include
// it.
//
// A descriptor that is on its way belongs to the connection. It is closed by the thread that takes its bytes without
// having room for it, or closes the connection, and that can take as long as its sender likes. So such bytes are left
// where they are on the event loop, and taken on a side thread.

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace sb::ipc {

class OpenFile;
class SideThreads;

/// What waits in a connection.
struct Waiting {
    std::ptrdiff_t count = -1;  ///< bytes; -1 and errno as recvmsg(2) has it, also EAGAIN; 0 = the peer has ended
    bool may_have_descriptors = false;  ///< beside these bytes: take_aside() must read them
};

/// Copies what waits into `into`, and takes it out of the connection unless a descriptor may be with it.
Waiting receive_some(int socket, std::span<char> into);
/// Takes everything that comes without a descriptor. Whether closing the connection may take long.
bool drain(int socket);

/// One piece of a connection.
struct Piece {
    std::string bytes;
    int failed = 0;                  ///< errno; no bytes and no failure: the peer has ended
    std::shared_ptr<OpenFile> file;  ///< the last one of those that came; the others are closed
};

/// Takes up to `most` bytes with what is beside them; without `wants_file` the system has no room for descriptors, and
/// this process never owns one. Blocks for as long as a sender likes.
Piece take_piece(int socket, std::size_t most, bool wants_file, std::shared_ptr<SideThreads> const& side_threads);

/// -1 and errno as sendmsg(2) has it, also EAGAIN. The descriptor goes with the first byte.
std::ptrdiff_t send_some(int socket, std::string_view bytes, OpenFile const& file);

/// Whether descriptors may be beside the first `most` bytes that wait; those bytes are copied into `into`. One file per
/// system: Linux reports it without taking them, FreeBSD does not.
Waiting peek(int socket, std::span<char> into);

}  // namespace sb::ipc
