// The state directory or LocalPath is lost or replaced.

#include "tests/e2e/schedule_fixture.hpp"

#include <algorithm>
#include <fstream>

namespace sb::test {
namespace {
namespace fs = std::filesystem;

struct LostState : ::testing::Test {
    ScheduleFixture fixture{{.vms = {"A"}}};
    std::string backup;

    void SetUp() override {
        fixture.ended_run();
        backup = fixture.only_backup_of("A");
    }
    std::string problems() const { return fixture.ask("status").root()["problems"].dump(); }
    void lose_state() {
        fixture.daemon.stop();
        fs::remove_all(fixture.daemon.state_dir());
        fixture.daemon.start();
    }
    fs::path mark() const { return fixture.share / ".scale-backup-id"; }
};

TEST_F(LostState, ADeletedStateDirectoryIsReportedAndItsHistoryIsRebuiltFromTheBackups) {
    auto const before = fixture.daemon.ctl_json({"jobs"});
    lose_state();
    EXPECT_TRUE(wait_until([&] { return problems().find("the journal was missing") != std::string::npos; }))
        << problems();
    auto const after = fixture.daemon.ctl_json({"jobs"});
    ASSERT_EQ(after.root().size(), 1U) << after.root().dump();
    for (auto const* field : {"id", "vm", "vm_uuid", "backup", "state", "task_tag"})
        EXPECT_EQ(after.root().at(0)[field].dump(), before.root().at(0)[field].dump()) << field;
    EXPECT_TRUE(wait_until([&] { return !fixture.ask("status").root()["last_success"].is_null(); }))
        << "known once the backup has been checked";
    EXPECT_EQ(fixture.exports(), 1U) << "the schedule knows its copy";
    EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "by hand"}).code, 0);
    auto const jobs = fixture.daemon.ctl_json({"jobs"});
    EXPECT_GT(jobs.root().at(0)["id"].integer(), before.root().at(0)["id"].integer()) << "ids are never reused";
    expect_every_manifest_is_true(fixture.share);
}

TEST_F(LostState, AnOlderStateDirectoryThatWasPutBackIsReportedAndNoJobsNumberIsUsedTwice) {
    auto const state = fixture.daemon.state_dir();
    fixture.daemon.stop();
    fs::copy(state, fixture.dir / "older", fs::copy_options::recursive);
    fixture.daemon.start();
    for (auto const* name : {"second", "third"}) EXPECT_EQ(fixture.daemon.ctl({"backup", "A", name}).code, 0);
    auto const newest = fixture.daemon.ctl_json({"jobs"}).root().at(0)["id"].integer();
    fixture.daemon.stop();
    fs::remove_all(state);
    fs::copy(fixture.dir / "older", state, fs::copy_options::recursive);
    fixture.daemon.start();
    EXPECT_TRUE(wait_until([&] { return problems().find("an older journal was put back") != std::string::npos; }))
        << problems();
    EXPECT_EQ(fixture.daemon.ctl_json({"jobs"}).root().at(0)["id"].integer(), newest) << "the history is complete";
    EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "fourth"}).code, 0);
    EXPECT_GT(fixture.daemon.ctl_json({"jobs"}).root().at(0)["id"].integer(), newest);
}

TEST_F(LostState, ADamagedJournalIsSetAsideAndReported) {
    fixture.daemon.stop();
    write_file(fixture.daemon.state_dir() / "journal.db", "not a database");
    fixture.daemon.start();
    EXPECT_TRUE(wait_until([&] { return problems().find("it was set aside as") != std::string::npos; })) << problems();
    EXPECT_EQ(fixture.daemon.ctl_json({"jobs"}).root().size(), 1U);
    EXPECT_EQ(std::ranges::count_if(fs::directory_iterator(fixture.daemon.state_dir()),
                                    [](auto const& entry) {
                                        return entry.path().filename().string().starts_with("journal.db.damaged-");
                                    }),
              1);
}

/// In place: the daemon has this file open.
TEST_F(LostState, AJournalThatIsCorruptedWhileTheDaemonRunsIsSetAsideReportedAndRebuilt) {
    auto const journal = fixture.daemon.state_dir() / "journal.db";
    auto const before = fixture.daemon.ctl_json({"jobs"});
    fixture.daemon.stop();
    fixture.daemon.start();  // its log is empty now and cannot repair it
    auto const size = fs::file_size(journal);
    std::fstream(journal, std::ios::binary | std::ios::in | std::ios::out) << std::string(size, 'x');
    EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "second"}).code, 0);
    EXPECT_TRUE(wait_until([&] { return problems().find("it was set aside as") != std::string::npos; })) << problems();
    auto const jobs = [&] { return fixture.daemon.ctl_json({"jobs"}); };
    EXPECT_TRUE(wait_until([&] { return jobs().root().size() == 2; })) << jobs().root().dump();
    EXPECT_EQ(jobs().root().at(1)["backup"].text(), before.root().at(0)["backup"].text());
    EXPECT_GT(jobs().root().at(0)["id"].integer(), before.root().at(0)["id"].integer()) << "ids are never reused";
    expect_every_manifest_is_true(fixture.share);
}

