#pragma once
// Writing a command's output to a file that the user named, for every option that takes such a name.

#include "common/error.hpp"

#include <filesystem>
#include <string_view>

namespace sb::ctl {

/// A regular file is replaced as a whole, so a reader sees the old text or the new one; a symbolic link stays, and its
/// target is replaced. A link of another user than this one and root is refused in a folder that others can write to:
/// it was put there to have a file replaced that only this user can write to. Devices and pipes, and what stdout and
/// stderr are redirected to, are written into. A folder or a disk is an error.
Result<void> write_output_file(std::filesystem::path const& file, std::string_view text);

}  // namespace sb::ctl
