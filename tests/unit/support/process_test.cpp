#include "tests/support/process.hpp"

#include <csignal>

#include <gmock/gmock.h>
#include <unistd.h>

namespace sb::test {
namespace {

using namespace std::chrono_literals;

TEST(Process, KeepsOutputErrorAndExitCodeApart) {
    auto const done = run({.argv = {"sh", "-c", "cat; echo bad >&2; exit 7"}, .input = "good\n"});
    EXPECT_EQ(done.code, 7);
    EXPECT_EQ(done.out, "good\n");
    EXPECT_EQ(done.err, "bad\n");
}

TEST(Process, TellsASignalFromAnExitCode) {
    Process process({.argv = {"sh", "-c", "echo ready; exec tail -f /dev/null"}});
    ASSERT_TRUE(process.wait_for_output("ready"));
    process.signal(SIGTERM);
    auto const exit = process.wait();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->signal, SIGTERM);
    EXPECT_EQ(exit->code, 128 + SIGTERM);
}

TEST(Process, NeverOutlivesItsOwner) {
    pid_t pid = 0;
    {
        Process process({.argv = {"sh", "-c", "trap '' TERM; echo up; exec tail -f /dev/null"}});
        ASSERT_TRUE(process.wait_for_output("up"));
        pid = process.pid();
    }
    EXPECT_NE(::kill(pid, 0), 0);
}

TEST(Process, WaitingHasALimit) {
    Process process({.argv = {"tail", "-f", "/dev/null"}});
    EXPECT_FALSE(process.wait(50ms));
    EXPECT_TRUE(process.running());
}

TEST(Process, SeesTheEndWhileWaitingForOutput) {
    Process process({.argv = {"sh", "-c", "echo something else"}});
    EXPECT_FALSE(process.wait_for_output("never said"));
}

TEST(Process, RefusesAProgramThatIsNotThere) { EXPECT_ANY_THROW(Process({.argv = {"/no/such/program"}})); }

}  // namespace
}  // namespace sb::test
