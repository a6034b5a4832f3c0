#pragma once
// Starts a program with nothing of the daemon's: no descriptors, no signal settings, no working directory.

#include "common/error.hpp"
#include "daemon/platform/file_descriptor.hpp"

#include <string>
#include <vector>

#include <sys/types.h>

namespace sb::hooks {

struct Spawned {
    pid_t pid = -1;                   ///< also the process group's id
    platform::FileDescriptor output;  ///< where its stdout and stderr can be read
};

/// Returns when the program runs. The error says why it does not, and what to do.
Result<Spawned> spawn(std::vector<std::string> argv, std::vector<std::string> environment);

}  // namespace sb::hooks
