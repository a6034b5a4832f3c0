#include "daemon/hooks/run_program.hpp"

#include "common/config/problem.hpp"
#include "daemon/hooks/outcome_text.hpp"
#include "daemon/hooks/environment.hpp"
#include "daemon/hooks/output.hpp"
#include "daemon/hooks/spawn_posix.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/spdlog.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <optional>

#include <sys/wait.h>

namespace sb::hooks {
namespace {

using boost::system::error_code;
using Clock = std::chrono::steady_clock;
using Moment = Clock::time_point;

// One child. Its reader and its watcher run beside the coroutine that waits for it, all three on one executor.
class RunningProgram : public std::enable_shared_from_this<RunningProgram> {
public:
    RunningProgram(asio::any_io_executor executor, ports::ProgramCall call, RunLimits limits)
        : call_(std::move(call)),
          limits_(limits),
          output_(executor),
          child_events_(executor, SIGCHLD),
          wake_(executor),
          tail_(limits.kept_output) {
        // Asio does not set SA_RESTART, and a child that exits must not interrupt a write of another thread.
        struct sigaction action {};
        ::sigaction(SIGCHLD, nullptr, &action);
        action.sa_flags |= SA_RESTART | SA_NOCLDSTOP;
        ::sigaction(SIGCHLD, &action, nullptr);
    }

    Result<void> start() {
        auto spawned = spawn(call_.argv, hook_environment(own_environment(), call_.name));
        if (!spawned) return while_doing(spawned.error(), call_.name + " hook");
        pid_ = spawned->pid;
        output_.assign(spawned->output.release());
        report_ = std::move(spawned->report);
        started_ = Clock::now();
        spdlog::info("{}: started '{}' as process {}", call_.name, config::printable(call_.argv[0], 200), pid_);
        read_on();
        watch();
        return {};
    }

    /// Does what is due. Returns when to call it again at the latest; empty when all is done.
    std::optional<Moment> step(Moment now) {
        bool const gone = has_exited();
        if (gone && !gone_at_) gone_at_ = now;
        if (stage_ == Stage::running) {
            if (gone) return end_of_output_ ? std::nullopt : unless_over(*gone_at_ + limits_.drain, now);
            auto const limit = call_.time_limit > Milliseconds(0) ? started_ + call_.time_limit : Moment::max();
            if (now < limit) return limit;
            timed_out_ = true;
            end(now);
        }
        // Others of the group may still be cleaning up after the leader: the end of the output shows when they are
        // gone.
        if (gone && end_of_output_) return std::nullopt;
        if (stage_ == Stage::ending) {
            if (now < ending_since_ + limits_.grace) return ending_since_ + limits_.grace;
            ::kill(-pid_, SIGKILL);
            stage_ = Stage::killed;
            ending_since_ = now;
        }
        return unless_over(ending_since_ + (gone ? limits_.drain : limits_.give_up), now);
    }

    void end(Moment now) {
        if (stage_ != Stage::running) return;
        stage_ = Stage::ending;
        ending_since_ = now;
        ::kill(-pid_, SIGTERM);
    }

    Result<ports::ProgramResult> finish() {
        ports::ProgramResult result;
        result.timed_out = timed_out_;
        if (stage_ != Stage::running)
            ::kill(-pid_, SIGKILL);  // before the leader is reaped, while its id is still reserved
        reap(result);
        for (auto const& line : lines_.rest()) log(line);
        if (!end_of_output_ && stage_ == Stage::running)
            spdlog::info("{}: a program it left running still holds its output; not waiting for it", call_.name);
        close();
        if (auto const failure = why_it_does_not_run(call_.argv[0], report_))
            return while_doing(*failure, call_.name + " hook");
        result.output = tail_.text();
        auto const took = std::chrono::duration_cast<Milliseconds>(Clock::now() - started_);
        spdlog::info("{}: {} ({} ms)", call_.name, describe(result, call_.time_limit), took.count());
        return result;
    }

    /// The coroutine was destroyed without waiting: nothing of the program may remain.
    void abandon() {
        if (pid_ > 0) {
            ::kill(-pid_, SIGKILL);
            ::waitpid(pid_, nullptr, WNOHANG);
            pid_ = -1;
        }
        close();
    }

    asio::steady_timer& wake() { return wake_; }

private:
    enum class Stage { running, ending, killed };

    static std::optional<Moment> unless_over(Moment when, Moment now) {
        return now < when ? std::optional<Moment>(when) : std::nullopt;
    }

