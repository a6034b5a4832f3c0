#pragma once
// What an OpenFile is on Unix. Only this module's POSIX files include it.

#include "common/ipc/open_file.hpp"

namespace sb::ipc {

struct OpenFile::Native {
    int descriptor = -1;  ///< ours to close
};

/// Takes the descriptor over.
std::shared_ptr<OpenFile> own_descriptor(int descriptor);

}  // namespace sb::ipc
