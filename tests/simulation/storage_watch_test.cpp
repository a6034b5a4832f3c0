// Calls into LocalPath that do not return are reported, and nothing fails for them.
#include "daemon/engine/watched_catalog.hpp"
#include "tests/simulation/engine_fixture.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>

#include <memory>
#include <optional>
#include <vector>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;

namespace {

struct SlowStorage : ::testing::Test {
    EngineFixture fixture;
    std::vector<engine::StorageWatch::Unanswered> unanswered;
    engine::StorageWatch watch{fixture.time, [this] { return unanswered; }};
    engine::WatchedCatalog watched{std::shared_ptr<ports::Catalog>(std::shared_ptr<void>(), &fixture.catalog), watch};
    std::optional<TaskGroup> group;

    SlowStorage() { start(); }
    ~SlowStorage() override { stop(); }

    void start() {
        group.emplace(fixture.io.get_executor(), [](std::exception_ptr) { ADD_FAILURE() << "the watch ended"; });
        group->spawn(watch.run(*fixture.conditions));
        fixture.time.settle();
    }
    void stop() {
        group->stop();
        fixture.time.settle();
        EXPECT_TRUE(group->empty());
    }
    void list() {
        auto const listed = [this](std::exception_ptr failure, Result<std::vector<Backup>> backups) {
            if (!failure && backups) ++answers;
        };
        asio::co_spawn(fixture.io, watched.list(), listed);
        fixture.time.settle();
    }
    std::optional<Condition> condition() {
        return fixture.condition(ConditionKind::storage_slow, "listing the backups");
    }
    int answers = 0;
};

}  // namespace

TEST_F(SlowStorage, ACallThatTakesLongerThanAMinuteIsReportedUntilItReturnsAndItsResultCounts) {
    fixture.catalog.be_slow(fixture.time, 10min);
    list();
    fixture.time.run_for(50s);
    EXPECT_FALSE(condition());
    fixture.time.run_for(25s);
    ASSERT_TRUE(condition());
    EXPECT_THAT(condition()->reason, HasSubstr("listing the backups has not returned since"));
    fixture.time.run_for(8min);
    EXPECT_TRUE(condition());
    EXPECT_EQ(answers, 0);
    fixture.time.run_for(1min);
    EXPECT_EQ(answers, 1);
    EXPECT_FALSE(condition());
}

TEST_F(SlowStorage, AFolderThatDoesNotAnswerIsNamedSoonAndUntilItAnswers) {
    unanswered = {{"FILE01 by hand", fixture.time.now()}, {"WEB01", fixture.time.now()}};
    fixture.time.run_for(11s);
    auto const named = fixture.condition(ConditionKind::storage_slow, "backup 'FILE01 by hand'");
    ASSERT_TRUE(named);
    EXPECT_THAT(named->reason, HasSubstr("reading its folder has not returned since"));
    EXPECT_THAT(named->reason, HasSubstr("is not restored or deleted"));
    EXPECT_TRUE(fixture.condition(ConditionKind::storage_slow, "backup 'WEB01'"));
    unanswered.pop_back();
    fixture.time.run_for(2s);
    EXPECT_TRUE(fixture.condition(ConditionKind::storage_slow, "backup 'FILE01 by hand'"));
    EXPECT_FALSE(fixture.condition(ConditionKind::storage_slow, "backup 'WEB01'"));
    unanswered.clear();
    fixture.time.run_for(2s);
    EXPECT_FALSE(fixture.condition(ConditionKind::storage_slow, "backup 'FILE01 by hand'"));
}

TEST_F(SlowStorage, ACallThatHasReturnedIsNotReportedForMoreThanASecond) {
    fixture.catalog.be_slow(fixture.time, 95s);
    list();
    fixture.time.run_for(5s);
    list();
    fixture.time.run_for(89s);
    ASSERT_TRUE(condition());
    EXPECT_THAT(condition()->reason, HasSubstr("2 such calls wait"));
    fixture.time.run_for(2s);
    EXPECT_EQ(answers, 1);
    ASSERT_TRUE(condition());
    EXPECT_THAT(condition()->reason, testing::Not(HasSubstr("such calls wait")));
    fixture.time.run_for(5s);
    EXPECT_EQ(answers, 2);
    EXPECT_FALSE(condition());
}

TEST_F(SlowStorage, SeveralCallsAreOneConditionUntilTheLastReturns) {
    fixture.catalog.be_slow(fixture.time, 10min);
    list();
    fixture.time.run_for(5min);
    list();
    fixture.time.run_for(2min);
    ASSERT_TRUE(condition());
    EXPECT_THAT(condition()->reason, HasSubstr("2 such calls wait"));
    fixture.time.run_for(5min);
    EXPECT_EQ(answers, 1);
    EXPECT_TRUE(condition());
    fixture.time.run_for(5min);
    EXPECT_EQ(answers, 2);
    EXPECT_FALSE(condition());
}

TEST_F(SlowStorage, AfterARestartNothingWaitsAnyLonger) {
    fixture.catalog.be_slow(fixture.time, 10min);
    list();
    fixture.time.run_for(2min);
    ASSERT_TRUE(condition());
    stop();
    fixture.stop_engine();
    fixture.time.run_for(10min);
    fixture.start_engine();
    ASSERT_TRUE(condition()) << "as the journal has it";
    start();
    EXPECT_FALSE(condition());
}
