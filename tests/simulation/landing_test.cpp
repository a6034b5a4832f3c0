// How an export becomes a backup: it lands in a folder that only it uses, which gets the backup's name at the end.
#include "tests/simulation/landing_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::ElementsAre;
using testing::HasSubstr;

TEST_F(Landing, AnExportGetsItsNameOnlyWhenItIsABackup) {
    id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(2s);
    auto const landing = landing_folder("nightly", job().attempt);
    EXPECT_THAT(fixture.catalog.folders, ElementsAre(landing));
    auto const listed = fixture.backups();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed.front().name, "nightly");
    EXPECT_EQ(listed.front().folder, landing);
    EXPECT_EQ(listed.front().state, BackupState::exporting);
    EXPECT_EQ(listed.front().size_bytes, 1u);
    EXPECT_EQ(listed.front().problem, "job 1 is writing it");
    fixture.time.run_for(1min);
    EXPECT_THAT(fixture.catalog.folders, ElementsAre("nightly"));
    auto const& manifest = fixture.catalog.manifests["nightly"];
    EXPECT_EQ(manifest.definition_file, "nightly.xml");
    EXPECT_EQ(manifest.end, ExportEnd::seen);
    EXPECT_EQ(fixture.backups().front().folder, "nightly");
    expect_one_backup();
}

TEST_F(Landing, ALandingFoldersNameStandsForItsBackupOnceThereIsOne) {
    fixture.cluster.task_error["OTHER"] = "Disk read error";
    id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(2s);
    auto const landing = landing_folder("nightly", job().attempt);
    auto const unfinished = fixture.get(fixture.engine->backup_name(landing));
    ASSERT_FALSE(unfinished);
    EXPECT_EQ(unfinished.error().code, Errc::refused);
    EXPECT_EQ(unfinished.error().context, "the export of job 1 into '" + landing + "' is not finished");
    fixture.time.run_for(1min);
    EXPECT_EQ(fixture.get(fixture.engine->backup_name(landing)).value(), "nightly");
    EXPECT_EQ(fixture.get(fixture.engine->backup_name("nightly")).value(), "nightly");
    EXPECT_EQ(fixture.get(fixture.engine->backup_name("x.exporting-ffffffff")).value(), "x.exporting-ffffffff");
    auto const failed = fixture.backup("OTHER", "other");
    fixture.time.run_for(1min);
    auto const refused = fixture.get(fixture.engine->backup_name(folder_of(fixture.job(failed))));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().context, HasSubstr("did not become a backup: failed"));
}

TEST_F(Landing, ARestoreOfABackupThatIsStillExportedSaysSo) {
    id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(2s);
    auto const refused = fixture.get(fixture.engine->submit_restore("nightly", "NEW"));
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().context, HasSubstr("job 1 is writing a backup named 'nightly'"));
}

TEST_F(Landing, ANameThatIsTakenAtTheEndIsNumbered) {
    fixture.hooks.set = {HookKind::post_backup};
    id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(2s);
    fixture.catalog.folders.insert("NIGHTLY");
    fixture.time.run_for(1min);
    EXPECT_EQ(job().backup, "nightly (2)");
    EXPECT_THAT(job().warnings, ElementsAre(HasSubstr("the name 'nightly' was taken")));
    ASSERT_TRUE(fixture.catalog.manifests.contains("nightly (2)"));
    EXPECT_EQ(fixture.catalog.manifests["nightly (2)"].definition_file, "nightly.xml");
    EXPECT_TRUE(fixture.catalog.folders.contains("NIGHTLY"));
    EXPECT_THAT(fixture.hooks.runs, ElementsAre("post_backup FILE01 nightly (2)"));
    expect_one_backup();
}

TEST_F(Landing, AnExportOfAnEarlierVersionEndsInItsFolder) {
    fixture.cluster.length = 1h;
    id = fixture.backup("FILE01", "nightly");
    fixture.time.run_for(1min);
    fixture.stop_engine();
    fixture.journal.jobs[id].attempt.clear();
    fixture.catalog.folders = {"nightly"};
    fixture.start_engine(1);
    auto const listed = fixture.backups();
    ASSERT_EQ(listed.size(), 1u);
    EXPECT_EQ(listed.front().state, BackupState::exporting);
    fixture.time.run_for(2h);
    expect_one_backup();
    EXPECT_TRUE(fixture.catalog.manifests.contains("nightly"));
}
