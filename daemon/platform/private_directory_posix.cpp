#include "daemon/platform/private_directory.hpp"

#include "common/text/shell_word.hpp"
#include "daemon/platform/file_descriptor.hpp"
#include "daemon/platform/os_error.hpp"

#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <vector>

namespace sb::platform {
namespace {

namespace fs = std::filesystem;

/// Those that get a new entry when `directory` is created.
std::vector<fs::path> parents_that_change(fs::path directory) {
    std::vector<fs::path> parents;
    std::error_code unknown;
    for (; !directory.empty() && !fs::exists(directory, unknown); directory = directory.parent_path())
        parents.push_back(directory.has_parent_path() ? directory.parent_path() : fs::path("."));
    return parents;
}

/// Best effort: a directory may be writable but not readable.
void sync(fs::path const& directory) {
    FileDescriptor const handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int rc = 0;
    do rc = handle ? ::fsync(handle.get()) : 0;
    while (rc != 0 && errno == EINTR);
}

/// The user's name, or the number if it has none.
std::string user_name(uid_t id) {
    std::array<char, 4096> memory{};
    passwd entry{};
    passwd* found = nullptr;
    bool const has_name = ::getpwuid_r(id, &entry, memory.data(), memory.size(), &found) == 0 && found != nullptr;
    return has_name ? std::string(entry.pw_name) : std::to_string(id);
}

Error not_roots(std::string const& directory, std::string const& owner) {
    return {Errc::refused, "the state directory '" + directory + "' belongs to the user '" + owner +
                               "', and as root the daemon would leave files in it that this user cannot open: start "
                               "the service instead, or run it as that user: su -m " +
                               shell_word(owner) + " -c 'scale-backupd ...'"};
}

Result<void> close_to_others(std::string const& directory) {
    struct stat about {};
    if (::stat(directory.c_str(), &about) != 0) return os_error(errno, "inspecting the state directory", directory);
    if (!S_ISDIR(about.st_mode)) return os_error(ENOTDIR, "opening the state directory", directory);
    if (::geteuid() == 0 && about.st_uid != 0) return not_roots(directory, user_name(about.st_uid));
    constexpr mode_t of_others = S_IRWXG | S_IRWXO;
    bool const is_own = about.st_uid == ::geteuid();
    if ((about.st_mode & of_others) == 0) return {};
    if (is_own && ::chmod(directory.c_str(), about.st_mode & 07777U & ~of_others) == 0) return {};
    if ((about.st_mode & S_IRWXO) == 0) return {};
    if (!is_own) errno = EPERM;
    return Error{Errc::refused, "the state directory '" + directory +
                                    "' is open to all users, and this one may not change that: " +
                                    std::generic_category().message(errno) + ". As its owner '" +
                                    user_name(about.st_uid) + "': chmod o= " + shell_word(directory)};
}

/// Whatever the umask.
void create_with_mode(fs::path const& file, mode_t mode) {
    FileDescriptor const created(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
    if (created) static_cast<void>(::fchmod(created.get(), mode));
}

}  // namespace

Result<void> make_private_directory(fs::path const& directory) {
    auto const parents = parents_that_change(directory);
    if (directory.has_parent_path()) {
        std::error_code failure;
        fs::create_directories(directory.parent_path(), failure);
        if (failure) return os_error(failure.value(), "creating the folder", directory.parent_path().string());
    }
    bool const is_new = ::mkdir(directory.c_str(), 0700) == 0;
    if (!is_new && errno != EEXIST) return os_error(errno, "creating the state directory", directory.string());
    if (is_new) static_cast<void>(::chmod(directory.c_str(), 0700));  // the umask may take away even the owner's rights
    for (auto const& parent : parents) sync(parent);
    return close_to_others(directory.string());
}

std::string who_else_reads(fs::path const& directory) {
    struct stat about {};
    if (::stat(directory.c_str(), &about) != 0 || (about.st_mode & (S_IRWXG | S_IRWXO)) == 0) return {};
    auto const path = shell_word(directory.string());
    return "the state directory '" + directory.string() + "' belongs to the user '" + user_name(about.st_uid) +
           "', and members of its group can read the names of all VMs in it. As root: chown " +
           shell_word(user_name(::geteuid())) + " " + path + " && chmod 0700 " + path;
}

void close_files_to_others(fs::path const& directory) {
    // It holds a handful; not more are looked at than a start has time for.
    constexpr int most = 1000;
    std::error_code failure;
    auto file = fs::directory_iterator(directory, failure);
    for (int seen = 0; !failure && file != fs::directory_iterator() && seen < most; ++seen, file.increment(failure)) {
        // Reading a pipe must not wait, and a link may lead anywhere.
        FileDescriptor const handle(
            ::open(file->path().c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
        struct stat about {};
        if (!handle || ::fstat(handle.get(), &about) != 0) continue;
        bool const is_ours = S_ISREG(about.st_mode) && about.st_uid == ::geteuid() && about.st_nlink == 1;
        if (is_ours && (about.st_mode & (S_IRWXG | S_IRWXO)) != 0)
            static_cast<void>(::fchmod(handle.get(), about.st_mode & S_IRWXU));
    }
}

void create_private(fs::path const& file) { create_with_mode(file, 0600); }

void create_for_group(fs::path const& file) { create_with_mode(file, 0640); }

}  // namespace sb::platform
