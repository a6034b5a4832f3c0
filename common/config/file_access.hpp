#pragma once
// Who beside the daemon may read or change a file, as far as the system tells.

#include <filesystem>
#include <optional>
#include <string>

namespace sb::config {

/// What every user of this machine may do with a file. Neither where the system cannot say, or there is no such file.
struct Exposure {
    bool readable = false;
    bool writable = false;
};

Exposure exposure_of(std::filesystem::path const& path);

/// Whether somebody beside the system's administrator and this process's user could have written the file or put
/// another in its place, in words; nothing if nobody could. A link counts as such: what it points to is another's
/// choice.
std::optional<std::string> who_else_may_change(std::filesystem::path const& file);

/// The command that takes the file away from everybody else, to be typed into a shell.
std::string command_that_closes(std::filesystem::path const& path);

}  // namespace sb::config
