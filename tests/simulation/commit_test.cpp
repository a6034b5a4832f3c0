// The last step of an export, its rename: one that is refused is repeated, also across restarts, and one that is
// interrupted is finished. The export is never repeated for it.
#include "tests/simulation/landing_fixture.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

#include <utility>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

struct RefusedRename : Landing {};
struct KilledCommit : Landing {};

}  // namespace

TEST_F(RefusedRename, IsRepeatedForAnHourWhileOtherExportsRun) {
    fixture.hooks.set = {HookKind::post_backup};
    rename_is_refused();
    auto const other = fixture.backup("OTHER", "other");
    fixture.time.run_for(1h);
    EXPECT_EQ(exports_of("OTHER"), 1u) << "the slot is free";
    EXPECT_EQ(job().phase, Phase::committing);
    ASSERT_TRUE(job().error);
    EXPECT_EQ(job().error->context, file_in_use.context);
    ASSERT_EQ(conditions().size(), 2u);
    for (auto const& condition : conditions()) EXPECT_EQ(condition.kind, ConditionKind::commit_waiting);
    EXPECT_EQ(conditions().front().subject, "nightly");
    auto const listed = fixture.backups();
    ASSERT_EQ(listed.size(), 2u);
    EXPECT_EQ(listed.front().state, BackupState::exporting);
    EXPECT_THAT(listed.front().problem, HasSubstr("cannot be renamed to 'nightly' yet: " + file_in_use.context));
    EXPECT_LT(fixture.catalog.renames_refused, 60) << "with growing pauses";
    EXPECT_THAT(fixture.hooks.runs, IsEmpty());
    fixture.catalog.renaming_fails.reset();
    fixture.time.run_for(6min);
    EXPECT_EQ(fixture.job(other).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.catalog.manifests.size(), 2u);
    EXPECT_EQ(job().outcome, Outcome::succeeded);
    EXPECT_THAT(conditions(), IsEmpty());
    EXPECT_THAT(fixture.hooks.runs, Contains("post_backup FILE01 nightly"));
    EXPECT_EQ(fixture.cluster.runs.size(), 2u);
    EXPECT_THAT(fixture.catalog.discarded, IsEmpty());
}

TEST_F(RefusedRename, IsRepeatedAcrossARestart) {
    rename_is_refused();
    auto const since = conditions().front().since;
    fixture.time.run_for(30min);
    restart();
    fixture.time.run_for(30min);
    EXPECT_EQ(job().phase, Phase::committing);
    ASSERT_EQ(conditions().size(), 1u);
    EXPECT_EQ(conditions().front().since, since);
    fixture.catalog.renaming_fails.reset();
    restart();
    fixture.time.run_for(1s);
    expect_one_backup();
}

TEST_F(RefusedRename, SurvivesAPowerCutBecauseTheManifestIsFlushedLast) {
    rename_is_refused();
    fixture.catalog.renaming_fails.reset();
    fixture.catalog.boot = "boot 2";
    restart();
    fixture.time.run_for(1min);
    expect_one_backup();
}

TEST_F(RefusedRename, WaitsForLocalPathToBeMountedAgain) {
    rename_is_refused();
    auto const mark = std::exchange(fixture.catalog.mark, "");
    auto const landed = std::exchange(fixture.catalog.landed, {});
    auto const folders = std::exchange(fixture.catalog.folders, {});
    fixture.catalog.renaming_fails.reset();
    fixture.time.run_for(1h);
    EXPECT_EQ(job().phase, Phase::committing);
    restart();
    fixture.time.run_for(1h);
    EXPECT_EQ(job().phase, Phase::committing);
    fixture.catalog.mark = mark;
    fixture.catalog.landed = landed;
    fixture.catalog.folders = folders;
    fixture.time.run_for(6min);
    EXPECT_EQ(job().outcome, Outcome::succeeded);
    EXPECT_EQ(exports_of("FILE01"), 1u);
}

TEST_F(RefusedRename, EndsWhenTheFolderIsGone) {
    rename_is_refused();
    fixture.catalog.landed.clear();
    fixture.catalog.folders.clear();
    fixture.time.run_for(6min);
    EXPECT_EQ(job().outcome, Outcome::failed);
    EXPECT_THAT(conditions(), IsEmpty());
    EXPECT_EQ(exports_of("FILE01"), 1u);
}

TEST_F(RefusedRename, ItsConditionDoesNotOutliveItsJob) {
    rename_is_refused();
    fixture.stop_engine();
    fixture.journal.jobs.clear();
    fixture.start_engine(1);
    EXPECT_THAT(conditions(), IsEmpty());
}

