#include "tests/simulation/engine_fixture.hpp"
#include "tests/simulation/slow_journal.hpp"

using namespace sb;
using namespace sb::core;
using namespace sb::test;

namespace {

/// As if the daemon had been killed before it ordered the export.
void forget_order(Job& job, Phase phase) {
    job.phase = phase;
    job.outcome = Outcome::none;
    job.tag = TaskTag{};
    job.end = ExportEnd::unknown;
    job.posted.reset();
    job.finished.reset();
}

}  // namespace

TEST(Restarts, ARunningExportIsResumedByItsTag) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.length = 1h;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(10min);
    fixture.stop_engine();
    EXPECT_EQ(fixture.journal.jobs[id].phase, Phase::following);
    fixture.time.run_for(20min);
    fixture.start_engine();
    fixture.time.run_for(1h);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Restarts, AnExportThatEndedMeanwhileIsInspectedAndCommitted) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(2s);
    fixture.stop_engine();
    fixture.time.run_for(10h);
    fixture.start_engine();
    fixture.time.run_for(5s);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_TRUE(fixture.catalog.manifests.contains("nightly"));
}

TEST(Restarts, AStopDuringThePostIsResolvedWithoutASecondPost) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.post_delay = 12s;
    fixture.cluster.length = 1min;
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(5s);
    fixture.stop_engine();
    ASSERT_EQ(fixture.journal.jobs[id].phase, Phase::posting);
    fixture.start_engine();
    fixture.time.run_for(3min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Restarts, QueuedJobsStayQueuedAndKeepTheirOrder) {
    EngineFixture fixture{1};
    for (int i = 0; i < 4; ++i) fixture.cluster.add_vm("VM" + std::to_string(i));
    for (int i = 0; i < 4; ++i) fixture.backup("VM" + std::to_string(i), "b" + std::to_string(i));
    fixture.time.run_for(1s);
    fixture.stop_engine();
    fixture.start_engine(1);
    fixture.time.run_for(2min);
    ASSERT_EQ(fixture.cluster.runs.size(), 4u);
    for (std::size_t i = 0; i < 4; ++i) EXPECT_EQ(fixture.cluster.runs[i].vm_name, "VM" + std::to_string(i));
    EXPECT_EQ(fixture.catalog.manifests.size(), 4u);
}

TEST(Restarts, RunningExportsHoldTheirSlotsAfterARestart) {
    EngineFixture fixture{1};
    fixture.cluster.add_vm("A");
    fixture.cluster.add_vm("B");
    fixture.cluster.length = 1min;
    fixture.backup("A", "a");
    fixture.time.run_for(1s);
    fixture.stop_engine();
    fixture.start_engine(1);
    fixture.backup("B", "b");
    fixture.time.run_for(30s);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.time.run_for(3min);
    EXPECT_EQ(fixture.catalog.manifests.size(), 2u);
}

TEST(Restarts, AManifestWrittenBeforeTheEndWasRecordedIsNotChanged) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    fixture.stop_engine();
    fixture.lose_the_end_of(id);  // and meanwhile the backup was protected
    fixture.catalog.manifests["nightly"].is_protected = true;
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded);
    EXPECT_TRUE(fixture.catalog.manifests["nightly"].is_protected);
    EXPECT_EQ(fixture.catalog.settled, std::vector<std::string>{"nightly"}) << "its name may not be on the disk yet";
}

TEST(Restarts, AJobThatWasRefusedDoesNotRunAlthoughTheJournalHasIt) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.cluster.add_vm("OTHER");
    SlowJournal journal(fixture.journal, fixture.time);
    fixture.stop_engine();
    fixture.recorded_by = &journal;
    fixture.start_engine();
    journal.denies_add = true;
    EXPECT_EQ(fixture.get(fixture.engine->submit_backup("FILE01", "nightly")).error().code, Errc::io);
    journal.denies_add = false;
    auto const other = fixture.backup("OTHER", "other");
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.journal.jobs.size(), 2u);
    EXPECT_EQ(fixture.journal.jobs.begin()->second.outcome, Outcome::failed);
    EXPECT_EQ(fixture.job(other).outcome, Outcome::succeeded);
    fixture.stop_engine();
    fixture.recorded_by = nullptr;
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
}

