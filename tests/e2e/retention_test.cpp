// Retention in real folders: it must never delete the last good copy.

#include "tests/e2e/schedule_fixture.hpp"

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Clock = std::chrono::system_clock;
Clock::time_point days_ago(int days) { return Clock::now() - std::chrono::hours(24 * days + 1); }

struct Verdict {
    bool keep = true;
    std::string reason;
};
std::map<std::string, Verdict> verdicts_of(ScheduleFixture const& fixture) {
    std::map<std::string, Verdict> result;
    auto const answer = fixture.ask("backups.retention");
    for (auto const& one : answer.root()["backups"].elements())
        result[one["name"].text()] = {one["keep"].boolean().value_or(false), one["reason"].text()};
    return result;
}

std::vector<std::string> texts(json::View list) {
    std::vector<std::string> result;
    for (auto const& one : list.elements()) result.push_back(one.text());
    return result;
}

std::vector<std::string> folders(ScheduleFixture const& fixture) {
    std::vector<std::string> names;
    for (auto const& entry : fs::directory_iterator(fixture.share))
        if (entry.path().filename().string().front() != '.') names.push_back(entry.path().filename());
    return names;
}

/// Removes a copy so that its VM is due. A backup that succeeded counts for its interval although its copy is gone; a
/// history that is rebuilt from the manifests does not know it.
void remove_and_forget(ScheduleFixture const& fixture, std::string const& backup) {
    fs::remove_all(fixture.share / backup);
    fs::remove_all(fixture.daemon.state_dir());
}

TEST(Retention, AFailedNewExportDoesNotDeleteTheGoodOlderOne) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = window_text(-60min, 3min)});
    fixture.ended_run();
    auto const fresh = fixture.only_backup_of("A");
    fixture.daemon.stop();
    auto const good = fixture.copy_backup(fresh, days_ago(8));
    remove_and_forget(fixture, fresh);
    fixture.simulator.faults(
        R"([{"kind":"task_error","percent":90,"text":"Disk read error","match":{"call":"export"}}])");
    fixture.daemon.settings.more = "[Schedule]\nMaxAge = '3 days'\n" + window_text(-60min, 3min);
    auto& more = fixture.daemon.settings.more;
    more.replace(more.find("MaxBackups = 30"), 15, "MaxBackups = 1");
    fixture.daemon.start();
    auto const run = fixture.ended_run();
    EXPECT_EQ(run.root()["failed"].integer(), 1) << run.root().dump();
    EXPECT_THAT(texts(run.root()["deleted"]), IsEmpty());
    EXPECT_EQ(fixture.only_backup_of("A"), good);
    fixture.ask("backups.prune", R"({"confirmed":true})");
    EXPECT_TRUE(fs::exists(fixture.share / good / "scale-backup.json"));
    EXPECT_THAT(verdicts_of(fixture)[good].reason, HasSubstr("newest good"));
}

TEST(Retention, PruneDoesWhatTheDryRunShows) {
    ScheduleFixture fixture({.vms = {"A", "B"}, .schedule = always_open("MaxBackups = 3\n")});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    ASSERT_EQ(fixture.daemon.ctl({"backup", "A", "by hand"}).code, 0);
    std::vector<std::string> older;
    for (int age = 1; age <= 6; ++age) older.push_back(fixture.copy_backup(newest, days_ago(age)));
    EXPECT_EQ(fixture.daemon.ctl({"protect", older[5]}).code, 0);

    std::vector<std::string> expected;
    for (auto const& [name, verdict] : verdicts_of(fixture))
        if (!verdict.keep) expected.push_back(name);
    EXPECT_THAT(expected, UnorderedElementsAre(older[2], older[3], older[4]));
    auto const told = fixture.daemon.ctl({"prune", "--dry-run"});
    EXPECT_EQ(told.code, 0);
    for (auto const& name : fixture.names_of_backups()) EXPECT_THAT(told.out, HasSubstr(name));
    EXPECT_EQ(fixture.backups().size(), 9U) << "a dry run deletes nothing";

    EXPECT_EQ(fixture.daemon.ctl({"prune"}).code, 0);
    for (auto const& name : expected) EXPECT_FALSE(fs::exists(fixture.share / name)) << name;
    EXPECT_THAT(folders(fixture),
                ::testing::IsSupersetOf({newest, older[0], older[1], older[5], std::string("by hand")}));
    EXPECT_EQ(fixture.backups().size(), 6U);
    expect_every_manifest_is_true(fixture.share);
    EXPECT_THAT(texts(fixture.ask("backups.prune").root()["deleted"]), IsEmpty());

    EXPECT_EQ(fixture.daemon.ctl({"unprotect", older[5]}).code, 0);
    EXPECT_EQ(fixture.daemon.ctl({"prune"}).code, 0);
    EXPECT_FALSE(fs::exists(fixture.share / older[5]));
}

