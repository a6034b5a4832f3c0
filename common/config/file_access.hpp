#pragma once
// Who besides the daemon can read or change a file, as far as the system reports it.

#include <filesystem>
#include <optional>
#include <string>

namespace sb::config {

/// What every user of this machine can do with a file. Neither if the system cannot tell or the file does not exist.
struct Exposure {
    bool readable = false;
    bool writable = false;
};

Exposure exposure_of(std::filesystem::path const& path);

/// Why a user other than root and this process's user could have written or replaced the file; nothing if none could.
/// A symbolic link counts as replaceable.
std::optional<std::string> who_else_may_change(std::filesystem::path const& file);

/// The command that closes the file to all other users, as typed into a shell.
std::string command_that_closes(std::filesystem::path const& path);

}  // namespace sb::config
