#pragma once
// What identifies this machine to other installations in the same LocalPath.

#include <cstddef>
#include <string>

namespace sb::app {

/// Hex digits of an installation's name and of a machine's mark.
inline constexpr std::size_t installation_digits = 32;

/// Empty if the system has no id of this machine. Others can read it in LocalPath, so it is a digest.
std::string machine_mark();

}  // namespace sb::app
