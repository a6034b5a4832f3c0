#pragma once

#include <cstdint>

namespace sb::platform {

/// This process's id, for people.
int process_id();
/// The id of the user whose rights this process has.
std::uint32_t user_id();

}  // namespace sb::platform
