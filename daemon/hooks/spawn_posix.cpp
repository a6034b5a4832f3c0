// fork and exec, not posix_spawn: closing all descriptors and setting the working directory are late additions to
// posix_spawn that supported FreeBSD versions lack.
#include "daemon/hooks/spawn_posix.hpp"

#include "daemon/platform/os_error.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

namespace sb::hooks {
namespace {

using platform::FileDescriptor;

struct Pipe {
    FileDescriptor read, write;
};

// Above the standard descriptors, even if those are closed: the child puts its own there.
Result<FileDescriptor> above_standard(FileDescriptor fd) {
    if (fd.get() > STDERR_FILENO) return fd;
    FileDescriptor moved(::fcntl(fd.get(), F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
    if (!moved) return platform::os_error(errno, "duplicating", "a pipe");
    return moved;
}

Result<Pipe> make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return platform::os_error(errno, "creating", "a pipe");
    FileDescriptor first(ends[0]), second(ends[1]);
    auto read = above_standard(std::move(first));
    if (!read) return read.error();
    auto write = above_standard(std::move(second));
    if (!write) return write.error();
    return Pipe{std::move(*read), std::move(*write)};
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

// In the child, where only async-signal-safe calls are allowed: other threads may hold any lock.
[[noreturn]] void become(char* const* argv, char* const* environment, int output, int report) {
    constexpr int report_place = STDERR_FILENO + 1;
    ::setpgid(0, 0);
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    for (int number = 1; number < NSIG; ++number) ::sigaction(number, &standard, nullptr);

    bool ready = true;
    int const null = ::open("/dev/null", O_RDONLY);
    ready = null >= 0 && ::dup2(null, STDIN_FILENO) >= 0 && ready;
    ready = ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0 && ready;
    ready = ::dup2(report, report_place) >= 0 && ::fcntl(report_place, F_SETFD, FD_CLOEXEC) == 0 && ready;
    ::closefrom(report_place + 1);
    ready = ::chdir("/") == 0 && ready;

    // The daemon raises its own limit; programs that use select() break with a descriptor above 1023.
    rlimit files{};
    if (::getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = std::min<rlim_t>(files.rlim_cur, 1024);
        ::setrlimit(RLIMIT_NOFILE, &files);
    }
    // The daemon limits its own memory, not that of a program that compresses or copies for it.
    rlimit memory{};
    if (::getrlimit(RLIMIT_DATA, &memory) == 0) {
        memory.rlim_cur = memory.rlim_max;
        ::setrlimit(RLIMIT_DATA, &memory);
    }
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);

    if (ready) ::execve(argv[0], argv, environment);
    int const reason = errno;
    [[maybe_unused]] auto const written = ::write(report_place, &reason, sizeof reason);
    ::_exit(127);
}

// 0 = it ran, or is not known to do.
int reason_of_failure(int report) {
    int reason = 0;
    ssize_t got = 0;
    do {
        got = ::read(report, &reason, sizeof reason);
    } while (got < 0 && errno == EINTR);
    return got == static_cast<ssize_t>(sizeof reason) ? reason : 0;
}

Error cannot_run(std::string const& program, int reason) {
    std::string text = "cannot run '" + program + "': ";
    switch (reason) {
        case ENOENT: text += "it does not exist, or the interpreter in its first line does not"; break;
        case EACCES: text += "the daemon's user may not execute it: check its mode (chmod +x) and its folders"; break;
        case ENOEXEC: text += "it is neither a program for this system nor a script that starts with '#!'"; break;
        case E2BIG: text += "its arguments are too long"; break;
        default: text += std::generic_category().message(reason);
    }
    return Error{Errc::io, std::move(text)};
}

}  // namespace

Result<Spawned> spawn(std::vector<std::string> argv, std::vector<std::string> environment) {
    if (argv.empty()) return Error{Errc::invalid_params, "the hook names no program"};
    for (auto const& argument : argv) {
        if (argument.find('\0') == std::string::npos) continue;
        return Error{Errc::invalid_params, "an argument of '" + argv[0] + "' contains a NUL byte"};
    }
    auto output = make_pipe();
    if (!output) return output.error();
    auto report = make_pipe();
    if (!report) return report.error();
    auto const arguments = pointers(argv);
    auto const variables = pointers(environment);

    // No signal handler of the daemon may run in the child: it would write into the daemon's pipes.
    sigset_t all, before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_SETMASK, &all, &before);
    pid_t const pid = ::fork();
    if (pid == 0) become(arguments.data(), variables.data(), output->write.get(), report->write.get());
    int const failure = errno;
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (pid < 0) return platform::os_error(failure, "starting", argv[0]);

    ::setpgid(pid, pid);  // here as well: whichever runs first, a signal to the group reaches it
    // A process that cannot be killed has reported nothing; do not wait for it.
    ::fcntl(report->read.get(), F_SETFL, O_NONBLOCK);
    return Spawned{pid, std::move(output->read), std::move(report->read)};
}

std::optional<Error> why_it_does_not_run(std::string const& program, platform::FileDescriptor const& report) {
    int const reason = reason_of_failure(report.get());
    if (reason == 0) return std::nullopt;
    return cannot_run(program, reason);
}

}  // namespace sb::hooks
