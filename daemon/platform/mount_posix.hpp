#pragma once
// Which mount an open file or folder belongs to.

#include <cstdint>
#include <optional>
#include <utility>

namespace sb::platform {

/// Equal for two handles of the same mount: the device, and the mount's number where the system tells one (two mounts
/// of one file system have the same device). Nothing, and errno, if it cannot be told.
using MountId = std::pair<std::uint64_t, std::uint64_t>;
std::optional<MountId> mount_of(int handle);

}  // namespace sb::platform
