// Renames in a folder that replace nothing.
#include "daemon/platform/folder.hpp"
#include "daemon/platform/folder_posix.hpp"
#include "daemon/platform/os_error.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <cerrno>

namespace sb::platform {
namespace {

/// A folder that is renamed cannot replace a folder with content (ENOTEMPTY, EEXIST) or a file (ENOTDIR), nor a file a
/// folder (EISDIR). Both names are plain, so nothing else leads to these errors.
bool target_is_taken(int code) { return code == EEXIST || code == ENOTEMPTY || code == ENOTDIR || code == EISDIR; }

}  // namespace

int rename_after_check(int folder, char const* name, char const* new_name) {
    struct stat about {};
    if (::fstatat(folder, new_name, &about, AT_SYMLINK_NOFOLLOW) == 0) return EEXIST;
    if (errno != ENOENT) return errno;
    return ::renameat(folder, name, folder, new_name) == 0 ? 0 : errno;
}

Result<void> Folder::rename_exclusively(std::string const& name, std::string const& new_name) const {
    if (!is_plain_name(name)) return bad_name(name, path_);
    if (!is_plain_name(new_name)) return bad_name(new_name, path_);
    int const failure = rename_exclusively_at(handle_.get(), name.c_str(), new_name.c_str());
    if (failure == 0) return {};
    auto error = os_error(failure, "renaming '" + path_of(name) + "' to", path_of(new_name));
    if (target_is_taken(failure)) error.code = Errc::name_in_use;
    return error;
}

}  // namespace sb::platform
