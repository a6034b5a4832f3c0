#pragma once
// One daemon for each state directory. The kernel drops the lock when the process ends, however it ends,
// so there is no stale lock to clean up.

#include "common/error.hpp"
#include "daemon/platform/file_descriptor.hpp"

#include <filesystem>
#include <utility>

namespace sb::platform {

class StateLock {
public:
    /// Makes the directory (mode 0700) if it is missing and takes the lock on its file "lock", which holds our
    /// pid for people. `refused` if another daemon has it; the words name its pid.
    static Result<StateLock> take(std::filesystem::path const& state_dir);

private:
    explicit StateLock(FileDescriptor file) : file_(std::move(file)) {}
    FileDescriptor file_;
};

}  // namespace sb::platform
