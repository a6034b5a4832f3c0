// What `status` counts is right in the first call after a command.
#include "daemon/api/status_board.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <exception>
#include <memory>
#include <optional>
#include <string>

namespace sb::test {
namespace {

struct StatusBoard : ::testing::Test {
    ScheduleFixture fixture;
    std::unique_ptr<api::StatusBoard> board;
    std::unique_ptr<TaskGroup> group;

    void SetUp() override {
        fixture.settings.configured = false;
        fixture.start();
        board = std::make_unique<api::StatusBoard>(
            fixture.io.get_executor(), *fixture.engine, *fixture.scheduler, *fixture.clock, *fixture.conditions,
            *fixture.trash, fixture.shown, fixture.journal, fixture.cluster, fixture.time, fixture.zone, "/share",
            [this] { return fixture.settings; }, [](std::string const&) {});
        group = std::make_unique<TaskGroup>(fixture.io.get_executor(), [](std::exception_ptr) { ADD_FAILURE(); });
    }
    void TearDown() override {
        group->stop();
        fixture.time.settle();
        EXPECT_TRUE(group->empty());
    }
    void keep_fresh() {
        group->spawn(board->keep_fresh());
        fixture.time.run_for(1min);
    }
    void add_backup(std::string const& name) {
        fixture.catalog.folders.insert(name);
        fixture.catalog.manifests[name].backup = name;
        board->touch();
    }
    /// The answer, if it comes within that time.
    std::optional<rpc::Status::Reply> status_within(Milliseconds limit) {
        auto reply = std::make_shared<std::optional<rpc::Status::Reply>>();
        auto note = [reply](std::exception_ptr failure, Result<rpc::Status::Reply> answer) {
            if (!failure && answer) *reply = std::move(*answer);
        };
        asio::co_spawn(fixture.io, board->status(), note);
        fixture.time.run_for(limit);
        return *reply;
    }
};

TEST_F(StatusBoard, CountsWhatACommandHasJustChanged) {
    keep_fresh();
    add_backup("one");
    auto const first = status_within(100ms);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->backups.count, 1u);
    add_backup("two");
    auto const second = status_within(100ms);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->backups.count, 2u);
}

TEST_F(StatusBoard, CountsApartWhatTheJournalDoesNotKnow) {
    keep_fresh();
    add_backup("one");
    fixture.catalog.manifests["one"].completed = fixture.time.now();
    fixture.judges_claims = true;
    auto const reply = status_within(100ms);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->backups.count, 0u);
    EXPECT_EQ(reply->backups.size_bytes, 0u);
    EXPECT_EQ(reply->backups.unknown_count, 1u);
    EXPECT_FALSE(reply->last_success);
}

TEST_F(StatusBoard, ShowsTheTimeZoneByWhichTheWindowOpens) {
    keep_fresh();
    auto const reply = status_within(100ms);
    ASSERT_TRUE(reply);
    auto const zone = platform::zone_info(fixture.time.now());
    EXPECT_EQ(reply->time_zone, platform::zone_text(zone));
    EXPECT_NE(reply->time_zone.find("UTC"), std::string::npos);
    EXPECT_EQ(reply->problems.empty(), !zone.problem);
}

TEST_F(StatusBoard, AnswersWithEarlierCountsWhenTheFoldersCannotBeReadInTime) {
    add_backup("one");  // nothing reads the folders
    EXPECT_FALSE(status_within(1s));
    EXPECT_TRUE(status_within(3s));
}

TEST_F(StatusBoard, SaysThatTheBackupsCannotBeListedAndKeepsTheirLastCountWithItsTime) {
    keep_fresh();
    add_backup("one");
    auto const before = status_within(100ms);
    ASSERT_TRUE(before);
    ASSERT_TRUE(before->backups.counted);
    ASSERT_TRUE(before->storage.measured);
    fixture.catalog.hanging = {"one", "two", "three", "four", "five"};
    board->touch();
    fixture.time.run_for(1min);
    auto const silent = status_within(3s);
    ASSERT_TRUE(silent);
    EXPECT_EQ(silent->backups.count, 1u);
    EXPECT_EQ(silent->backups.counted, before->backups.counted);
    ASSERT_EQ(silent->problems.size(), 1u);
    EXPECT_NE(silent->problems.front().find("cannot be listed, so no scheduled backup is made"), std::string::npos);
    EXPECT_EQ(silent->cluster.reachable, std::optional(true)) << "which is another matter";
    fixture.catalog.hanging.clear();
    board->touch();
    auto const after = status_within(3s);
    ASSERT_TRUE(after);
    EXPECT_TRUE(after->problems.empty());
    EXPECT_GT(after->backups.counted, before->backups.counted);
}

