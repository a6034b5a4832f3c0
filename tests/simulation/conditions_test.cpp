// What is wrong now: raised by a fault, cleared when it has passed, and not forgotten by a restart.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using enum sb::core::ConditionKind;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct ConditionTest : ::testing::Test {
    EngineFixture fixture;

    void SetUp() override { fixture.cluster.add_vm("A"); }
    void back_up(std::string const& name) {
        fixture.backup("A", name);
        fixture.time.run_for(2min);
    }
    void watch_storage() {
        auto watch = [](engine::Engine& engine) -> task<Result<void>> {
            co_await engine.watch_storage();
            co_return boost::system::in_place_value;
        };
        EXPECT_TRUE(fixture.get(watch(*fixture.engine)));
    }
    void list_vms() { static_cast<void>(fixture.get(fixture.engine->list_vms(0ms))); }
    std::vector<ConditionKind> kinds() const {
        std::vector<ConditionKind> kinds;
        for (auto const& condition : fixture.conditions->all()) kinds.push_back(condition.kind);
        return kinds;
    }
    void restart() {
        fixture.stop_engine();
        fixture.start_engine();
    }
};

struct StorageCondition : ConditionTest {};
struct ClusterCondition : ConditionTest {};
struct RecordedCondition : ConditionTest {};

}  // namespace

TEST_F(StorageCondition, AMissingMarkIsAConditionUntilItIsBack) {
    back_up("one");
    EXPECT_THAT(kinds(), IsEmpty());
    fixture.catalog.mark.clear();
    auto const since = fixture.time.now();
    back_up("two");
    ASSERT_THAT(kinds(), ElementsAre(storage_unusable));
    auto const condition = fixture.conditions->all().front();
    EXPECT_THAT(condition.reason, HasSubstr("Is its file system mounted?"));
    EXPECT_LT(condition.since - since, 1min);
    fixture.time.run_for(1h);
    watch_storage();
    EXPECT_EQ(fixture.conditions->all().front().since, condition.since);
    EXPECT_EQ(fixture.conditions->all().front().confirmed, fixture.time.now());
    fixture.catalog.mark = "made here";
    watch_storage();
    EXPECT_THAT(kinds(), IsEmpty()) << "no export is needed to find out";
}