TEST(Retention, TheDryRunSeesManualChangesImmediately) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxBackups = 2\n")});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    EXPECT_EQ(verdicts_of(fixture).size(), 1U);
    auto const second = fixture.copy_backup(newest, days_ago(1));
    auto const third = fixture.copy_backup(newest, days_ago(2));
    auto const now = verdicts_of(fixture);
    EXPECT_EQ(now.size(), 3U) << "prune would see them too";
    EXPECT_THAT(texts(fixture.ask("backups.prune").root()["deleted"]), ElementsAre(third));
    EXPECT_TRUE(fs::exists(fixture.share / second));
}

TEST(Retention, DeletingMoreThanHalfNeedsConfirmation) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\n")});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    for (int age = 1; age <= 4; ++age) fixture.copy_backup(newest, days_ago(age));
    EXPECT_THAT(fixture.daemon.ctl({"prune"}), EndedWith(4, "more than half"));
    EXPECT_EQ(fixture.backups().size(), 5U);
    EXPECT_EQ(fixture.daemon.ctl({"prune", "--yes"}).code, 0);
    EXPECT_THAT(fixture.names_of_backups(), ElementsAre(newest));
}

TEST(Retention, ARunCleansUpAtItsEndAndReportsWhatItDeleted) {
    ScheduleFixture fixture({.vms = {"A", "B", "C"}, .schedule = always_open("MaxBackups = 2\n")});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    fixture.daemon.stop();
    auto const kept = fixture.copy_backup(newest, days_ago(3));
    auto const gone = fixture.copy_backup(newest, days_ago(5));
    remove_and_forget(fixture, newest);
    fixture.daemon.start();
    auto const run = fixture.ended_run();
    EXPECT_THAT(texts(run.root()["deleted"]), ElementsAre(gone)) << run.root().dump();
    EXPECT_TRUE(fs::exists(fixture.share / kept));
    EXPECT_EQ(fixture.exports(), 4U) << "only A was due";
}

TEST(Retention, AFolderThatAPersonRenamedOrCopiedIsKeptAndPushesNoBackupOut) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxBackups = 2\n")});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    auto const second = fixture.copy_backup(newest, days_ago(1));
    auto const third = fixture.copy_backup(newest, days_ago(2));
    auto const fourth = fixture.copy_backup(newest, days_ago(3));
    fs::copy(fixture.share / newest, fixture.share / (newest + " - Copy"));
    fs::rename(fixture.share / fourth, fixture.share / "before the upgrade");
    auto const verdicts = verdicts_of(fixture);
    for (auto const& name : {newest + " - Copy", std::string("before the upgrade")})
        EXPECT_THAT(verdicts.at(name).reason, HasSubstr("renamed or copied by hand")) << name;
    EXPECT_THAT(texts(fixture.ask("backups.prune").root()["deleted"]), ElementsAre(third));
    EXPECT_THAT(folders(fixture),
                UnorderedElementsAre(newest, newest + " - Copy", second, std::string("before the upgrade")));
}

TEST(Retention, FoldersOfThePredecessorAreNeverDeleted) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\nMaxAge = '30 days'\n")});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    auto const old = std::string("2019-01-01_02-00-00 A");
    fs::copy(fixture.share / newest, fixture.share / old);
    fs::remove(fixture.share / old / "scale-backup.json");
    fs::create_directory(fixture.share / "private photos");
    fixture.ask("backups.prune", R"({"confirmed":true})");
    EXPECT_THAT(folders(fixture), UnorderedElementsAre(newest, old, "private photos"));
    auto const verdicts = verdicts_of(fixture);
    ASSERT_TRUE(verdicts.contains(old));
    EXPECT_TRUE(verdicts.at(old).keep);
}