TEST_F(StatusBoard, SaysThatLocalPathHasNotAnsweredForAMinute) {
    keep_fresh();
    fixture.catalog.be_slow(fixture.time, 1h);
    board->touch();
    fixture.time.run_for(30s);
    auto const early = status_within(3s);
    ASSERT_TRUE(early);
    EXPECT_TRUE(early->problems.empty());
    fixture.time.run_for(1min);
    auto const late = status_within(3s);
    ASSERT_TRUE(late);
    ASSERT_EQ(late->problems.size(), 1u);
    EXPECT_NE(late->problems.front().find("LocalPath has not answered since "), std::string::npos);
}

TEST_F(StatusBoard, CountsAFolderThatDoesNotAnswerAsThat) {
    fixture.catalog.keeps_listings = true;
    keep_fresh();
    add_backup("one");
    ASSERT_TRUE(status_within(100ms));
    fixture.catalog.hanging = {"one"};
    board->touch();
    auto const reply = status_within(3s);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->backups.unanswered_count, 1u);
    EXPECT_EQ(reply->backups.count, 0u);
}

TEST_F(StatusBoard, SaysWhenTheClusterWasLastAsked) {
    auto const first = status_within(3s);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->cluster.asked.has_value(), first->cluster.reachable.has_value());
    keep_fresh();
    auto const reply = status_within(100ms);
    ASSERT_TRUE(reply);
    ASSERT_TRUE(reply->cluster.asked);
    auto const answered = *reply->cluster.asked;
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    fixture.cluster.unreachable_after = 2h;
    fixture.time.run_for(30min);
    auto const hanging = status_within(3s);
    ASSERT_TRUE(hanging);
    EXPECT_EQ(hanging->cluster.reachable, std::optional(true));
    EXPECT_LT(*hanging->cluster.asked, fixture.time.now() - 20min) << "its age is visible";
    EXPECT_GE(*hanging->cluster.asked, answered);
}

TEST_F(StatusBoard, NamesAPreBackupHookThatRunsForSoLongThatItMayHang) {
    fixture.cluster.add_vm("A");
    fixture.hooks.set = {HookKind::pre_backup};
    fixture.hooks.length = 4h;
    fixture.backup("A", "nightly");
    keep_fresh();
    auto const early = status_within(100ms);
    ASSERT_TRUE(early);
    EXPECT_TRUE(early->problems.empty());
    fixture.time.run_for(1h);
    auto const late = status_within(100ms);
    ASSERT_TRUE(late);
    ASSERT_EQ(late->problems.size(), 1u);
    EXPECT_TRUE(late->problems.front().starts_with("PreBackup of job 1 (A) has been running since "));
}

TEST_F(StatusBoard, NamesADelayedHookThatRunsForSoLongThatItMayHang) {
    for (JobId job = 1; job <= 2; ++job)
        fixture.journal.owed[job] = {job, "A", "backup " + std::to_string(job), fixture.time.now()};
    fixture.hooks.set = {HookKind::post_backup};
    fixture.hooks.length = 4h;
    board.reset();
    fixture.stop();
    SetUp();
    keep_fresh();
    fixture.time.run_for(1h);
    auto const reply = status_within(100ms);
    ASSERT_TRUE(reply);
    ASSERT_EQ(reply->problems.size(), 1u);
    EXPECT_TRUE(
        reply->problems.front().starts_with("the delayed PostBackup hook of backup 'backup 1' has been running"));
    EXPECT_NE(reply->problems.front().find("2 backups"), std::string::npos);
}

/// Finding a job takes a moment, and is counted.
class SlowToFind final : public FakeJournal {
public:
    explicit SlowToFind(ports::Time& time) : time_(time) {}