TEST_F(StorageCondition, WatchingANewPlaceDoesNotMarkIt) {
    watch_storage();
    EXPECT_TRUE(fixture.catalog.mark.empty());
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(StorageCondition, AnUnreadableOneIsACondition) {
    fixture.catalog.mark_unreadable = Error{Errc::io, "/share: Input/output error"};
    watch_storage();
    ASSERT_THAT(kinds(), ElementsAre(storage_unusable));
    EXPECT_THAT(fixture.conditions->all().front().reason, HasSubstr("Input/output error"));
    fixture.catalog.mark_unreadable.reset();
    back_up("one");
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(StorageCondition, ARefusedMarkIsOneConditionHoweverOftenItIsTried) {
    fixture.catalog.marking_fails = Error{Errc::not_permitted, "read-only"};
    back_up("one");
    ASSERT_THAT(kinds(), ElementsAre(storage_unusable));
    auto const since = fixture.conditions->all().front().since;
    watch_storage();
    back_up("two");
    EXPECT_EQ(fixture.conditions->all().front().since, since);
    EXPECT_THAT(fixture.conditions->all().front().reason, HasSubstr("writing the mark of LocalPath: read-only"));
    fixture.catalog.marking_fails.reset();
    back_up("three");
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(ClusterCondition, ARefusedLoginIsNotAnUnreachableCluster) {
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    list_vms();
    EXPECT_THAT(kinds(), ElementsAre(cluster_unavailable));
    fixture.cluster.unreachable = Error{Errc::credentials_refused, "401"};
    list_vms();
    EXPECT_THAT(kinds(), ElementsAre(cluster_login_refused));
    fixture.cluster.unreachable.reset();
    list_vms();
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(ClusterCondition, ALoginThatWasRefusedStandsWhileTheClusterIsAway) {
    fixture.cluster.unreachable = Error{Errc::forbidden, "403"};
    list_vms();
    fixture.cluster.unreachable = Error{Errc::timed_out, "no answer"};
    list_vms();
    EXPECT_THAT(kinds(), ElementsAre(cluster_login_refused, cluster_unavailable));
    fixture.cluster.unreachable.reset();
    list_vms();
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(ClusterCondition, OneThatHangsIsWaitedForOnceHoweverManyAsk) {
    for (bool const is_quick : {false, true}) {
        fixture.cluster.unreachable = Error{Errc::timed_out, "no answer within 60 s"};
        fixture.cluster.unreachable_after = is_quick ? 1s : 60s;
        auto const before = fixture.cluster.list_requests;
        int answers = 0;
        auto count = [&answers](std::exception_ptr failure, Result<ports::Vms> vms) {
            if (!failure && !vms) ++answers;
        };
        for (int i = 0; i < 20; ++i) asio::co_spawn(fixture.io, fixture.engine->list_vms(0ms), count);
        fixture.time.run_for(is_quick ? 3s : 61s);
        EXPECT_EQ(answers, 20);
        if (is_quick) EXPECT_GT(fixture.cluster.list_requests - before, 1) << "that may have been an accident";
        else EXPECT_EQ(fixture.cluster.list_requests - before, 1);
    }
}

TEST_F(RecordedCondition, ARestartDoesNotForgetSinceWhen) {
    fixture.cluster.unreachable = Error{Errc::credentials_refused, "401"};
    list_vms();
    fixture.time.settle();
    auto const raised = fixture.conditions->all();
    ASSERT_EQ(fixture.journal.standing, raised) << "recorded without a stop: the daemon may be killed";
    fixture.time.run_for(3h);
    restart();
    EXPECT_EQ(fixture.conditions->all(), raised) << "no check has run yet";
    list_vms();
    EXPECT_EQ(fixture.conditions->all().front().since, raised.front().since);
    fixture.cluster.unreachable.reset();
    list_vms();
    fixture.time.settle();
    EXPECT_THAT(fixture.journal.standing, IsEmpty());
    restart();
    EXPECT_THAT(kinds(), IsEmpty());
}

TEST_F(RecordedCondition, AConditionThatOnlyContinuesIsRecordedOnceAnHour) {
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    for (int minute = 0; minute < 10 * 60; ++minute) {
        list_vms();
        fixture.time.run_for(1min);
    }
    EXPECT_GE(fixture.journal.conditions_saved, 10);
    EXPECT_LE(fixture.journal.conditions_saved, 11);
    EXPECT_LE(fixture.time.now() - fixture.journal.standing.front().confirmed, 1h + 1min);
}

TEST_F(RecordedCondition, AStopRecordsTheNewestReason) {
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    list_vms();
    fixture.time.run_for(1min);
    fixture.cluster.unreachable = Error{Errc::unavailable, "it is upgrading"};
    list_vms();
    restart();
    EXPECT_EQ(fixture.conditions->all().front().reason, "it is upgrading");
}

TEST_F(RecordedCondition, AFullJournalIsAConditionItselfAndAllAreRecordedOnceThereIsSpace) {
    fixture.backup("A", "nightly");
    fixture.time.run_for(2s);
    fixture.journal.full = true;
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    list_vms();
    fixture.time.run_for(1min);
    EXPECT_THAT(kinds(), ElementsAre(cluster_unavailable, journal_unwritable));
    EXPECT_THAT(fixture.conditions->all().back().reason, HasSubstr("the disk is full"));
    auto const since = fixture.conditions->all().front().since;
    fixture.journal.full = false;
    fixture.time.run_for(1min);
    ASSERT_THAT(kinds(), ElementsAre(cluster_unavailable));
    ASSERT_EQ(fixture.journal.standing.size(), 1u);
    EXPECT_EQ(fixture.journal.standing.front().since, since);
}

TEST_F(RecordedCondition, AJournalThatCannotBeReadIsNotOverwritten) {
    fixture.cluster.unreachable = Error{Errc::credentials_refused, "401"};
    list_vms();
    fixture.time.settle();
    auto const recorded = fixture.journal.standing;
    fixture.stop_engine();
    fixture.journal.unreadable_conditions = Error{Errc::io, "the journal cannot be read"};
    engine::ConditionRegistry registry(fixture.io.get_executor(), fixture.journal, fixture.time);
    EXPECT_FALSE(fixture.get(registry.load()));
    registry.raise(storage_unusable, "not mounted");
    auto finish = [](engine::ConditionRegistry& conditions) -> task<Result<void>> {
        co_await conditions.finish();
        co_return boost::system::in_place_value;
    };
    EXPECT_TRUE(fixture.get(finish(registry)));
    EXPECT_EQ(fixture.journal.standing.front().since, recorded.front().since);
    EXPECT_EQ(fixture.journal.standing.front().kind, cluster_login_refused);
}

TEST(ScheduledConditions, AnUnmountedLocalPathIsFoundByTheScheduleAndPasses) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.start();
    fixture.run_until_clock(18h);
    EXPECT_THAT(fixture.conditions->all(), IsEmpty());
    auto const mark = std::exchange(fixture.catalog.mark, "");
    fixture.run_until_clock(18h);
    ASSERT_EQ(fixture.conditions->all().size(), 1u);
    EXPECT_EQ(fixture.conditions->all().front().kind, storage_unusable);
    fixture.catalog.mark = mark;
    fixture.time.run_for(2min);
    EXPECT_THAT(fixture.conditions->all(), IsEmpty()) << "it was away for seconds";
    fixture.run_until_clock(19h);
    EXPECT_EQ(fixture.copies_of("A"), 2u);
}
