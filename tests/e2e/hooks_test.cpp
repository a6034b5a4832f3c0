// Hooks: their arguments, their failures, and their environment.

#include "tests/e2e/schedule_fixture.hpp"

namespace sb::test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

struct Hooks : ::testing::Test {
    TempDir dir;
    std::filesystem::path record = dir / "record";

    std::string program(std::string const& before = {}) const { return recording_hook(dir.path(), record, before); }
    std::vector<std::string> said() const { return lines_of(record); }
};

TEST_F(Hooks, AllSixGetTheirArgumentsAndASpaceInANameDoesNotSplitThem) {
    auto const hook = program();
    auto const both = [&](std::string const& key, std::string const& word, std::string const& name) {
        return key + " = '" + hook + " " + word + "  {{" + name + "}} {{LocalPath}}/{{BackupName}} x{{BackupName}}y'\n";
    };
    ScheduleFixture fixture(
        {.vms = {"Web server 01"},
         .more = "[Hooks]\n" + both("PreBackup", "a", "VMName") + both("PostBackup", "b", "VMName") +
                 both("PreRestore", "c", "NewVMName") + both("PostRestore", "d", "NewVMName") + "PreSchedule = '" +
                 hook + " e {{LocalPath}} \"'\n" + "PostSchedule = '" + hook + " f {{LocalPath}} $HOME *'\n"});
    fixture.ended_run();
    auto const backup = fixture.only_backup_of("Web server 01");
    auto const rest = "[" + fixture.share.string() + "/" + backup + "][x" + backup + "y]";
    EXPECT_THAT(said(), ElementsAre("[e][" + fixture.share.string() + "][\"]", "[a][Web server 01]" + rest,
                                    "[b][Web server 01]" + rest, "[f][" + fixture.share.string() + "][$HOME][*]"));
    std::filesystem::remove(record);
    ASSERT_EQ(fixture.daemon.ctl({"pause"}).code,
              0);  // the restored VM has no backup yet: the schedule would start one immediately
    ASSERT_EQ(fixture.daemon.ctl({"restore", backup, "From the past"}).code, 0);
    EXPECT_THAT(said(), ElementsAre("[c][From the past]" + rest, "[d][From the past]" + rest));
}

TEST_F(Hooks, AFailingPreBackupIsReportedAndTheBackupContinues) {
    auto const hook = program("echo 'the database is busy' >&2; exit 3");
    ScheduleFixture fixture({.vms = {"DB"}, .more = "[Hooks]\nPreBackup = '" + hook + " {{VMName}}'\n"});
    auto const run = fixture.ended_run();
    EXPECT_EQ(run.root()["succeeded"].integer(), 1) << run.root().dump();
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("PreBackup"));
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("exit code 3"));
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("the database is busy"));
    fixture.only_backup_of("DB");
}

TEST_F(Hooks, PreBackupMustSucceedPreventsTheBackup) {
    auto const hook = program("[ \"$1\" = DB ] && exit 3");
    ScheduleFixture fixture({.vms = {"DB", "WEB"},
                             .schedule = window_text(std::chrono::minutes(-60), std::chrono::minutes(3)),
                             .more = "[Hooks]\nPreBackup = '" + hook + " {{VMName}}'\nPreBackupMustSucceed = true\n"});
    auto const run = fixture.ended_run();
    EXPECT_EQ(run.root()["succeeded"].integer(), 1) << run.root().dump();
    EXPECT_EQ(run.root()["failed"].integer(), 1);
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("PreBackup"));
    EXPECT_EQ(fixture.exports(), 1U) << "the cluster got no request for DB";
    fixture.only_backup_of("WEB");
}

TEST_F(Hooks, AMissingProgramIsReportedAndDelaysNothing) {
    ScheduleFixture fixture(
        {.vms = {"A"}, .more = "[Hooks]\nPreSchedule = '/no/such/program x'\nPostBackup = '/no/such/other'\n"});
    auto const run = fixture.ended_run();
    EXPECT_EQ(run.root()["succeeded"].integer(), 1) << run.root().dump();
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("/no/such/program"));
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("/no/such/other"));
}

