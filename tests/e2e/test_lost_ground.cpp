// The state directory or the backups' place is not what it was.

#include "tests/e2e/schedule_rig.hpp"

#include <algorithm>
#include <fstream>

namespace sb::test {
namespace {
namespace fs = std::filesystem;

struct LostGround : ::testing::Test {
    ScheduleRig rig{{.vms = {"A"}}};
    std::string backup;

    void SetUp() override {
        rig.ended_run();
        backup = rig.only_backup_of("A");
    }
    std::string problems() const { return rig.ask("status").root()["problems"].dump(); }
    void lose_state() {
        rig.daemon.stop();
        fs::remove_all(rig.daemon.state_dir());
        rig.daemon.start();
    }
    fs::path mark() const { return rig.share / ".scale-backup-id"; }
};

TEST_F(LostGround, ADeletedStateDirectoryIsSaidAndItsHistoryReadBackFromTheBackups) {
    auto const before = rig.daemon.ctl_json({"jobs"});
    lose_state();
    EXPECT_TRUE(wait_until([&] { return problems().find("the journal was missing") != std::string::npos; })) << problems();
    auto const after = rig.daemon.ctl_json({"jobs"});
    ASSERT_EQ(after.root().size(), 1U) << after.root().dump();
    for (auto const* field : {"id", "vm", "vm_uuid", "backup", "state", "task_tag"})
        EXPECT_EQ(after.root().at(0)[field].dump(), before.root().at(0)[field].dump()) << field;
    EXPECT_FALSE(rig.ask("status").root()["last_success"].is_null());
    EXPECT_EQ(rig.exports(), 1U) << "the schedule knows its copy";
    EXPECT_EQ(rig.daemon.ctl({"backup", "A", "by hand"}).code, 0);
    auto const jobs = rig.daemon.ctl_json({"jobs"});
    EXPECT_GT(jobs.root().at(0)["id"].integer(), before.root().at(0)["id"].integer()) << "no id is given twice";
    expect_every_manifest_is_true(rig.share);
}

TEST_F(LostGround, ADamagedJournalIsSetAsideAndSaid) {
    rig.daemon.stop();
    write_file(rig.daemon.state_dir() / "journal.db", "no database");
    rig.daemon.start();
    EXPECT_TRUE(wait_until([&] { return problems().find("it was set aside as") != std::string::npos; })) << problems();
    EXPECT_EQ(rig.daemon.ctl_json({"jobs"}).root().size(), 1U);
    EXPECT_EQ(std::ranges::count_if(fs::directory_iterator(rig.daemon.state_dir()), [](auto const& entry) {
        return entry.path().filename().string().starts_with("journal.db.damaged-");
    }), 1);
}

/// In place: the daemon has this very file open.
TEST_F(LostGround, AJournalThatIsSpoiltWhileTheDaemonRunsIsSetAsideSaidAndReadBack) {
    auto const journal = rig.daemon.state_dir() / "journal.db";
    auto const before = rig.daemon.ctl_json({"jobs"});
    rig.daemon.stop();
    rig.daemon.start();  // its log is empty now, and cannot mend it
    auto const size = fs::file_size(journal);
    std::fstream(journal, std::ios::binary | std::ios::in | std::ios::out) << std::string(size, 'x');
    EXPECT_EQ(rig.daemon.ctl({"backup", "A", "second"}).code, 0);
    EXPECT_TRUE(wait_until([&] { return problems().find("it was set aside as") != std::string::npos; })) << problems();
    auto const jobs = [&] { return rig.daemon.ctl_json({"jobs"}); };
    EXPECT_TRUE(wait_until([&] { return jobs().root().size() == 2; })) << jobs().root().dump();
    EXPECT_EQ(jobs().root().at(1)["backup"].text(), before.root().at(0)["backup"].text());
    EXPECT_GT(jobs().root().at(0)["id"].integer(), before.root().at(0)["id"].integer()) << "no id is given twice";
    expect_every_manifest_is_true(rig.share);
}

TEST_F(LostGround, AnUnmountedLocalPathGetsNoExportsUntilItIsBackOrAccepted) {
    auto const id = read_file(mark());
    ASSERT_FALSE(id.empty());
    fs::rename(rig.share, rig.dir / "mounted elsewhere");
    fs::create_directory(rig.share);
    EXPECT_THAT(rig.daemon.ctl({"backup", "A", "second"}), EndedWith(4, "is its file system mounted?"));
    EXPECT_THAT(rig.daemon.ctl({"why", "A"}), EndedWith(0, "is its file system mounted?"));
    EXPECT_EQ(rig.exports(), 1U);
    EXPECT_TRUE(fs::is_empty(rig.share)) << "nothing is written into it";

    fs::remove(rig.share);
    fs::rename(rig.dir / "mounted elsewhere", rig.share);
    EXPECT_EQ(rig.daemon.ctl({"backup", "A", "second"}).code, 0);

    fs::remove(mark());
    EXPECT_THAT(rig.daemon.ctl({"backup", "A", "third"}), EndedWith(4, "echo " + id.substr(0, 32) + " > '" + mark().string() + "'"));
    write_file(mark(), id);
    EXPECT_EQ(rig.daemon.ctl({"backup", "A", "third"}).code, 0);
}

TEST_F(LostGround, AStateDirectoryThatVanishesWhileTheDaemonRunsCostsNoBackup) {
    fs::remove_all(rig.daemon.state_dir());
    EXPECT_EQ(rig.daemon.ctl({"backup", "A", "second"}).code, 0);
    EXPECT_TRUE(fs::exists(rig.daemon.state_dir() / "journal.db"));
    rig.daemon.kill();
    EXPECT_TRUE(wait_until([&] { return !rig.daemon.running(); }));
    rig.daemon.start();
    EXPECT_NE(rig.daemon.ctl_json({"jobs"}).root().dump().find("\"second\""), std::string::npos);
    expect_every_manifest_is_true(rig.share);
}

/// Its next change comes when the export has ended; it must be known before.
TEST(LostState, AnExportUnderWayIsTakenUpThoughTheStateDirectoryVanishedMeanwhile) {
    ScheduleRig rig({.vms = {"A"}, .export_seconds = "4"});
    ASSERT_TRUE(wait_until([&] { return rig.daemon.ctl_json({"jobs"}).root().dump().find("\"following\"") != std::string::npos; }));
    fs::remove_all(rig.daemon.state_dir());
    EXPECT_EQ(rig.daemon.ctl({"pause"}).code, 0) << "the first call that misses the journal";
    rig.daemon.kill();
    EXPECT_TRUE(wait_until([&] { return !rig.daemon.running(); }));
    rig.daemon.start();
    EXPECT_EQ(rig.ask("status").root()["paused"].boolean(), true);
    EXPECT_TRUE(wait_until([&] { return rig.names_of_backups().size() == 1; }));
    EXPECT_EQ(rig.daemon.ctl({"resume"}).code, 0);
    rig.ended_run();
    EXPECT_EQ(rig.exports(), 1U) << "it is not ordered a second time";
    expect_every_manifest_is_true(rig.share);
}

}  // namespace
}  // namespace sb::test
