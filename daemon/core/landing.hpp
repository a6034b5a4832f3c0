#pragma once
// Where an export lands before it is a backup: in a folder whose name only this attempt can have,
// "<backup>.exporting-<8 hex digits>". Such a folder is never a backup, whatever lies in it; it becomes one when it is
// renamed to the backup's name. Pure.

#include <cstddef>
#include <string>
#include <string_view>

namespace sb::core {

inline constexpr std::size_t max_folder_bytes = 255;  ///< of nearly every file system
inline constexpr std::size_t max_folder_utf16 = 240;  ///< Windows' 255, minus space for suffixes that its tools append
inline constexpr std::size_t attempt_digits = 8;

/// "web1.exporting-0a1b2c3d". The backup's name is shortened, between two characters, so that the whole stays within
/// both limits. `attempt`: 8 lower-case hex digits.
std::string landing_folder(std::string_view backup, std::string_view attempt);

/// Whether the name ends in ".exporting-" and 8 hex digits, in any case: a share may not preserve it.
bool is_landing_folder(std::string_view folder);
/// The 8 digits in lower case; empty if the name is not one of a landing folder.
std::string attempt_of(std::string_view folder);

/// "web1 (2)", shortened like a landing folder's name. `number` 1 = the name itself.
std::string numbered_name(std::string_view backup, unsigned number);

}  // namespace sb::core
