#include "ctl/output_file.hpp"

#include "daemon/platform/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>
#include <system_error>

namespace sb::ctl {
namespace {

namespace fs = std::filesystem;
using platform::FileDescriptor;

constexpr int no_descriptor = -1;

std::string last_error() { return std::generic_category().message(errno); }

/// "" or what is wrong. No call is repeated after EINTR: the signals that are caught ask to stop, for example while a
/// pipe has no reader.
std::string write_all(int descriptor, std::string_view text) {
    while (!text.empty()) {
        auto const count = ::write(descriptor, text.data(), text.size());
        if (count < 0) return last_error();
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return {};
}

/// Readers are other users, such as the one of node_exporter, whatever the umask of the person or of cron.
constexpr mode_t readable_by_all = 0644;

bool is_same_file(struct stat const& one, struct stat const& other) {
    return one.st_dev == other.st_dev && one.st_ino == other.st_ino;
}

/// stdout or stderr, if that is this file: it is written into where it stands, as a shell's `>>` expects, and
/// /dev/stdout works even where it cannot be opened again (a socket).
int own_output(struct stat const& file) {
    for (int const descriptor : {STDOUT_FILENO, STDERR_FILENO}) {
        struct stat own {};
        if (::fstat(descriptor, &own) == 0 && is_same_file(own, file)) return descriptor;
    }
    return no_descriptor;
}

bool is_own_or_roots(uid_t user) { return user == 0 || user == ::geteuid(); }

/// The rule of Linux's fs.protected_symlinks, for every folder that others may write to, and without that setting.
bool may_follow(struct stat const& link, struct stat const& folder) {
    bool const others_write = !is_own_or_roots(folder.st_uid) || (folder.st_mode & (S_IWGRP | S_IWOTH)) != 0;
    return is_own_or_roots(link.st_uid) || !others_write;
}

/// A name in an open folder. Nothing is followed from there on.
struct Place {
    FileDescriptor folder;
    std::string name;
    bool is_link = false;  ///< of /proc or /dev/fd: it leads to an open file, not to a name
    std::string problem;   ///< why there is none
};

Place no_place(std::string problem) { return {FileDescriptor(), {}, false, std::move(problem)}; }

/// What a link contains; empty if it cannot be read.
fs::path target_of(int folder, std::string const& name) {
    std::string target(PATH_MAX, '\0');
    auto const length = ::readlinkat(folder, name.c_str(), target.data(), target.size());
    target.resize(length < 0 ? 0 : static_cast<std::size_t>(length));
    return target;
}

/// Where the last link of a chain leads, whether that exists or not.
Place behind_links(fs::path file) {
    constexpr int most_links = 40;  // Linux allows as many
    for (int i = 0; i <= most_links; ++i) {
        auto const parent = file.has_parent_path() ? file.parent_path() : fs::path(".");
        Place place{
            FileDescriptor(::open(parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)), file.filename(), false, {}};
        if (!place.folder) return no_place(last_error());
        if (place.name.empty()) return no_place("it is a folder");
        struct stat found {
        }, folder{}, behind{};
        if (::fstatat(place.folder.get(), place.name.c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0)
            return errno == ENOENT ? std::move(place) : no_place(last_error());
        if (!S_ISLNK(found.st_mode)) return place;
        if (::fstat(place.folder.get(), &folder) != 0) return no_place(last_error());
        if (!may_follow(found, folder))
            return no_place("'" + file.string() +
                            "' is a link of another user in a folder that others can write to; remove it, or name the "
                            "file that it leads to");
        auto const target = parent / target_of(place.folder.get(), place.name);
        place.is_link =
            ::lstat(target.c_str(), &behind) != 0 && ::fstatat(place.folder.get(), place.name.c_str(), &behind, 0) == 0;
        if (place.is_link) return place;
        file = target;
    }
    return no_place(std::generic_category().message(ELOOP));
}

/// A device or a pipe. `found` is what was inspected: never a regular file that took its place.
std::string write_into(Place const& place, struct stat const& found, std::string_view text) {
    int const follow = place.is_link ? 0 : O_NOFOLLOW;
    FileDescriptor const fd(::openat(place.folder.get(), place.name.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY | follow));
    if (!fd) return last_error();
    struct stat opened {};
    if (::fstat(fd.get(), &opened) != 0) return last_error();
    if (!is_same_file(opened, found)) return "it was replaced by another program";
    return write_all(fd.get(), text);
}

/// Some file systems report a full disk only when the file is closed.
std::string closed(FileDescriptor& fd) { return ::close(fd.release()) == 0 ? std::string() : last_error(); }

std::string replace_file(Place const& place, std::string_view text) {
    // A name that no other call uses. O_EXCL: in a folder that others can write to it may be a link to anything.
    auto const part = place.name + '.' + std::to_string(::getpid()) + ".part";
    int const folder = place.folder.get();
    ::unlinkat(folder, part.c_str(), 0);
    constexpr int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY;
    FileDescriptor fd(::openat(folder, part.c_str(), flags, readable_by_all));
    if (!fd) return last_error();
    auto problem = write_all(fd.get(), text);
    if (problem.empty() && ::fchmod(fd.get(), readable_by_all) != 0) problem = last_error();
    auto const at_the_end = closed(fd);
    if (problem.empty()) problem = at_the_end;
    // Replaces the name itself, also one that has become a link meanwhile.
    if (problem.empty() && ::renameat(folder, part.c_str(), folder, place.name.c_str()) != 0) problem = last_error();
    if (!problem.empty()) ::unlinkat(folder, part.c_str(), 0);
    return problem;
}

/// "" or what is wrong.
std::string written(fs::path const& file, std::string_view text) {
    struct stat found {};
    bool const exists = ::stat(file.c_str(), &found) == 0;
    if (exists && S_ISDIR(found.st_mode)) return "it is a folder";
    if (exists && S_ISBLK(found.st_mode)) return "it is a disk";
    if (int const own = exists ? own_output(found) : no_descriptor; own != no_descriptor) return write_all(own, text);
    auto const place = behind_links(file);
    if (!place.problem.empty()) return place.problem;
    if (exists && !S_ISREG(found.st_mode)) return write_into(place, found, text);
    if (place.is_link) return "it leads to an open file that has no name";
    return replace_file(place, text);
}

}  // namespace

Result<void> write_output_file(fs::path const& file, std::string_view text) {
    auto const problem = written(file, text);
    if (problem.empty()) return {};
    return Error{Errc::io, "writing '" + file.string() + "': " + problem};
}

}  // namespace sb::ctl
