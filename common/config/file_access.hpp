#pragma once
// Who beside the daemon may read or change a file, as far as the system tells.

#include <filesystem>
#include <string>

namespace sb::config {

/// What every user of this machine may do with a file. Neither where the system cannot say, or there is no such file.
struct Exposure {
    bool readable = false;
    bool writable = false;
};

Exposure exposure_of(std::filesystem::path const& path);

/// The command that takes the file away from everybody else, to be typed into a shell.
std::string command_that_closes(std::filesystem::path const& path);

}  // namespace sb::config
