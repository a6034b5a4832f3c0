#pragma once
// One daemon per state directory. The kernel releases the lock when the process ends, however it ends, so there are no
// stale locks to clean up.

#include "common/error.hpp"
#include "daemon/platform/file_descriptor.hpp"

#include <filesystem>
#include <utility>

namespace sb::platform {

class StateLock {
public:
    /// Creates the directory (mode 0700) if it is missing and locks its file "lock", which contains the pid for people.
    /// `refused` if another daemon holds the lock; the message names its pid.
    static Result<StateLock> take(std::filesystem::path const& state_dir);

private:
    explicit StateLock(FileDescriptor file) : file_(std::move(file)) {}
    FileDescriptor file_;
};

}  // namespace sb::platform
