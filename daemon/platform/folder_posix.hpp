#pragma once
// What the files of Folder share on POSIX systems.

#include "common/error.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace sb::platform {

/// Errc::invalid_name, for a name that is not plain.
Error bad_name(std::string const& name, std::string const& path);

/// Equal for two handles of the same mount: the device, and the mount's number where the system has one (two mounts of
/// one file system have the same device). Empty, and errno, if the system does not report it.
using MountId = std::pair<std::uint64_t, std::uint64_t>;
std::optional<MountId> mount_of(int handle);

}  // namespace sb::platform
