#pragma once
// What an OpenFile is on Unix. Only this module's POSIX files include it.

#include "common/ipc/open_file.hpp"

namespace sb::ipc {

class SideThreads;

struct OpenFile::Native {
    int descriptor = -1;                       ///< ours to close; -1 = it was not worth keeping
    Result<std::uint64_t> size_at_first = 0U;  ///< or what is wrong with it
    std::shared_ptr<SideThreads> closing;      ///< where it is closed; null = where it is destroyed
};

/// Takes over a descriptor that another process sent, and examines it. What is not a regular file is closed here. It
/// may block, so it runs on a side thread; later the rest is closed there, too.
std::shared_ptr<OpenFile> own_received(int descriptor, std::shared_ptr<SideThreads> closing);

}  // namespace sb::ipc
