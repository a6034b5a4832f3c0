#include "daemon/platform/state_lock.hpp"

#include "common/text/ascii.hpp"
#include "daemon/platform/os_error.hpp"
#include "daemon/platform/private_directory.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <string>

namespace sb::platform {
namespace {

std::string pid_in(int fd) {
    std::array<char, 32> text{};
    auto const got = ::pread(fd, text.data(), text.size(), 0);
    std::string pid;
    for (ssize_t i = 0; i < got; ++i) {
        char const c = text[static_cast<std::size_t>(i)];
        if (!is_digit(c)) break;
        pid += c;
    }
    return pid;
}

}  // namespace

Result<StateLock> StateLock::take(std::filesystem::path const& state_dir) {
    if (auto const created = make_private_directory(state_dir); !created) return created.error();
    auto const path = (state_dir / "lock").string();
    create_private(path);  // open() alone would use the umask
    FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!file) return os_error(errno, "opening the lock", path);

    int rc = 0;
    do rc = ::flock(file.get(), LOCK_EX | LOCK_NB);
    while (rc != 0 && errno == EINTR);
    if (rc != 0 && errno == EWOULDBLOCK) {
        auto const pid = pid_in(file.get());
        return Error{Errc::refused, "another scale-backupd" + (pid.empty() ? "" : " (pid " + pid + ")") +
                                        " uses the state directory '" + state_dir.string() +
                                        "': stop it first, or use another --state-dir"};
    }
    if (rc != 0) return os_error(errno, "locking", path);

    close_files_to_others(state_dir);

    // For people and for the message above; the lock does not depend on it.
    auto const pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(file.get(), 0) != 0 || ::pwrite(file.get(), pid.data(), pid.size(), 0) < 0)
        return os_error(errno, "writing", path);
    return StateLock(std::move(file));
}

}  // namespace sb::platform