TEST(Retention, CopiesOfADeletedVmExpireAndOtherVmsKeepOne) {
    ScheduleFixture fixture({.vms = {"HERE", "GONE"}, .schedule = always_open("MaxAge = '30 days'\n")});
    fixture.ended_run();
    auto const here = fixture.only_backup_of("HERE");
    auto const gone = fixture.only_backup_of("GONE");
    auto const uuid = fixture.vm_uuid("GONE");
    auto const here_40 = fixture.copy_backup(here, days_ago(40));
    auto const gone_20 = fixture.copy_backup(gone, days_ago(20));
    auto const gone_40 = fixture.copy_backup(gone, days_ago(40));
    auto const gone_50 = fixture.copy_backup(gone, days_ago(50));
    fixture.daemon.stop();
    fs::remove_all(fixture.share / gone);
    auto const stop = R"([{"virDomainUUID":")" + uuid + R"(","actionType":"STOP"}])";
    fixture.simulator.request("POST", "/rest/v1/VirDomain/action", stop);
    fixture.simulator.request("DELETE", "/rest/v1/VirDomain/" + uuid);
    ASSERT_TRUE(
        wait_until([&] { return fixture.simulator.get("/rest/v1/VirDomain").find(uuid) == std::string::npos; }));
    fixture.daemon.start();
    auto const verdicts = verdicts_of(fixture);
    EXPECT_FALSE(verdicts.at(gone_40).keep) << verdicts.at(gone_40).reason;
    EXPECT_FALSE(verdicts.at(gone_50).keep) << verdicts.at(gone_50).reason;
    EXPECT_TRUE(verdicts.at(gone_20).keep);
    EXPECT_FALSE(verdicts.at(here_40).keep) << "a newer verified one stays";
    fixture.ask("backups.prune", R"({"confirmed":true})");
    EXPECT_THAT(folders(fixture), UnorderedElementsAre(here, gone_20));
}

TEST(Retention, TheNewestCopyOfAnExistingVmStaysHoweverOldItIs) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxAge = '30 days'\n")});
    fixture.ended_run();
    auto const fresh = fixture.only_backup_of("A");
    fixture.daemon.stop();
    auto const old = fixture.copy_backup(fresh, days_ago(100));
    fs::remove_all(fixture.share / fresh);
    fixture.daemon.settings.more = "[Schedule]\nMaxAge = '30 days'\n" + window_text(120min, 240min);
    fixture.daemon.start();
    EXPECT_THAT(texts(fixture.ask("backups.prune", R"({"confirmed":true})").root()["deleted"]), IsEmpty());
    EXPECT_TRUE(verdicts_of(fixture).at(old).keep);
}

TEST(Retention, ACopyFromTheFutureIsReportedAndNothingOfItsVmIsDeleted) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\n")});
    fixture.ended_run();
    auto const fresh = fixture.only_backup_of("A");
    fixture.daemon.stop();
    auto const future = fixture.copy_backup(fresh, Clock::now() + 72h);
    auto const old = fixture.copy_backup(fresh, days_ago(9));
    remove_and_forget(fixture, fresh);
    fixture.daemon.start();
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 1) << "its VM stays in the queue";
    auto const verdicts = verdicts_of(fixture);
    EXPECT_TRUE(verdicts.at(old).keep);
    EXPECT_THAT(verdicts.at(old).reason, HasSubstr("future"));
    EXPECT_THAT(verdicts.at(old).reason, HasSubstr(future));
    fixture.ask("backups.prune", R"({"confirmed":true})");
    EXPECT_TRUE(fs::exists(fixture.share / old));
    EXPECT_THAT(fixture.daemon.ctl({"why", "A"}), EndedWith(0, "future"));
}

TEST(Retention, ADamagedNewestCopyProtectsTheOlderOnes) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\n")});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    auto const older = fixture.copy_backup(newest, days_ago(2));
    auto const oldest = fixture.copy_backup(newest, days_ago(3));
    auto const images = images_in(fixture.share / newest);
    ASSERT_FALSE(images.empty());
    fs::resize_file(images.front(), fs::file_size(images.front()) / 2);
    fixture.ask("backups.prune", R"({"confirmed":true})");
    EXPECT_THAT(folders(fixture), UnorderedElementsAre(newest, older, oldest));
}

}  // namespace
}  // namespace sb::test
