#pragma once
// Starts a program that inherits nothing of the daemon: no descriptors, signal settings or working directory.

#include "common/error.hpp"
#include "daemon/platform/file_descriptor.hpp"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace sb::hooks {

struct Spawned {
    pid_t pid = -1;                   ///< also the process group's id
    platform::FileDescriptor output;  ///< where its stdout and stderr can be read
    platform::FileDescriptor report;  ///< for why_it_does_not_run
};

/// Does not wait until the program runs: on a hanging mount that takes as long as the mount hangs.
Result<Spawned> spawn(std::vector<std::string> argv, std::vector<std::string> environment);

/// Once the process has ended: why the program could not be run, and what to do. Empty if it ran.
std::optional<Error> why_it_does_not_run(std::string const& program, platform::FileDescriptor const& report);

}  // namespace sb::hooks
