#pragma once
// What the daemon creates outside of the share, and other users must not read.

#include "common/error.hpp"

#include <filesystem>
#include <string>

namespace sb::platform {

/// Creates the directory (mode 0700) and its parents where they are missing, and flushes their names to disk: what is
/// recorded in it must not vanish in a power failure. An existing one of this user loses the rights of its group and of
/// all other users, because the names of all VMs are in it. `refused` if all users can read it and this one may not
/// change that, or if this process is root and the directory is another user's: root's files in it would keep that
/// user's daemon from starting.
Result<void> make_private_directory(std::filesystem::path const& directory);

/// Who else can read that directory, and how to change it, for the log; empty if no other user can. It is so where this
/// user works in a directory of another one, through its group.
std::string who_else_reads(std::filesystem::path const& directory);

/// Takes the rights of other users from the files directly in it that are this user's. Best effort.
void close_files_to_others(std::filesystem::path const& directory);

/// Creates an empty file for this user alone (mode 0600). A file that exists stays as it is. Best effort.
void create_private(std::filesystem::path const& file);

/// Creates an empty file that its user may write and its group may read (mode 0640, whatever the umask). A file that
/// exists stays as it is. Best effort: the program that opens it next reports why it is not there.
void create_for_group(std::filesystem::path const& file);

}  // namespace sb::platform
