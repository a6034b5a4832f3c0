// Real programs as children: what they inherit, how they end, and that none of them outlives its time.
#include "daemon/hooks/run_program.hpp"

#include "daemon/platform/process.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/support/wait_until.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdlib>
#include <optional>

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sb::hooks {
namespace {

using testing::HasSubstr;
using testing::Not;
using std::chrono::seconds;

class RunHook : public testing::Test {
protected:
    struct Run {
        std::optional<Result<ports::ProgramResult>> result;
        std::exception_ptr failure;
        asio::cancellation_signal stop;
        bool over() const { return result || failure; }
    };

    void begin(Run& run, std::vector<std::string> argv, Milliseconds time_limit = seconds(60)) {
        ports::ProgramCall call;
        call.name = "PostBackup";
        call.argv = std::move(argv);
        call.time_limit = time_limit;
        auto done = [&run](std::exception_ptr failure, Result<ports::ProgramResult> result) {
            run.failure = failure;
            if (!failure) run.result.emplace(std::move(result));
        };
        asio::co_spawn(io_, hooks_->run(std::move(call)),
                       asio::bind_cancellation_slot(run.stop.slot(), std::move(done)));
    }

    Result<ports::ProgramResult> run(std::vector<std::string> argv, Milliseconds time_limit = seconds(60)) {
        Run one;
        begin(one, std::move(argv), time_limit);
        loop_until([&] { return one.over(); });
        if (!one.result) throw std::runtime_error("the hook did not end");
        return *one.result;
    }

    Result<ports::ProgramResult> sh(std::string script, Milliseconds time_limit = seconds(60)) {
        return run({"/bin/sh", "-c", std::move(script)}, time_limit);
    }

    template <class Condition>
    bool loop_until(Condition condition) {
        auto const end = std::chrono::steady_clock::now() + test::patience;
        io_.restart();
        while (!condition() && std::chrono::steady_clock::now() < end) {
            io_.run_one_for(std::chrono::milliseconds(10));
            io_.restart();
        }
        return condition();
    }

    // Gone, or a zombie whose parent (not us) has not waited for it yet.
    static bool is_gone(pid_t pid) {
        if (::kill(pid, 0) != 0) return errno == ESRCH;
        auto const stat = test::read_file("/proc/" + std::to_string(pid) + "/stat");
        return stat.find(") Z") != std::string::npos;
    }

    pid_t pid_in(std::string_view name) {
        auto const file = folder_ / name;
        loop_until([&] { return test::read_file(file).find('\n') != std::string::npos; });
        return std::atoi(test::read_file(file).c_str());
    }

    asio::io_context io_{1};
    test::TempDir folder_;
    std::unique_ptr<ports::Programs> hooks_ =
        make_programs({.grace = std::chrono::milliseconds(300), .drain = std::chrono::milliseconds(200)});
};

TEST_F(RunHook, KeepsOutputAndErrorInTheOrderTheyCame) {
    auto const result = sh("echo one; echo two >&2; echo three; exit 3");
    ASSERT_TRUE(result) << result.error().context;
    EXPECT_EQ(result->output, "one\ntwo\nthree\n");
    EXPECT_EQ(result->exit_code, 3);
    EXPECT_FALSE(result->succeeded());
}

TEST_F(RunHook, GetsItsArgumentsUnchanged) {
    auto const result = run({"/bin/sh", "-c", "printf '<%s>' \"$@\"", "sh", "a b", "", "*", "$HOME", "ä\n'"});
    ASSERT_TRUE(result);
    EXPECT_EQ(result->output, "<a b><><*><$HOME><ä\n'>");
    EXPECT_TRUE(result->succeeded());
}

TEST_F(RunHook, InheritsNoDescriptorOfTheDaemon) {
    // Not marked close-on-exec, as a library may leave them, and far from the others.
    int const open_file = ::open("/dev/null", O_RDONLY);
    int const far = ::fcntl(open_file, F_DUPFD, 200);
    auto const result = sh("ls /dev/fd/ | tr '\\n' ' '; read line || echo end of input");
    ::close(open_file);
    ::close(far);
    ASSERT_TRUE(result);
    // 3 is the folder that ls reads.
    EXPECT_EQ(result->output, "0 1 2 3 end of input\n");
}

TEST_F(RunHook, HasTheMemoryThatTheDaemonDeniesItself) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_DATA, &before), 0);
    platform::limit_memory(std::uint64_t{64} << 20);
    auto const result = run({"/usr/bin/env", "python3", "-c", "print(len(bytearray(1 << 30)))"});
    ASSERT_EQ(::setrlimit(RLIMIT_DATA, &before), 0);
    ASSERT_TRUE(result) << result.error().context;
    EXPECT_EQ(result->output, "1073741824\n");
    EXPECT_TRUE(result->succeeded());
}