    // Without reaping: while the leader is a zombie, no other process can get its group id.
    bool has_exited() const {
        siginfo_t about{};
        if (::waitid(P_PID, static_cast<id_t>(pid_), &about, WEXITED | WNOHANG | WNOWAIT) != 0) return errno == ECHILD;
        return about.si_pid == pid_;
    }

    void reap(ports::ProgramResult& result) {
        int status = 0;
        auto const reaped = ::waitpid(pid_, &status, WNOHANG);
        if (reaped == pid_ && WIFEXITED(status)) result.exit_code = WEXITSTATUS(status);
        if (reaped == pid_ && WIFSIGNALED(status)) result.signal = WTERMSIG(status);
        if (reaped == 0) {
            spdlog::error("{}: process {} hangs in the kernel and cannot be killed; it is abandoned", call_.name, pid_);
            result.signal = SIGKILL;
        }
        pid_ = -1;
    }

    void read_on() {
        output_.async_read_some(asio::buffer(buffer_), [self = shared_from_this()](error_code failed, std::size_t got) {
            std::string_view const piece(self->buffer_.data(), got);
            self->tail_.add(piece);
            for (auto const& line : self->lines_.add(piece)) self->log(line);
            if (!failed) return self->read_on();
            self->end_of_output_ = true;
            self->wake_.cancel();
        });
    }

    void watch() {
        child_events_.async_wait([self = shared_from_this()](error_code failed, int) {
            // A signal already pending when we closed arrives without an error: waiting for another one would keep the
            // daemon from ever stopping.
            if (failed || self->pid_ < 0) return;
            self->watch();
            self->wake_.cancel();
        });
    }

    void log(std::string const& line) {
        if (++logged_ <= limits_.logged_lines) {
            spdlog::info("{}: {}", call_.name, config::printable(line, max_line_bytes));
        } else if (logged_ == limits_.logged_lines + 1) {
            spdlog::warn("{}: printed {} lines; the rest is not logged", call_.name, limits_.logged_lines);
        }
    }

    void close() {
        error_code ignored;
        output_.close(ignored);
        child_events_.cancel(ignored);
    }

    static constexpr std::size_t max_line_bytes = 1000;

    ports::ProgramCall call_;
    RunLimits limits_;
    asio::posix::stream_descriptor output_;
    asio::signal_set child_events_;  // before the child exists, or its exit could be missed
    asio::steady_timer wake_;
    Tail tail_;
    Lines lines_{max_line_bytes};
    std::array<char, 4096> buffer_{};
    platform::FileDescriptor report_;
    pid_t pid_ = -1;
    Stage stage_ = Stage::running;
    Moment started_, ending_since_;
    std::optional<Moment> gone_at_;
    bool timed_out_ = false;
    bool end_of_output_ = false;
    std::size_t logged_ = 0;
};

struct EndAtExit {
    std::shared_ptr<RunningProgram> hook;
    ~EndAtExit() { hook->abandon(); }
};

class ChildPrograms final : public ports::Programs {
public:
    explicit ChildPrograms(RunLimits limits) : limits_(limits) {}

    task<Result<ports::ProgramResult>> run(ports::ProgramCall call) override {
        auto const executor = co_await asio::this_coro::executor;
        auto const before = co_await asio::this_coro::cancellation_state;
        if (before.cancelled() != asio::cancellation_type::none) throw stopped();
        auto const hook = std::make_shared<RunningProgram>(executor, std::move(call), limits_);
        EndAtExit const at_exit{hook};
        auto const started = hook->start();
        if (!started) co_return started.error();

        // A cancelled wait must not throw: the group has to be ended first, which takes a moment.
        bool const throws = co_await asio::this_coro::throw_if_cancelled();
        co_await asio::this_coro::throw_if_cancelled(false);
        bool cancelled = false;
        while (auto const until = hook->step(Clock::now())) {
            hook->wake().expires_at(*until);
            error_code woken;
            co_await hook->wake().async_wait(asio::redirect_error(asio::use_awaitable, woken));
            auto const state = co_await asio::this_coro::cancellation_state;
            if (state.cancelled() == asio::cancellation_type::none || cancelled) continue;
            cancelled = true;
            hook->end(Clock::now());
        }
        auto result = hook->finish();
        co_await asio::this_coro::throw_if_cancelled(throws);
        if (cancelled) throw stopped();
        co_return std::move(result);
    }

private:
    static boost::system::system_error stopped() { return boost::system::system_error(asio::error::operation_aborted); }

    RunLimits limits_;
};

}  // namespace

std::unique_ptr<ports::Programs> make_programs(RunLimits limits) { return std::make_unique<ChildPrograms>(limits); }

}  // namespace sb::hooks
