#pragma once

namespace sb::platform {

/// Asks the system to keep debuggers and dump programs of the same user out of this process. Internal to this folder;
/// best effort.
void disable_debugging();

}  // namespace sb::platform