TEST_F(LostState, AnUnmountedLocalPathGetsNoExportsUntilItIsMountedOrAccepted) {
    auto const id = read_file(mark());
    ASSERT_FALSE(id.empty());
    fs::rename(fixture.share, fixture.dir / "mounted elsewhere");
    fs::create_directory(fixture.share);
    EXPECT_THAT(fixture.daemon.ctl({"backup", "A", "second"}), EndedWith(4, "Is its file system mounted?"));
    EXPECT_THAT(fixture.daemon.ctl({"why", "A"}), EndedWith(0, "Is its file system mounted?"));
    EXPECT_EQ(fixture.exports(), 1U);
    EXPECT_TRUE(fs::is_empty(fixture.share)) << "nothing is written to it";

    fs::remove(fixture.share);
    fs::rename(fixture.dir / "mounted elsewhere", fixture.share);
    EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "second"}).code, 0);

    fs::remove(mark());
    EXPECT_THAT(fixture.daemon.ctl({"backup", "A", "third"}),
                EndedWith(4, "echo " + id.substr(0, 32) + " > '" + mark().string() + "'"));
    write_file(mark(), id);
    EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "third"}).code, 0);
}

TEST_F(LostState, AnUnmountedLocalPathIsAConditionUntilItIsBackAndARestartKeepsSinceWhen) {
    auto const conditions = [&] { return fixture.ask("status").root()["conditions"].dump(); };
    auto const since = [&] { return fixture.ask("status").root()["conditions"].at(0)["since"].text(); };
    EXPECT_EQ(conditions(), "[]");
    auto const id = read_file(mark());
    fs::remove(mark());
    EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "second"}).code, 4);
    auto const status = fixture.ask("status");
    auto const condition = status.root()["conditions"].at(0);
    EXPECT_EQ(condition["kind"].text(), "storage_unusable") << conditions();
    EXPECT_EQ(condition["severity"].text(), "error");
    EXPECT_EQ(condition["subject"].text(), "");
    EXPECT_NE(condition["reason"].text().find("Is its file system mounted?"), std::string::npos);
    EXPECT_NE(condition["remedy"].text().find("scale-backupctl doctor"), std::string::npos);
    EXPECT_THAT(fixture.daemon.ctl({"status"}), EndedWith(0, "ERROR         LocalPath cannot be used"));

    // Times have whole seconds: a condition of the restarted daemon would be a later one.
    auto const found_later = [&] {
        EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "second"}).code, 4);
        return fixture.ask("status").root()["conditions"].at(0)["confirmed"].text() != condition["since"].text();
    };
    EXPECT_TRUE(wait_until(found_later));
    EXPECT_EQ(since(), condition["since"].text());
    fixture.daemon.kill();
    EXPECT_TRUE(wait_until([&] { return !fixture.daemon.running(); }));
    fixture.daemon.start();
    EXPECT_EQ(since(), condition["since"].text());

    write_file(mark(), id);
    EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "second"}).code, 0);
    EXPECT_EQ(conditions(), "[]");
}

TEST_F(LostState, AStateDirectoryThatVanishesWhileTheDaemonRunsCostsNoBackup) {
    fs::remove_all(fixture.daemon.state_dir());
    EXPECT_EQ(fixture.daemon.ctl({"backup", "A", "second"}).code, 0);
    EXPECT_TRUE(fs::exists(fixture.daemon.state_dir() / "journal.db"));
    fixture.daemon.kill();
    EXPECT_TRUE(wait_until([&] { return !fixture.daemon.running(); }));
    fixture.daemon.start();
    EXPECT_NE(fixture.daemon.ctl_json({"jobs"}).root().dump().find("\"second\""), std::string::npos);
    expect_every_manifest_is_true(fixture.share);
}

/// The job's next change is the end of the export; it must be recorded before.
TEST(LostStateDirectory, ARunningExportIsResumedAlthoughTheStateDirectoryVanished) {
    ScheduleFixture fixture({.vms = {"A"}, .export_seconds = "4"});
    ASSERT_TRUE(wait_until(
        [&] { return fixture.daemon.ctl_json({"jobs"}).root().dump().find("\"following\"") != std::string::npos; }));
    fs::remove_all(fixture.daemon.state_dir());
    EXPECT_EQ(fixture.daemon.ctl({"pause"}).code, 0) << "the first call that finds the journal missing";
    fixture.daemon.kill();
    EXPECT_TRUE(wait_until([&] { return !fixture.daemon.running(); }));
    fixture.daemon.start();
    EXPECT_EQ(fixture.ask("status").root()["paused"].boolean(), true);
    EXPECT_TRUE(wait_until([&] { return fixture.names_of_backups().size() == 1; }));
    EXPECT_EQ(fixture.daemon.ctl({"resume"}).code, 0);
    fixture.ended_run();
    EXPECT_EQ(fixture.exports(), 1U) << "it is not requested a second time";
    expect_every_manifest_is_true(fixture.share);
}

}  // namespace
}  // namespace sb::test