TEST_F(RunHook, RunsInTheRootFolderWithACleanEnvironment) {
    ::setenv("SB_TEST_SECRET", "hunter2", 1);
    auto const result = sh("pwd; env");
    ::unsetenv("SB_TEST_SECRET");
    ASSERT_TRUE(result);
    EXPECT_THAT(result->output, testing::StartsWith("/\n"));
    EXPECT_THAT(result->output, HasSubstr("SCALE_BACKUP_HOOK=PostBackup\n"));
    EXPECT_THAT(result->output, Not(HasSubstr("hunter2")));
}

TEST_F(RunHook, StartsWithTheSystemsSignalSettings) {
    // Ignored signals and the signal mask survive exec unless they are reset.
    auto const before = std::signal(SIGPIPE, SIG_IGN);
    sigset_t blocked, old;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    ::pthread_sigmask(SIG_BLOCK, &blocked, &old);
    auto const piped = sh("kill -s PIPE $$; echo still here");
    auto const masked = sh("kill -s USR1 $$; echo still here");
    ::pthread_sigmask(SIG_SETMASK, &old, nullptr);
    std::signal(SIGPIPE, before);
    ASSERT_TRUE(piped);
    EXPECT_EQ(piped->signal, SIGPIPE);
    ASSERT_TRUE(masked);
    EXPECT_EQ(masked->signal, SIGUSR1);
    EXPECT_EQ(masked->output, "");
}

TEST_F(RunHook, DistinguishesASignalFromAnExitCode) {
    auto const killed = sh("kill -s TERM $$");
    ASSERT_TRUE(killed);
    EXPECT_EQ(killed->signal, SIGTERM);
    EXPECT_EQ(killed->exit_code, -1);
    auto const exited = sh("exit 15");
    ASSERT_TRUE(exited);
    EXPECT_EQ(exited->signal, 0);
    EXPECT_EQ(exited->exit_code, 15);
}

TEST_F(RunHook, AProgramOnAHangingMountBlocksNothingElseAndHasItsTimeLimit) {
    Run hanging;
    begin(hanging, {"/mount/that/hangs/hook"}, std::chrono::milliseconds(500));
    auto const other = sh("echo here");
    ASSERT_TRUE(other) << other.error().context;
    EXPECT_EQ(other->output, "here\n");
    EXPECT_FALSE(hanging.over());
    ASSERT_TRUE(loop_until([&] { return hanging.over(); }));
    ASSERT_TRUE(hanging.result && *hanging.result);
    EXPECT_TRUE((*hanging.result)->timed_out);
}

