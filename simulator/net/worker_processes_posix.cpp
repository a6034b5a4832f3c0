#include "simulator/net/worker_processes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <spdlog/spdlog.h>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

extern char** environ;

namespace sb::sim {

using asio::redirect_error;
using asio::use_awaitable;
using boost::system::error_code;

struct WorkerProcesses::Worker {
    Worker(asio::any_io_executor executor) : input(executor), output(executor) {}

    std::uint64_t id = 0;
    pid_t pid = -1;
    asio::posix::stream_descriptor input;   ///< our end of its stdin
    asio::posix::stream_descriptor output;  ///< our end of its stdout
    OnMessage on_message;                   ///< empty = messages are no longer wanted
};

namespace {

struct Pipe {
    std::array<int, 2> ends{-1, -1};

    Pipe() {
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) ends = {-1, -1};
    }
    Pipe(Pipe const&) = delete;
    Pipe& operator=(Pipe const&) = delete;
    ~Pipe() {
        for (int const end : ends)
            if (end >= 0) ::close(end);
    }
    bool open() const { return ends[0] >= 0; }
    int take(std::size_t end) { return std::exchange(ends[end], -1); }
};

/// 0 or an errno. Accepted sockets are not marked close-on-exec, so all other descriptors are closed explicitly: a
/// worker that inherited one would keep a client's connection open.
int spawn(std::string const& program, Pipe const& in, Pipe const& out, pid_t& pid) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.ends[0], 0);
    posix_spawn_file_actions_adddup2(&actions, out.ends[1], 1);
    posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    posix_spawnattr_t attributes;
    posix_spawnattr_init(&attributes);
    sigset_t none;
    sigemptyset(&none);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    std::string name = program;
    std::string mode = "--transfer-worker";
    std::array<char*, 3> arguments{name.data(), mode.data(), nullptr};
    int const failure = ::posix_spawnp(&pid, program.c_str(), &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failure;
}

}  // namespace

WorkerProcesses::WorkerProcesses(asio::any_io_executor executor, std::string program)
    : executor_(executor), program_(std::move(program)), child_events_(executor, SIGCHLD) {
    asio::co_spawn(executor_, reap(), asio::detached);
}

WorkerProcesses::~WorkerProcesses() {
    for (int const pid : pids_) ::kill(pid, SIGKILL);
    for (int const pid : pids_)
        while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {}  // the end of another child interrupts the wait
}

std::shared_ptr<WorkerProcesses::Worker> WorkerProcesses::spawn_worker(int& failure) {
    auto worker = std::make_shared<Worker>(executor_);
    Pipe in;
    Pipe out;
    failure = in.open() && out.open() ? 0 : errno;
    if (failure == 0) failure = spawn(program_, in, out, worker->pid);
    if (failure != 0) return worker;
    pids_.push_back(worker->pid);
    worker->input.assign(in.take(1));
    worker->output.assign(out.take(0));
    return worker;
}

std::uint64_t WorkerProcesses::start(WorkerSpec spec, OnMessage on_message) {
    int failure = 0;
    auto const worker = spawn_worker(failure);
    worker->id = next_id_++;
    worker->on_message = std::move(on_message);
    if (failure != 0) {
        auto const message = "start " + program_ + ": " + std::system_category().message(failure);
        asio::post(executor_, [this, worker, message] { report_failure(worker, message); });
        return worker->id;
    }
    workers_[worker->id] = worker;
    asio::co_spawn(executor_, feed(worker, to_json(spec) + "\n"), asio::detached);
    asio::co_spawn(executor_, listen(worker), asio::detached);
    return worker->id;
}

void WorkerProcesses::kill(std::uint64_t id) {
    auto const found = workers_.find(id);
    if (found == workers_.end()) return;
    auto const worker = found->second;
    workers_.erase(found);
    worker->on_message = nullptr;
    // A worker that has sent its last message exits on its own; the signal is for one that has not.
    ::kill(worker->pid, SIGKILL);
}

void WorkerProcesses::report_failure(std::shared_ptr<Worker> worker, std::string message) {
    spdlog::error("transfer worker: {}", message);
    workers_.erase(worker->id);
    if (auto const report = std::exchange(worker->on_message, nullptr))
        report(Failed{"An internal error occurred", {}, ""});
}

task<void> WorkerProcesses::feed(std::shared_ptr<Worker> worker, std::string spec) {
    error_code error;
    co_await asio::async_write(worker->input, asio::buffer(spec), redirect_error(use_awaitable, error));
    worker->input.close(error);
}

task<void> WorkerProcesses::listen(std::shared_ptr<Worker> worker) {
    std::string buffer;
    error_code error;
    for (;;) {
        auto const length = co_await asio::async_read_until(worker->output, asio::dynamic_buffer(buffer), '\n',
                                                            redirect_error(use_awaitable, error));
        if (error || !worker->on_message) break;
        auto const message = parse_message(std::string_view(buffer).substr(0, length - 1));
        if (!message) {
            report_failure(worker, message.error().context);
            break;
        }
        buffer.erase(0, length);
        bool const last = !std::holds_alternative<Progress>(*message);
        auto const report = worker->on_message;
        if (last) {
            worker->on_message = nullptr;
            workers_.erase(worker->id);
        }
        report(*message);
        if (last) co_return;
    }
    if (worker->on_message) report_failure(worker, "ended without a message");
}

task<void> WorkerProcesses::reap() {
    error_code error;
    while (!error) {
        co_await child_events_.async_wait(redirect_error(use_awaitable, error));
        std::erase_if(pids_, [](int pid) { return ::waitpid(pid, nullptr, WNOHANG) != 0; });
    }
}

}  // namespace sb::sim
