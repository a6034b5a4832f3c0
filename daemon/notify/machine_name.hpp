#pragma once
// This machine's full name, as the system and its name service know it.

#include <atomic>
#include <string>

namespace sb::notify {

/// "nas1.example.com", or "nas1" if no domain can be found out within 5 seconds or before `stop` becomes true.
/// Blocking.
std::string full_machine_name(std::atomic<bool> const& stop);

}  // namespace sb::notify
