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

/// As check_folder_name, for a backup that is to be made: the cluster names the definition after it, so the name must
/// leave space for ".xml".
Result<void> check_new_name(std::string_view name);

/// Whether a folder with this name can be a backup: a hidden one, a landing folder, or one that belongs to the file
/// system or the NAS (lost+found, @eaDir, ...) never is, whatever it holds.
bool may_be_backup(std::string_view folder);

/// `not_found`. Where a path was given, for example one that a shell completed, it says what to give instead: paths
/// are not accepted, so that a backup has one name everywhere.
Error no_such_backup(std::string const& name, std::string const& local_path);

/// A name that passes check_folder_name, as close to the VM's name as possible: refused characters become '_', and it
/// is cut to `max_bytes` (255 minus the time stamp of a scheduled backup's name).
std::string safe_folder_name(std::string_view vm_name, std::size_t max_bytes = 200);

}  // namespace sb::catalog
