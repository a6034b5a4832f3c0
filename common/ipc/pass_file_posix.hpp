#pragma once
// Bytes with a descriptor beside them (SCM_RIGHTS), without waiting. Only this module's POSIX files include it.

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>

namespace sb::ipc {

class OpenFile;

/// -1 and errno as recvmsg(2) has it, also EAGAIN. The last descriptor that arrived goes to `file`; others are closed.
std::ptrdiff_t receive_some(int socket, std::span<char> into, std::shared_ptr<OpenFile>& file);
/// -1 and errno as sendmsg(2) has it, also EAGAIN. The descriptor goes with the first byte.
std::ptrdiff_t send_some(int socket, std::string_view bytes, OpenFile const& file);

}  // namespace sb::ipc
