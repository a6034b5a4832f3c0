// Calls into LocalPath that do not return are reported, and nothing fails for them.
#include "daemon/engine/watched_catalog.hpp"
#include "daemon/engine/watched_verification.hpp"
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
    engine::StorageWatch watch{fixture.time, [this] { return unanswered; }, 4};
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
    EXPECT_THAT(named->reason, HasSubstr("this backup is not restored"));
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

TEST_F(SlowStorage, WithMoreSilentFoldersThanLocalPathIsListedWithItIsSaidWhatDoesNotGoOn) {
    for (auto const* name : {"A", "B", "C", "D"}) unanswered.push_back({name, fixture.time.now()});
    fixture.time.run_for(11s);
    ASSERT_TRUE(fixture.condition(ConditionKind::storage_slow, "backup 'A'"));
    EXPECT_THAT(fixture.condition(ConditionKind::storage_slow, "backup 'A'")->reason,
                HasSubstr("the others can be used"));
    unanswered.push_back({"E", fixture.time.now()});
    fixture.time.run_for(2s);
    auto const named = fixture.condition(ConditionKind::storage_slow, "backup 'A'");
    ASSERT_TRUE(named);
    EXPECT_THAT(named->reason, testing::Not(HasSubstr("the others can be used")));
    EXPECT_THAT(named->reason, HasSubstr("(5) that LocalPath is not listed"));
    EXPECT_THAT(named->reason, HasSubstr("no scheduled backup is made"));
}

namespace {

/// A content of which each slice takes some time; so does a look at the structure.
struct SlowVerification final : ports::Verification {
    explicit SlowVerification(ports::Time& with) : time(with) {}

    struct Content final : ports::Reading {
        explicit Content(SlowVerification& of) : all(of) {}
        task<Result<ports::Slice>> advance(std::uint64_t max_bytes) override {
            co_await all.pass();
            ++slices;
            ports::Slice slice{max_bytes, slices * max_bytes, all.slices * max_bytes, slices == all.slices};
            co_return slice;
        }
        task<Result<void>> save_progress() override { co_return boost::system::in_place_value; }
        task<Result<ports::VerifyResult>> finish(UtcTime) override {
            ports::VerifyResult done;
            co_return done;
        }
        task<Result<void>> discard_progress() override { co_return boost::system::in_place_value; }

        SlowVerification& all;
        std::uint64_t slices = 0;
    };

    task<void> pass() {
        auto const end = time.steady_now() + each_takes;
        co_await time.sleep_until(end);
    }
    task<Result<void>> check_structure(std::string, Level) override {
        co_await pass();
        co_return boost::system::in_place_value;
    }
    task<Result<bool>> record_structure(std::string, UtcTime) override { co_return false; }
    task<Result<std::shared_ptr<ports::Reading>>> begin_reading(std::string, UtcTime) override {
        std::shared_ptr<ports::Reading> reading = std::make_shared<Content>(*this);
        co_return reading;
    }
    task<Result<void>> record_damage(std::string, Damage) override { co_return boost::system::in_place_value; }

    ports::Time& time;
    Milliseconds each_takes{50s};
    std::uint64_t slices = 10;
};

task<Result<void>> read_all(ports::Verification& verification) {
    auto const reading = co_await verification.begin_reading("FILE01", UtcTime());
    if (!reading) co_return reading.error();
    auto const content = *reading;
    for (bool is_done = false; !is_done;) {
        auto const slice = co_await content->advance(1000);
        if (!slice) co_return slice.error();
        is_done = slice->done;
    }
    co_return boost::system::in_place_value;
}

struct SlowReads : SlowStorage {
    std::shared_ptr<SlowVerification> below = std::make_shared<SlowVerification>(fixture.time);
    engine::WatchedVerification verification{
        below, watch, {"reading for a verification", "Until it does, no other backup is verified"}};
    bool is_done = false;

    void begin(task<Result<void>> work) {
        auto const ended = [this](std::exception_ptr failure, Result<void> result) { is_done = !failure && result; };
        asio::co_spawn(fixture.io, std::move(work), ended);
        fixture.time.settle();
    }
    std::optional<Condition> condition() {
        return fixture.condition(ConditionKind::storage_slow, "reading for a verification");
    }
};

}  // namespace

TEST_F(SlowReads, AVerificationThatMakesProgressIsNotSlowHoweverLongItTakes) {
    begin(read_all(verification));
    for (int i = 0; i < 10; ++i) {
        EXPECT_FALSE(is_done);
        fixture.time.run_for(50s);
        EXPECT_FALSE(condition());
    }
    fixture.time.run_for(1s);
    EXPECT_TRUE(is_done);
}

TEST_F(SlowReads, OneThatMakesNoneIsReportedWithItsBackupAndWhatWaits) {
    below->each_takes = 10min;
    below->slices = 2;
    begin(read_all(verification));
    fixture.time.run_for(75s);
    ASSERT_TRUE(condition());
    EXPECT_THAT(condition()->reason, HasSubstr("reading for a verification ('FILE01') has not returned since"));
    EXPECT_THAT(condition()->reason, HasSubstr("Until it does, no other backup is verified"));
    fixture.time.run_for(9min);
    EXPECT_FALSE(condition()) << "the next slice has just begun";
    fixture.time.run_for(10min);
    EXPECT_TRUE(is_done);
    fixture.time.run_for(5s);
    EXPECT_FALSE(condition());
}

TEST_F(SlowReads, ALookAtTheStructureIsReportedToo) {
    below->each_takes = 5min;
    begin(verification.check_structure("FILE01", Level::structure));
    fixture.time.run_for(75s);
    ASSERT_TRUE(condition());
    EXPECT_THAT(condition()->reason, HasSubstr("'FILE01'"));
    fixture.time.run_for(5min);
    EXPECT_TRUE(is_done);
    EXPECT_FALSE(condition());
}
