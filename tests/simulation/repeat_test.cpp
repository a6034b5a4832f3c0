// Background loops outlive a bug, and end with the daemon.
#include "daemon/engine/repeat.hpp"
#include "tests/simulation/engine_fixture.hpp"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

using namespace sb;
using namespace sb::test;

namespace {

struct Repeat : ::testing::Test {
    asio::io_context io{1};
    ManualTime time{io};
    int turns = 0, failing_turn = 0, crashes = 0;
    TaskGroup group{io.get_executor(), [this](std::exception_ptr) { ++crashes; }};

    task<void> turn() {
        if (++turns == failing_turn) throw std::runtime_error("a bug");
        co_return;
    }
    void start() {
        auto each = [this] { return turn(); };
        group.spawn(engine::repeat(time, 1min, "testing", std::move(each)));
    }
    ~Repeat() override {
        group.stop();
        asio::co_spawn(io, group.join(), [](std::exception_ptr) {});
        time.settle();
        EXPECT_TRUE(group.empty()) << "a stop ends it";
    }
};

}  // namespace

TEST_F(Repeat, TheFirstTurnIsImmediateAndEachPauseIsKept) {
    start();
    time.run_for(10min);
    EXPECT_EQ(turns, 11);
}

TEST_F(Repeat, TurnsThatWaitThemselvesArePausedOnlyAfterABugWhichIsReported) {
    failing_turn = 2;
    std::vector<std::string> problems;
    engine::Repetition repetition;
    repetition.what = "testing";
    repetition.after_a_bug = 5min;
    repetition.failed = [&](std::string const& problem) { problems.push_back(problem); };
    auto each = [this]() -> task<void> {
        co_await turn();
        auto const next = time.steady_now() + 1min;
        co_await time.sleep_until(next);
    };
    group.spawn(engine::repeat(time, std::move(repetition), std::move(each)));
    time.run_for(4min);
    EXPECT_EQ(turns, 2);
    EXPECT_EQ(problems, std::vector<std::string>{"internal error: a bug"});
    time.run_for(3min);
    EXPECT_EQ(turns, 4);
    group.stop();
    time.settle();
}

TEST_F(Repeat, ALoopContinuesAfterABug) {
    failing_turn = 3;
    start();
    time.run_for(10min);
    EXPECT_EQ(turns, 11);
    EXPECT_EQ(crashes, 0);
}