TEST_F(RunHook, AProgramThatCannotRunIsAnErrorWithTheReason) {
    auto const missing = run({"/no/such/program"});
    ASSERT_FALSE(missing);
    EXPECT_THAT(missing.error().context,
                HasSubstr("PostBackup hook: cannot run '/no/such/program': it does not exist"));

    auto const script = (folder_ / "script").string();
    test::write_file(script, "#!/no/such/interpreter\n");
    ::chmod(script.c_str(), 0644);
    auto const not_executable = run({script});
    ASSERT_FALSE(not_executable);
    EXPECT_THAT(not_executable.error().context, HasSubstr("chmod +x"));

    ::chmod(script.c_str(), 0755);
    auto const no_interpreter = run({script});
    ASSERT_FALSE(no_interpreter);
    EXPECT_THAT(no_interpreter.error().context, HasSubstr("interpreter"));

    test::write_file(script, "echo no first line\n");
    auto const no_first_line = run({script});
    ASSERT_FALSE(no_first_line);
    EXPECT_THAT(no_first_line.error().context, HasSubstr("#!"));

    auto const zero_byte = run({"/bin/sh", std::string("a\0b", 3)});
    ASSERT_FALSE(zero_byte);
    EXPECT_EQ(zero_byte.error().code, Errc::invalid_params);
}

TEST_F(RunHook, TheTimeLimitEndsItAndEverythingItStarted) {
    auto const pid_file = (folder_ / "pid").string();
    auto const result = sh("sleep 1000 & echo $! > " + pid_file + "; echo begun; wait", std::chrono::milliseconds(300));
    ASSERT_TRUE(result) << result.error().context;
    EXPECT_TRUE(result->timed_out);
    EXPECT_FALSE(result->succeeded());
    EXPECT_EQ(result->output, "begun\n");
    auto const child = pid_in("pid");
    EXPECT_GT(child, 0);
    EXPECT_TRUE(test::wait_until([&] { return is_gone(child); }));
}

TEST_F(RunHook, AHookThatIgnoresTheRequestIsKilled) {
    auto const result = sh("trap '' TERM; echo begun; while :; do sleep 1000; done", std::chrono::milliseconds(300));
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->timed_out);
    EXPECT_EQ(result->signal, SIGKILL);
}

TEST_F(RunHook, AHookMayCleanUpAfterItsTimeLimit) {
    hooks_ = make_programs();  // the full grace period
    auto const result =
        sh("trap 'echo tidied; exit 0' TERM; echo begun; while :; do sleep 0.05; done", std::chrono::milliseconds(300));
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->timed_out);
    EXPECT_FALSE(result->succeeded());
    EXPECT_THAT(result->output, testing::EndsWith("tidied\n"));  // after the shell's message about the sleep
}

TEST_F(RunHook, AProgramLeftInTheBackgroundDoesNotHoldTheJob) {
    auto const pid_file = (folder_ / "pid").string();
    auto const begun = std::chrono::steady_clock::now();
    auto const result = sh("sleep 1000 & echo $! > " + pid_file + "; echo done");
    EXPECT_LT(std::chrono::steady_clock::now() - begun, seconds(20));
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->succeeded());
    EXPECT_EQ(result->output, "done\n");
    auto const child = pid_in("pid");
    EXPECT_FALSE(is_gone(child)) << "what a hook starts on purpose is the administrator's";
    ::kill(child, SIGKILL);
}

TEST_F(RunHook, CancellingEndsTheWholeGroup) {
    Run one;
    auto const pid_file = (folder_ / "pid").string();
    begin(one, {"/bin/sh", "-c", "sleep 1000 & echo $! > " + pid_file + "; wait"});
    auto const child = pid_in("pid");
    one.stop.emit(asio::cancellation_type::terminal);
    ASSERT_TRUE(loop_until([&] { return one.over(); }));
    ASSERT_TRUE(one.failure);
    EXPECT_THROW(std::rethrow_exception(one.failure), boost::system::system_error);
    EXPECT_TRUE(test::wait_until([&] { return is_gone(child); }));
}

