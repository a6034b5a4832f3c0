#pragma once
// Which machine this is, whatever its name and addresses are.

#include <string>
#include <string_view>

namespace sb::platform {

/// The system's id of this machine, or of this container; empty if it has none. It must not leave the machine, since
/// other programs derive secrets from it: pass on a digest.
std::string machine_id();

/// The id in what the system reports, in lower case; empty if the system has none yet ("uninitialized", or zeros).
std::string usable_machine_id(std::string_view text);

}  // namespace sb::platform
