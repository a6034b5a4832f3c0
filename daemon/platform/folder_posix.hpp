#pragma once
// What the files of Folder share on POSIX systems.

#include "common/error.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace sb::platform {

/// Errc::invalid_name, for a name that is not plain.
Error bad_name(std::string const& name, std::string const& path);

/// The time of a file as the file system gives it. Anyone who owns a file can set any time; those outside of the years
/// 1 to 9999 become the nearest one in them, because later arithmetic must not overflow.
UtcTime file_time(std::int64_t seconds, std::int64_t nanoseconds);

/// Equal for two handles of the same mount: the device, and the mount's number where the system has one (two mounts of
/// one file system have the same device). Empty, and errno, if the system does not report it.
using MountId = std::pair<std::uint64_t, std::uint64_t>;
std::optional<MountId> mount_of(int handle);

/// Renames within the folder and replaces nothing. Returns 0 or an errno: EEXIST and similar if the new name is taken.
int rename_exclusively_at(int folder, char const* name, char const* new_name);
/// The same for systems and file systems without such a rename: what appears under the new name between the check and
/// the rename is replaced if it is an empty folder, and for a file if it is a file.
int rename_after_check(int folder, char const* name, char const* new_name);

}  // namespace sb::platform
