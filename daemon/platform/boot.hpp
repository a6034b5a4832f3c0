#pragma once
// The machine as something that is switched on and off.

#include <filesystem>
#include <string>

namespace sb::platform {

/// Another text after each start of the machine; empty if the system does not tell.
std::string boot_id();

/// Whether the folder lies on another machine's disk (NFS, SMB …): what is not yet on that disk does not go with us.
bool is_on_another_machine(std::filesystem::path const& folder);

}  // namespace sb::platform
