#include "common/config/file_access.hpp"

#include "common/text/shell_word.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace sb::config {
namespace {

bool is_ours(struct stat const& about) { return about.st_uid == 0 || about.st_uid == ::geteuid(); }

}  // namespace

Exposure exposure_of(std::filesystem::path const& path) {
    using std::filesystem::perms;
    std::error_code ignored;
    auto const status = std::filesystem::status(path, ignored);
    if (!std::filesystem::exists(status)) return {};
    auto const allows = [&](perms bit) { return (status.permissions() & bit) != perms::none; };
    return {allows(perms::others_read), allows(perms::others_write)};
}

std::optional<std::string> who_else_may_change(std::filesystem::path const& file) {
    struct stat about {};
    if (::lstat(file.c_str(), &about) != 0) return "cannot access it: " + std::generic_category().message(errno);
    if (S_ISLNK(about.st_mode)) return "it is a symbolic link";
    if (!S_ISREG(about.st_mode)) return "it is not a regular file";
    if (!is_ours(about)) return "it belongs to another user";
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return "other users can change it (fix it with: chmod go-w " + shell_word(file.string()) + ")";
    std::error_code failed;
    auto folder = std::filesystem::canonical(file.parent_path(), failed);
    if (failed) return "cannot access its folder: " + failed.message();
    for (bool nearest = true;; nearest = false, folder = folder.parent_path()) {
        if (::stat(folder.c_str(), &about) != 0)
            return "cannot access its folder: " + std::generic_category().message(errno);
        // In a folder like /tmp others cannot rename files that are not theirs, but they can create new ones.
        bool const only_own_names = !nearest && (about.st_mode & S_ISVTX) != 0;
        bool const open = (about.st_mode & (S_IWGRP | S_IWOTH)) != 0 && !only_own_names;
        if (open || !is_ours(about)) return "other users can create files in '" + folder.string() + "'";
        if (folder == folder.parent_path()) return std::nullopt;
    }
}

std::string command_that_closes(std::filesystem::path const& path) {
    return "chmod o-rwx " + shell_word(path.string());
}

}  // namespace sb::config