TEST_F(Hooks, DelayedPostBackupsRunOneByOneAfterTheLastExportAndBeforePostSchedule) {
    // Each reports its start and waits a little, so that another one could start in between.
    auto const hook = program("printf 'begin %s\\n' \"$1\" >> '" + record.string() + "'; sleep 0.1");
    auto const plain = program();
    ScheduleFixture fixture({.vms = {"A", "B", "C"},
                             .more = "[Hooks]\nDelayPostBackupWhenScheduled = true\nPreBackup = '" + plain +
                                     " pre'\nPostBackup = '" + hook + " {{VMName}}'\nPostSchedule = '" + plain +
                                     " end'\n"});
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 3);
    auto const lines = said();
    ASSERT_EQ(lines.size(), 10U) << read_file(record);
    for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(lines[i], "[pre]");
    for (std::size_t i = 3; i < 9; i += 2) EXPECT_EQ("[" + lines[i].substr(6) + "]", lines[i + 1]) << "one at a time";
    EXPECT_EQ(lines.back(), "[end]");
}

TEST_F(Hooks, ADelayThatIsSwitchedOffDuringARunLosesNoPostBackup) {
    auto const hook = program();
    ScheduleFixture fixture(
        {.vms = {"A", "B"},
         .export_seconds = "3",
         .more = "[Hooks]\nDelayPostBackupWhenScheduled = true\nPostBackup = '" + hook + " {{VMName}}'\n"});
    ASSERT_TRUE(fixture.wait_for_exports(2));
    auto& more = fixture.daemon.settings.more;
    std::string const on = "DelayPostBackupWhenScheduled = true";
    ASSERT_NE(more.find(on), std::string::npos);
    more.replace(more.find(on), on.size(), "DelayPostBackupWhenScheduled = false");
    fixture.daemon.write_config();
    ASSERT_EQ(fixture.daemon.ctl({"reload"}).code, 0);
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 2);
    EXPECT_THAT(said(), ::testing::UnorderedElementsAre("[A]", "[B]"));
}

TEST_F(Hooks, DelayOnlyAppliesToScheduledBackups) {
    auto const hook = program();
    ScheduleFixture fixture(
        {.vms = {"A"},
         .schedule = window_text(std::chrono::minutes(120), std::chrono::minutes(240)),
         .more = "[Hooks]\nDelayPostBackupWhenScheduled = true\nPostBackup = '" + hook + " {{BackupName}}'\n"});
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "by hand"}).code, 0);
    EXPECT_THAT(said(), ElementsAre("[by hand]"));
}

TEST_F(Hooks, InheritNoDescriptorsAndNoSecrets) {
    if (!std::filesystem::exists("/proc/self/fd")) GTEST_SKIP() << "needs /proc";
    auto const seen = (dir / "seen").string();
    // The shell's descriptor of its script does not come from the daemon.
    auto const hook = program(
        "{ for fd in /proc/$$/fd/*; do readlink \"$fd\"; done; env\n"
        "tr '\\0' ' ' < /proc/$PPID/cmdline; } > '" +
        seen + "' 2>&1");
    ScheduleFixture fixture({.vms = {"A"},
                             .more = "[Hooks]\nPreBackup = '" + hook + "'\n",
                             .environment = {{"BACKUP_API_TOKEN", "hushhush"}, {"NOTIFY_SOCKET", "/nobody"}}});
    fixture.ended_run();
    auto const text = read_file(seen);
    ASSERT_THAT(text, HasSubstr("SCALE_BACKUP_HOOK=PreBackup"));
    ASSERT_THAT(text, HasSubstr("pipe:[")) << "its own output: the list of descriptors exists";
    for (auto const* secret :
         {"hushhush", "NOTIFY_SOCKET", "pa$$w0rd", "P@ssword", "socket:", "journal.db", "anon_inode"})
        EXPECT_THAT(text, Not(HasSubstr(secret)));
}

TEST_F(Hooks, APostBackupHoldsTheSlotUntilItEnds) {
    auto const gate = (dir / "go").string();
    auto const hook = program("i=0; while [ ! -e '" + gate + "' ] && [ $i -lt 300 ]\ndo sleep 0.1; i=$((i+1)); done");
    ScheduleFixture fixture({.vms = {"A", "B"},
                             .schedule = always_open("Concurrency = 1\nMaxBackups = 3\n"),
                             .more = "[Hooks]\nPostBackup = '" + hook + " {{VMName}}'\n"});
    auto const phase = [&] {
        auto const jobs = fixture.ask("jobs.list");
        return jobs.root()["jobs"].size() == 1 ? jobs.root()["jobs"].at(0)["phase"].text() : "";
    };
    ASSERT_TRUE(wait_until([&] { return phase() == "post_hook"; }));
    // Many chances for a wrong start: every request makes the daemon check the cluster and its plan.
    for (int i = 0; i < 5; ++i) fixture.ask("queue.list");
    EXPECT_EQ(fixture.exports(), 1U);
    write_file(gate, "");
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 2);
}

}  // namespace
}  // namespace sb::test
