#pragma once

namespace sb::platform {

/// This process's id, for people.
int process_id();

}  // namespace sb::platform
