#pragma once
// Valid names for a backup's folder. The cluster creates the folder over SMB, and any system may read the share, so the
// rules are the strictest of all systems: POSIX, SMB and Windows.

#include "common/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sb::catalog {

/// `invalid_name` with the reason.
Result<void> check_folder_name(std::string_view name);

/// A name that passes check_folder_name, as close to the VM's name as possible: refused characters become '_', and it
/// is cut to `max_bytes` (255 minus the time stamp of a scheduled backup's name).
std::string safe_folder_name(std::string_view vm_name, std::size_t max_bytes = 200);

/// Two names with the same key are the same folder to Samba and Windows, which ignore case. Folds Latin, Greek and
/// Cyrillic letters; other scripts with case are rare and count as different.
std::string case_key(std::string_view name);

}  // namespace sb::catalog
