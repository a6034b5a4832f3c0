#include "tests/support/pty_process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

namespace sb::test {
namespace {

int open_master() {
    int const master = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (master < 0 || ::grantpt(master) != 0 || ::unlockpt(master) != 0) throw std::runtime_error("no pseudo terminal");
    ::fcntl(master, F_SETFD, FD_CLOEXEC);
    return master;
}

void set_size(int terminal, WindowSize size) {
    winsize window{};
    window.ws_col = size.columns;
    window.ws_row = size.rows;
    ::ioctl(terminal, TIOCSWINSZ, &window);
}

[[noreturn]] void become(Command const& command, std::string const& terminal, WindowSize size) {
    ::setsid();
    int const slave = ::open(terminal.c_str(), O_RDWR);
    if (slave < 0) ::_exit(126);
    ::ioctl(slave, TIOCSCTTY, 0);
    set_size(slave, size);
    for (int const number : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(slave, number);
    ::setenv("TERM", "xterm-256color", 1);
    ::setenv("LC_ALL", "C.UTF-8", 1);
    for (auto const& [name, value] : command.environment) ::setenv(name.c_str(), value.c_str(), 1);
    std::vector<char*> argv;
    for (auto const& word : command.argv) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    ::execvp(argv[0], argv.data());
    ::_exit(127);
}

}  // namespace

PtyProcess::PtyProcess(Command command, WindowSize size) : master_(open_master()) {
    std::string const terminal = ::ptsname(master_);
    pid_ = ::fork();
    if (pid_ < 0) throw std::runtime_error("fork failed");
    if (pid_ == 0) become(command, terminal, size);
    ::fcntl(master_, F_SETFL, O_NONBLOCK);
}

PtyProcess::~PtyProcess() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    ::close(master_);
}

void PtyProcess::type(std::string_view bytes) {
    wait_until([&] {
        auto const count = ::write(master_, bytes.data(), bytes.size());
        if (count > 0) bytes.remove_prefix(static_cast<std::size_t>(count));
        return bytes.empty() || (count < 0 && errno != EAGAIN);
    });
}

void PtyProcess::resize(WindowSize size) { set_size(master_, size); }

void PtyProcess::read_what_is_there() {
    char piece[4096];
    for (;;) {
        auto const count = ::read(master_, piece, sizeof piece);
        if (count <= 0) return;  // nothing now, or EIO: the other end is closed
        raw_.append(piece, static_cast<std::size_t>(count));
    }
}

bool PtyProcess::wait_for(std::string_view text, std::chrono::milliseconds limit) {
    return wait_until(
        [&] {
            read_what_is_there();
            auto const all = plain(raw_);
            auto const at = all.find(text, std::min(seen_, all.size()));
            if (at == std::string::npos) return false;
            seen_ = at + text.size();
            return true;
        },
        limit);
}

int PtyProcess::exit_code(std::chrono::milliseconds limit) {
    int status = 0;
    bool const ended = wait_until(
        [&] {
            read_what_is_there();
            return ::waitpid(pid_, &status, WNOHANG) == pid_;
        },
        limit);
    if (!ended) return -1;
    pid_ = -1;
    read_what_is_there();
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

bool PtyProcess::is_cooked() const {
    termios modes{};
    if (::tcgetattr(master_, &modes) != 0) return false;
    constexpr tcflag_t wanted = ICANON | ECHO | ISIG;
    return (modes.c_lflag & wanted) == wanted;
}

std::string plain(std::string_view bytes) {
    std::string text;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        if (bytes[i] == '\r') continue;
        if (bytes[i] != '\x1b') {
            text += bytes[i];
            continue;
        }
        if (++i >= bytes.size() || bytes[i] != '[') continue;
        while (++i < bytes.size() && !(bytes[i] >= '@' && bytes[i] <= '~')) {}
    }
    return text;
}

}  // namespace sb::test
