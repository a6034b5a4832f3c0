// An export lands in a folder of its attempt, which gets the backup's name once it is complete. What others put under
// LocalPath is never replaced, deleted or taken for a backup, whatever it is named.

#include "tests/e2e/schedule_fixture.hpp"

#include <map>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

/// What lies in a folder: relative path and content of each file.
std::map<std::string, std::string> content_of(fs::path const& folder) {
    std::map<std::string, std::string> files;
    for (auto const& entry : fs::recursive_directory_iterator(folder))
        if (entry.is_regular_file()) files[fs::relative(entry.path(), folder).string()] = read_file(entry.path());
    return files;
}

/// As if its files had been written two days ago.
void make_old(fs::path const& folder) {
    auto const then = fs::file_time_type::clock::now() - 48h;
    for (auto const& entry : fs::directory_iterator(folder)) fs::last_write_time(entry.path(), then);
    fs::last_write_time(folder, then);
}

std::string name_of_a_vm(Fixture const& fixture) {
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    return listed.substr(0, listed.find('\n'));
}

struct Row {
    std::string folder, state, problem;
};
Row row_of(Fixture const& fixture, std::string const& backup) {
    auto const listed = fixture.daemon.ctl_json({"show-backups"});
    for (auto const& one : listed.root().elements())
        if (one["name"].text() == backup) return {one["folder"].text(), one["state"].text(), one["problem"].text()};
    return {};
}

/// SMB ignores case, so both take the name.
class NameTaken : public ::testing::TestWithParam<char const*> {};

TEST_P(NameTaken, DuringTheExportTheFolderIsLeftAloneAndTheBackupIsNumbered) {
    SB_NEEDS_SAMBA();
    TempDir dir;
    auto const record = dir / "record";
    auto const hook = recording_hook(dir.path(), record);
    Fixture fixture({.simulator = {.options = {"--export-seconds", "2"}}, .adjust = [&](DaemonSettings& settings) {
                         settings.more = "[Hooks]\nPostBackup = '" + hook + " {{BackupName}}'\n";
                     }});
    auto const id = fixture.detach({"backup", name_of_a_vm(fixture), "mine"});
    ASSERT_TRUE(fixture.wait_until_exporting(id));
    auto const foreign = fixture.folder(GetParam());
    ASSERT_TRUE(fs::create_directory(foreign));
    write_file(foreign / "note.txt", "made by a person");
    auto const before = content_of(foreign);

    EXPECT_EQ(fixture.wait_for_state(id, {"succeeded", "failed", "lost"}), "succeeded")
        << fixture.job_field(id, "error");
    EXPECT_EQ(content_of(foreign), before);
    EXPECT_EQ(fixture.job_field(id, "backup"), "mine (2)");
    EXPECT_EQ(fixture.job_field(id, "folder"), "mine (2)");
    EXPECT_THAT(fixture.job_field(id, "warnings"), HasSubstr("mine (2)"));
    EXPECT_THAT(lines_of(record), ElementsAre("[mine (2)]"));
    expect_backup(fixture, "mine (2)");
    EXPECT_EQ(fixture.landing_folder_of("mine"), "");
    auto const manifest = json::Document::parse(read_file(fixture.folder("mine (2)") / "scale-backup.json")).value();
    EXPECT_EQ(manifest.root()["backup"].text(), "mine (2)");
    EXPECT_EQ(fixture.daemon.ctl({"restore", "mine (2)", "restored"}).code, 0);
}

INSTANTIATE_TEST_SUITE_P(Landing, NameTaken, ::testing::Values("mine", "MINE"),
                         [](auto const& test) { return test.param[0] == 'm' ? "SameCase" : "OtherCase"; });

TEST(Landing, ARunningExportIsListedWithItsFolderAndCommandsOnItAreRefused) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "4"}}});
    auto const id = fixture.detach({"backup", name_of_a_vm(fixture), "running"});
    std::string landing;
    ASSERT_TRUE(wait_until([&] { return !(landing = fixture.landing_folder_of("running")).empty(); }));
    auto const row = row_of(fixture, "running");
    EXPECT_EQ(row.folder, landing);
    EXPECT_EQ(row.state, "exporting");
    EXPECT_THAT(row.problem, HasSubstr("job " + id));
    EXPECT_EQ(fixture.job_field(id, "folder"), landing);
    EXPECT_FALSE(fs::exists(fixture.folder("running")));

    for (auto const& words : std::vector<std::vector<std::string>>{
             {"restore", landing, "too early"}, {"verify", landing}, {"protect", landing}, {"unprotect", landing}})
        EXPECT_THAT(fixture.daemon.ctl(words), EndedWith(4, "job " + id)) << words[0];
    EXPECT_NE(fixture.daemon.ctl({"restore", "running", "too early"}).code, 0);
    EXPECT_EQ(fixture.daemon.ctl({"restore", "running.exporting-00000000", "too early"}).code, 3) << "of no job";
    EXPECT_THAT(fixture.simulator.get("/rest/v1/VirDomain"), Not(HasSubstr("too early")));
    EXPECT_EQ(fixture.job_field(id, "state"), "running") << "all of this happened while it ran";

    ASSERT_EQ(fixture.wait_for_state(id, {"succeeded", "failed", "lost"}), "succeeded");
    expect_backup(fixture, "running");
    EXPECT_EQ(fixture.job_field(id, "folder"), "running");
    EXPECT_EQ(fixture.daemon.ctl({"restore", landing, "restored"}).code, 0) << "the name still stands for the backup";
}