TEST(Restarts, AnOlderJournalThatHasNotOrderedAJobFindsTheBackupThatTheJobHasMade) {
    for (auto const phase : {Phase::queued, Phase::preparing, Phase::pre_hook}) {
        EngineFixture fixture;
        fixture.cluster.add_vm("FILE01");
        auto const id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(1min);
        auto const ended = fixture.job(id);
        ASSERT_EQ(ended.outcome, Outcome::succeeded);
        fixture.stop_engine();
        auto& job = fixture.journal.jobs[id];
        forget_order(job, phase);  // the attempt stays
        fixture.start_engine();
        fixture.time.run_for(1min);
        auto const found = fixture.job(id);
        EXPECT_EQ(found.outcome, Outcome::succeeded) << name_of(phase);
        EXPECT_EQ(found.end, ExportEnd::seen) << name_of(phase);
        EXPECT_EQ(found.tag, ended.tag) << name_of(phase);
        EXPECT_EQ(found.finished, fixture.catalog.manifests.at("nightly").completed) << name_of(phase);
        EXPECT_EQ(fixture.cluster.runs.size(), 1u) << name_of(phase);
    }
}

TEST(Restarts, AJobThatWasNotOrderedDoesNotSucceedBecauseOfAPlantedFolder) {
    for (auto const phase : {Phase::queued, Phase::preparing}) {
        EngineFixture fixture;
        fixture.cluster.add_vm("FILE01");
        auto const id = fixture.backup("FILE01", "nightly");
        fixture.time.run_for(1min);
        ASSERT_EQ(fixture.job(id).outcome, Outcome::succeeded);
        fixture.stop_engine();
        auto& job = fixture.journal.jobs[id];
        forget_order(job, phase);
        job.attempt.clear();  // the folder has all else that tells the job's backup from others
        job.post_hook = true;
        fixture.start_engine();
        fixture.time.run_for(1min);
        auto const found = fixture.job(id);
        EXPECT_EQ(found.outcome, Outcome::failed) << name_of(phase);
        ASSERT_TRUE(found.error) << name_of(phase);
        EXPECT_EQ(found.error->code, Errc::name_in_use) << name_of(phase);
        EXPECT_EQ(fixture.cluster.runs.size(), 1u) << name_of(phase);
    }
}

TEST(Restarts, ACancellationThatIsRecordedWhileThePhaseChangesIsNotForgotten) {
    EngineFixture fixture;
    fixture.cluster.add_vm("FILE01");
    fixture.catalog.bad["nightly"] = Error{Errc::share_not_visible, "the share shows it later"};
    SlowJournal journal(fixture.journal, fixture.time);
    fixture.stop_engine();
    fixture.recorded_by = &journal;
    fixture.start_engine();
    auto const id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(6900ms);
    ASSERT_EQ(fixture.job(id).phase, Phase::following);
    journal.save_takes = 1s;
    std::optional<Result<engine::Cancelled>> answer;
    auto const answered = [&answer](std::exception_ptr failure, Result<engine::Cancelled> value) {
        if (!failure) answer = std::move(value);
    };
    asio::co_spawn(fixture.io, fixture.engine->cancel(id), answered);
    fixture.time.run_for(800ms);
    ASSERT_EQ(fixture.job(id).phase, Phase::inspecting);
    ASSERT_FALSE(answer);
    EXPECT_TRUE(fixture.time.run_until_done([&] { return answer.has_value(); }, 5s));
    ASSERT_TRUE(answer && *answer);
    fixture.stop_engine();
    fixture.recorded_by = nullptr;
    fixture.catalog.bad.clear();
    fixture.start_engine();
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.job(id).outcome, Outcome::cancelled);
    EXPECT_TRUE(fixture.catalog.manifests.empty());
}
