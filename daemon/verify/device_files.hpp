#pragma once
// The state of devices that the definition does not list as disks (NVRAM, vTPM). Whether a cluster writes such files is
// not known, so none is required; but a file counts as one only if the VM has the device that its name refers to.
// Other programs and people put anything else there, and it may come and go.

#include "common/error.hpp"
#include "daemon/platform/folder.hpp"
#include "daemon/ports/catalog.hpp"
#include "daemon/verify/definition.hpp"

#include <functional>
#include <string>
#include <vector>

namespace sb::verify {

/// Those in the folder, with their sizes. Empty files and files that vanish meanwhile are none. `is_image`: whether the
/// file is a disk's image.
Result<std::vector<core::BackupFile>> device_files(platform::Folder const& folder, Definition const& definition,
                                                   ports::Expectation const& expected,
                                                   std::function<bool(std::string const&)> const& is_image);

}  // namespace sb::verify