TEST_F(KilledCommit, BeforeTheRenameItIsFinishedAtTheNextStart) {
    fixture.catalog.be_slow(fixture.time, 0ms);
    fixture.catalog.stuck_before_rename = true;
    id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    ASSERT_EQ(fixture.catalog.landed.size(), 1u);
    fixture.catalog.landed.begin()->second.is_protected = true;
    fixture.stop_engine();
    fixture.catalog.stuck_before_rename = false;
    fixture.start_engine(1);
    fixture.time.run_for(1min);
    expect_one_backup();
    EXPECT_TRUE(fixture.catalog.manifests["nightly"].is_protected) << "the manifest is not written again";
}

TEST_F(KilledCommit, BeforeTheManifestTheFilesAreInspectedAgain) {
    rename_is_refused();
    fixture.stop_engine();
    fixture.catalog.landed.clear();
    fixture.journal.jobs[id].error.reset();
    fixture.catalog.renaming_fails.reset();
    fixture.start_engine(1);
    fixture.time.run_for(1min);
    expect_one_backup();
}

TEST_F(KilledCommit, AfterTheRenameOnlyTheRecordIsMade) {
    for (bool taken : {false, true}) {
        SCOPED_TRACE(taken);
        auto const name = taken ? std::string("again") : std::string("nightly");
        fixture.catalog.be_slow(fixture.time, 0ms);
        fixture.catalog.stuck_after_rename = true;
        id = fixture.backup("FILE01", name);
        fixture.time.run_for(2s);
        if (taken) fixture.catalog.folders.insert(name);
        fixture.time.run_for(1min);
        fixture.stop_engine();
        ASSERT_EQ(fixture.journal.jobs[id].phase, Phase::committing);
        fixture.catalog.stuck_after_rename = false;
        fixture.start_engine(1);
        fixture.time.run_for(1min);
        EXPECT_EQ(job().outcome, Outcome::succeeded);
        EXPECT_EQ(job().backup, taken ? "again (2)" : "nightly");
        EXPECT_EQ(fixture.catalog.settled.back(), job().backup) << "its name may not be on the disk yet";
    }
    EXPECT_EQ(fixture.catalog.manifests.size(), 2u);
    EXPECT_EQ(exports_of("FILE01"), 2u);
}

TEST(ScheduledLanding, ARunDoesNotWaitForARefusedRenameAndNoSecondExportStarts) {
    ScheduleFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.catalog.renaming_fails = file_in_use;
    fixture.start();
    fixture.run_until_clock(19h);
    ASSERT_EQ(fixture.alerts.runs.size(), 1u);
    EXPECT_THAT(fixture.alerts.runs.front().problems, ElementsAre(HasSubstr("its export is complete")));
    fixture.run_until_clock(12h);
    fixture.run_until_clock(12h);
    EXPECT_EQ(fixture.cluster.runs.size(), 1u);
    fixture.catalog.renaming_fails.reset();
    fixture.time.run_for(6min);
    EXPECT_EQ(fixture.copies_of("A"), 1u);
    fixture.run_until_clock(20h);
    EXPECT_EQ(fixture.copies_of("A"), 2u);
}

TEST_F(RefusedRename, FailsWhenTheFilesAreNoLongerThoseThatWereInspected) {
    rename_is_refused();
    fixture.catalog.not_whole["nightly"] = Error{Errc::damaged_backup, "disk.qcow2 is shorter than inspected"};
    fixture.catalog.renaming_fails.reset();
    fixture.time.run_for(6min);
    EXPECT_EQ(job().outcome, Outcome::failed);
    ASSERT_TRUE(job().error);
    EXPECT_EQ(job().error->code, Errc::damaged_backup);
    EXPECT_THAT(fixture.catalog.manifests, IsEmpty());
    EXPECT_THAT(conditions(), IsEmpty());
}

TEST_F(RefusedRename, IsTheAnswerToCommandsThatTakeTheName) {
    rename_is_refused();
    auto const by_name = fixture.get(fixture.engine->backup_name("nightly"));
    ASSERT_FALSE(by_name);
    EXPECT_EQ(by_name.error().code, Errc::refused);
    EXPECT_THAT(by_name.error().context, HasSubstr("its export is complete"));
    EXPECT_THAT(by_name.error().context, HasSubstr(file_in_use.context));
    auto const by_folder = fixture.get(fixture.engine->backup_name(folder_of(job())));
    ASSERT_FALSE(by_folder);
    EXPECT_THAT(by_folder.error().context, HasSubstr(file_in_use.context));
}
