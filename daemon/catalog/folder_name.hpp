#pragma once
// Which names a backup's folder may have. The folder is made by the cluster over SMB and read on whatever system the
// share lies on, so the rules are the strictest of all of them: POSIX, SMB and Windows.

#include "common/error.hpp"

#include <cstddef>
#include <string>
#include <string_view>

namespace sb::catalog {

/// `invalid_name` with the reason.
Result<void> check_folder_name(std::string_view name);

/// A name that passes check_folder_name, as near to the VM's name as can be: what is refused becomes '_', and it is cut
/// to `most_bytes` (255 less the time stamp of a scheduled backup's name).
std::string safe_folder_name(std::string_view vm_name, std::size_t most_bytes = 200);

/// Two names with one key are one folder to Samba and Windows, which do not tell case apart. Folds Latin, Greek
/// and Cyrillic letters; other scripts with case are rare and pass as different.
std::string case_key(std::string_view name);

}  // namespace sb::catalog