/// A run cleans up what failed exports left; the schedule itself has nothing to do.
struct CleanUp : ::testing::Test {
    ScheduleFixture fixture{{.vms = {"A", "B"}}};

    void SetUp() override { fixture.ended_run(); }
    /// The job ended two days ago.
    void make_job_old(std::string const& backup) const {
        auto const script =
            "import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as journal:\n"
            "    journal.execute('UPDATE jobs SET queued = queued - ?2, started = started - ?2, posted = posted - ?2, "
            "finished = finished - ?2 WHERE backup = ?1', (sys.argv[2], 172800000))\njournal.close()\n";
        auto const done =
            run({.argv = {"python3", "-c", script, (fixture.daemon.state_dir() / "journal.db").string(), backup}});
        ASSERT_EQ(done.code, 0) << done.err;
    }
    void clean_up() {
        EXPECT_EQ(fixture.daemon.ctl({"schedule"}).code, 0);
        fixture.ended_run(2);
    }
};

TEST_F(CleanUp, DeletesTheLandingFolderOfAFailedJobAndLeavesAPersonsFolderWithItsName) {
    fixture.simulator.faults(failing_export("A", "Disk read error"));
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "mine"}).code, 1);
    fixture.simulator.request("DELETE", "/sim/faults");
    auto const landing = fixture.landing_folder_of("mine");
    ASSERT_NE(landing, "");
    // The same files twice: with the job's name, and as an attempt that no job made.
    auto const mine = fixture.share / "mine";
    auto const other = fixture.share / "mine.exporting-0badcafe";
    for (auto const& copy : {mine, other}) fs::copy(fixture.share / landing, copy, fs::copy_options::recursive);
    write_file(mine / "note.txt", "made by a person");
    auto const in_mine = content_of(mine), in_other = content_of(other);
    fixture.daemon.stop();
    make_job_old("mine");
    for (auto const& folder : {mine, other, fixture.share / landing}) make_old(folder);
    fixture.daemon.start();

    clean_up();
    EXPECT_FALSE(fs::exists(fixture.share / landing)) << fixture.daemon.log();
    EXPECT_EQ(content_of(mine), in_mine);
    EXPECT_EQ(content_of(other), in_other);
}

TEST_F(CleanUp, NeverListsAdoptsOrDeletesACompleteLandingFolderThatNoJobMade) {
    auto const backup = fixture.only_backup_of("A");
    auto const listed = fixture.names_of_backups();
    // With the manifest of another attempt, and without one; a share may not preserve case.
    std::vector<std::string> const strangers{"with manifest.exporting-0badcafe", "without one.exporting-0badcafe",
                                             "IN CAPITALS.EXPORTING-0BADCAFE"};
    std::map<std::string, std::map<std::string, std::string>> before;
    for (auto const& name : strangers) {
        fs::copy(fixture.share / backup, fixture.share / name, fs::copy_options::recursive);
        if (name != strangers[0]) fs::remove(fixture.share / name / "scale-backup.json");
        make_old(fixture.share / name);
        before[name] = content_of(fixture.share / name);
    }
    auto const expect_unchanged = [&](char const* when) {
        EXPECT_EQ(fixture.names_of_backups(), listed) << when;
        for (auto const& name : strangers) EXPECT_EQ(content_of(fixture.share / name), before[name]) << name << when;
    };
    fixture.daemon.kill();
    ASSERT_TRUE(wait_until([&] { return !fixture.daemon.running(); }));
    fixture.daemon.start();
    expect_unchanged(" after a restart");

    EXPECT_THAT(fixture.daemon.ctl({"adopt"}).out, Not(HasSubstr(".exporting-")));
    for (auto const& name : strangers)
        for (auto const* command : {"adopt", "verify", "protect"})
            EXPECT_NE(fixture.daemon.ctl({command, name}).code, 0) << command << ' ' << name;
    expect_unchanged(" after the commands");

    fixture.ask("backups.prune", R"({"confirmed":true})");
    clean_up();
    expect_unchanged(" after the clean-up");

    fixture.daemon.stop();
    fs::remove_all(fixture.daemon.state_dir());
    fixture.daemon.start();
    expect_unchanged(" without the journal");
}

}  // namespace
}  // namespace sb::test