    task<Result<core::Job>> find(JobId id) override {
        ++finds;
        auto const found = time_.steady_now() + 1ms;
        co_await time_.sleep_until(found);
        core::Job job;
        job.id = id;
        job.vm = VmUuid("uuid of " + std::to_string(id));
        job.phase = core::Phase::finished;
        job.outcome = core::Outcome::succeeded;
        co_return job;
    }
    int finds = 0;

private:
    ports::Time& time_;
};

TEST_F(StatusBoard, ManyWhoAskDuringALargeRunShareTheCountOfItsResults) {
    SlowToFind slow(fixture.time);
    board.reset();
    fixture.stop();
    fixture.recorded_by = &slow;
    fixture.start_engine();
    SetUp();
    keep_fresh();
    core::Run run;
    run.id = 1;
    run.phase = core::RunPhase::exporting;
    for (JobId id = 1; id <= 10; ++id) run.jobs.push_back(id);
    fixture.journal.runs[run.id] = run;
    int answered = 0;
    for (int i = 0; i < 20; ++i) {
        auto note = [&answered](std::exception_ptr failure, Result<rpc::Status::Reply> reply) {
            if (!failure && reply && reply->last_run && reply->last_run->succeeded == 10) ++answered;
        };
        asio::co_spawn(fixture.io, board->status(), note);
    }
    fixture.time.run_for(1s);
    EXPECT_EQ(answered, 20);
    EXPECT_LE(slow.finds, 20) << "one reading for the first, and one for all who asked during that";
    group->stop();
    fixture.time.settle();
    fixture.stop();  // before its journal is gone
}

TEST_F(StatusBoard, AClusterThatDoesNotAnswerDelaysNoCount) {
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route"};
    keep_fresh();
    add_backup("one");
    auto const reply = status_within(100ms);
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->backups.count, 1u);
    EXPECT_EQ(reply->cluster.reachable, false);
}

TEST_F(StatusBoard, AnswersWithoutWaitingAndSaysSoWhileLocalPathHasNotBeenReadSinceTheStart) {
    board->set_unread_storage("the daemon has been reading LocalPath since its start");
    auto const reply = status_within(100ms);
    ASSERT_TRUE(reply) << "there is nothing to wait for";
    ASSERT_FALSE(reply->problems.empty());
    EXPECT_EQ(reply->problems.front(), "the daemon has been reading LocalPath since its start");
    EXPECT_EQ(reply->storage.total_bytes, 0u) << "not known";
    board->set_unread_storage(std::nullopt);
    keep_fresh();
    auto const later = status_within(100ms);
    ASSERT_TRUE(later);
    for (auto const& problem : later->problems) EXPECT_EQ(problem.find("LocalPath"), problem.npos);
}

TEST_F(StatusBoard, NamesTheVmOfAConditionForPeopleAndKeepsItsUuidForPrograms) {
    fixture.cluster.add_vm("FILE01");
    auto const uuid = fixture.cluster.vms.back().uuid.text();
    fixture.conditions->raise(core::ConditionKind::backup_moved_away, "it is gone", uuid);
    fixture.conditions->raise(core::ConditionKind::backup_moved_away, "it is gone", "of a VM that nothing knows");
    keep_fresh();
    auto const reply = status_within(100ms);
    ASSERT_TRUE(reply);
    int named = 0;
    for (auto const& condition : reply->conditions) {
        if (condition.subject == uuid && condition.summary.starts_with("VM 'FILE01': ")) ++named;
        if (condition.subject != uuid) EXPECT_FALSE(condition.summary.starts_with("VM '"));
    }
    EXPECT_EQ(named, 1);
}

TEST_F(StatusBoard, AVmThatIsGoneHasTheNameOfItsNewestBackup) {
    VmUuid const vm{"6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10"};
    int days = 0;
    for (auto const* name : {"older name", "OLD01"}) {
        add_backup(name);
        auto& manifest = fixture.catalog.manifests[name];
        manifest.vm_uuid = vm;
        manifest.vm_name = name;
        manifest.started = fixture.time.now() - 24h * (9 - days++);
    }
    fixture.conditions->raise(core::ConditionKind::vm_may_be_continued, "decide", vm.text());
    keep_fresh();
    auto const reply = status_within(100ms);
    ASSERT_TRUE(reply);
    auto const named = [](auto const& condition) { return condition.summary.starts_with("VM 'OLD01': "); };
    EXPECT_TRUE(std::ranges::any_of(reply->conditions, named));
}

}  // namespace
}  // namespace sb::test