TEST_F(RunHook, CancellingKillsAHookThatIgnoresSigterm) {
    Run one;
    auto const pid_file = (folder_ / "pid").string();
    begin(one, {"/bin/sh", "-c", "trap '' TERM; echo $$ > " + pid_file + "; while :; do sleep 1000; done"});
    auto const child = pid_in("pid");
    one.stop.emit(asio::cancellation_type::terminal);
    ASSERT_TRUE(loop_until([&] { return one.over(); }));
    EXPECT_TRUE(one.failure);
    EXPECT_TRUE(test::wait_until([&] { return is_gone(child); }));
}

TEST_F(RunHook, NothingRemainsWhenTheLoopIsDestroyed) {
    pid_t child = 0;
    {
        asio::io_context io{1};
        auto hooks = make_programs();
        ports::ProgramCall call;
        call.name = "PreBackup";
        call.argv = {"/bin/sh", "-c", "echo $$ > " + (folder_ / "pid").string() + "; sleep 1000; :"};
        asio::co_spawn(io, hooks->run(std::move(call)), [](std::exception_ptr, Result<ports::ProgramResult>) {});
        test::wait_until([&] {
            io.poll();
            return test::read_file(folder_ / "pid").find('\n') != std::string::npos;
        });
        child = std::atoi(test::read_file(folder_ / "pid").c_str());
    }
    ASSERT_GT(child, 0);
    EXPECT_TRUE(test::wait_until([&] {
        ::waitpid(child, nullptr, WNOHANG);
        return is_gone(child);
    }));
}

TEST_F(RunHook, SeveralAtATimeEachGetTheirOwnResult) {
    std::vector<Run> runs(12);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        auto const number = std::to_string(i);
        begin(runs[i], {"/bin/sh", "-c", "echo " + number + "; exit " + number});
    }
    ASSERT_TRUE(loop_until([&] { return std::ranges::all_of(runs, &Run::over); }));
    for (std::size_t i = 0; i < runs.size(); ++i) {
        ASSERT_TRUE(runs[i].result && *runs[i].result);
        EXPECT_EQ((**runs[i].result).exit_code, static_cast<int>(i));
        EXPECT_EQ((**runs[i].result).output, std::to_string(i) + "\n");
    }
}

TEST_F(RunHook, LeavesNothingThatKeepsTheLoopRunning) {
    // Each receives the signals of all children, so a signal may arrive at one that is just closing.
    for (int round = 0; round < 15; ++round) {
        std::array<Run, 6> several;
        for (auto& one : several) begin(one, {"/bin/sh", "-c", "exit 0"});
        ASSERT_TRUE(loop_until([&] { return std::ranges::all_of(several, &Run::over); }));
        io_.restart();
        io_.run_for(seconds(5));
        ASSERT_TRUE(io_.stopped()) << "round " << round;
    }
}

TEST_F(RunHook, DoesNotReapOtherChildren) {
    pid_t const other = ::fork();
    if (other == 0) ::_exit(42);
    ASSERT_TRUE(sh("exit 0"));
    int status = 0;
    ASSERT_EQ(::waitpid(other, &status, 0), other);
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST_F(RunHook, MuchOutputIsReadAndOnlyItsEndKept) {
    auto const result = sh("yes 0123456789 | head -c 3000000; echo the end");
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->succeeded());
    EXPECT_EQ(result->output.size(), 64u * 1024);
    EXPECT_THAT(result->output, testing::EndsWith("the end\n"));
}

TEST_F(RunHook, LeavesNoDescriptorsOpen) {
    auto const count = [] {
        int open = 0;
        for (int fd = 0; fd < 256; ++fd) open += ::fcntl(fd, F_GETFD) >= 0 ? 1 : 0;
        return open;
    };
    ASSERT_TRUE(sh("true"));  // Asio opens its own on first use
    auto const before = count();
    for (int i = 0; i < 5; ++i) {
        ASSERT_TRUE(sh("true"));
        ASSERT_FALSE(run({"/no/such/program"}));
    }
    EXPECT_EQ(count(), before);
}

}  // namespace
}  // namespace sb::hooks
