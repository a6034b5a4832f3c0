#include "tests/support/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <map>
#include <stdexcept>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace sb::test {
namespace {

std::vector<std::string> environment_with(std::vector<std::pair<std::string, std::string>> const& changes) {
    std::map<std::string, std::string> values;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        std::string text = *entry;
        auto const equals = text.find('=');
        if (equals != std::string::npos) values[text.substr(0, equals)] = text.substr(equals + 1);
    }
    // Tests read messages: the user's language must not matter.
    values["LC_ALL"] = "C.UTF-8";
    for (auto const& [name, value] : changes) values[name] = value;
    std::vector<std::string> result;
    for (auto const& [name, value] : values) result.push_back(name + "=" + value);
    return result;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> result;
    for (auto& text : texts) result.push_back(text.data());
    result.push_back(nullptr);
    return result;
}

Exit exit_of(int status) {
    if (WIFSIGNALED(status)) return {128 + WTERMSIG(status), WTERMSIG(status)};
    return {WEXITSTATUS(status), 0};
}

}  // namespace

Process::Process(Command command) {
    write_file(files_ / "in", command.input);
    auto const in = (files_ / "in").string();
    auto const out = (files_ / "out").string();
    auto const err = (files_ / "err").string();

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, in.c_str(), O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, out.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, err.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);

    // No new process group: smbd creates its own session and fails if it already leads a group.
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    sigset_t all;
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);

    auto environment = environment_with(command.environment);
    auto const arguments = pointers(command.argv);
    auto const variables = pointers(environment);
    int const failure =
        ::posix_spawnp(&pid_, command.argv.at(0).c_str(), &actions, &attributes, arguments.data(), variables.data());
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (failure != 0) throw std::runtime_error("cannot start " + command.argv[0] + ": " + std::strerror(failure));
}

Process::~Process() { kill(); }

std::optional<Exit> Process::poll_exit() {
    if (!exit_) {
        int status = 0;
        if (::waitpid(pid_, &status, WNOHANG) == pid_) exit_ = exit_of(status);
    }
    return exit_;
}

bool Process::wait_for_output(std::string_view text, std::chrono::milliseconds limit) {
    auto const seen = [&] { return out().find(text) != std::string::npos || err().find(text) != std::string::npos; };
    wait_until([&] { return seen() || poll_exit(); }, limit);
    return seen();
}

std::optional<Exit> Process::wait(std::chrono::milliseconds limit) {
    wait_until([&] { return poll_exit().has_value(); }, limit);
    return exit_;
}

void Process::signal(int number) {
    if (!poll_exit()) ::kill(pid_, number);
}

Exit Process::stop(std::chrono::milliseconds limit) {
    signal(SIGTERM);
    if (auto const exit = wait(limit)) return *exit;
    return kill();
}

Exit Process::kill() {
    signal(SIGKILL);
    if (!exit_) {
        int status = 0;
        while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {}
        exit_ = exit_of(status);
    }
    return *exit_;
}

Finished run(Command command, std::chrono::milliseconds limit) {
    Process process(std::move(command));
    auto const exit = process.wait(limit);
    return {exit ? exit->code : -1, process.out(), process.err()};
}

std::optional<std::string> find_program(std::string const& name) {
    char const* const variable = std::getenv("PATH");
    std::string const folders = std::string(variable == nullptr ? "" : variable) + ":/usr/sbin:/sbin:/usr/local/sbin";
    for (std::size_t begin = 0; begin <= folders.size();) {
        auto const end = std::min(folders.find(':', begin), folders.size());
        auto const candidate = folders.substr(begin, end - begin) + "/" + name;
        if (::access(candidate.c_str(), X_OK) == 0) return candidate;
        begin = end + 1;
    }
    return std::nullopt;
}

}  // namespace sb::test
