// Which backups go and which stay, in real folders: nothing here may ever cost somebody their last good copy.

#include "tests/e2e/schedule_rig.hpp"

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
std::map<std::string, Verdict> judged(ScheduleRig const& rig) {
    std::map<std::string, Verdict> result;
    auto const answer = rig.ask("backups.judge");
    for (auto const& one : answer.root()["verdicts"].elements())
        result[one["name"].text()] = {one["keep"].boolean().value_or(false), one["reason"].text()};
    return result;
}

std::vector<std::string> texts(json::View list) {
    std::vector<std::string> result;
    for (auto const& one : list.elements()) result.push_back(one.text());
    return result;
}

std::vector<std::string> folders(ScheduleRig const& rig) {
    std::vector<std::string> names;
    for (auto const& entry : fs::directory_iterator(rig.share))
        if (entry.path().filename().string().front() != '.') names.push_back(entry.path().filename());
    return names;
}

TEST(Retention, AFailedNewestExportDoesNotCostTheGoodOlderOne) {
    ScheduleRig rig({.vms = {"A"}, .schedule = window_text(-60min, 3min)});
    rig.ended_run();
    auto const fresh = rig.only_backup_of("A");
    rig.daemon.stop();
    auto const good = rig.copy_backup(fresh, days_ago(8));
    fs::remove_all(rig.share / fresh);
    rig.simulator.faults(R"([{"kind":"task_error","percent":90,"text":"Disk read error","match":{"call":"export"}}])");
    rig.daemon.settings.more = "[Schedule]\nMaxAge = '3 days'\n" + window_text(-60min, 3min);
    auto& more = rig.daemon.settings.more;
    more.replace(more.find("MaxBackups = 30"), 15, "MaxBackups = 1");
    rig.daemon.start();
    auto const run = rig.ended_run(2);
    EXPECT_EQ(run.root()["failed"].integer(), 1) << run.root().dump();
    EXPECT_THAT(texts(run.root()["deleted"]), IsEmpty());
    EXPECT_EQ(rig.only_backup_of("A"), good);
    rig.ask("backups.prune", R"({"yes":true})");
    EXPECT_TRUE(fs::exists(rig.share / good / "scale-backup.json"));
    EXPECT_THAT(judged(rig)[good].reason, HasSubstr("newest good"));
}

TEST(Retention, WhatTheDryRunSaysIsWhatPruneDoes) {
    ScheduleRig rig({.vms = {"A", "B"}, .schedule = always_open("MaxBackups = 3\n")});
    rig.ended_run();
    auto const newest = rig.only_backup_of("A");
    ASSERT_EQ(rig.daemon.ctl({"backup", "A", "by hand"}).code, 0);
    std::vector<std::string> older;
    for (int age = 1; age <= 6; ++age) older.push_back(rig.copy_backup(newest, days_ago(age)));
    EXPECT_EQ(rig.daemon.ctl({"protect", older[5]}).code, 0);

    std::vector<std::string> expected;
    for (auto const& [name, verdict] : judged(rig))
        if (!verdict.keep) expected.push_back(name);
    EXPECT_THAT(expected, UnorderedElementsAre(older[2], older[3], older[4]));
    auto const told = rig.daemon.ctl({"prune", "--dry-run"});
    EXPECT_EQ(told.code, 0);
    for (auto const& name : rig.names_of_backups()) EXPECT_THAT(told.out, HasSubstr(name));
    EXPECT_EQ(rig.backups().size(), 9U) << "a dry run deletes nothing";

    EXPECT_EQ(rig.daemon.ctl({"prune"}).code, 0);
    for (auto const& name : expected) EXPECT_FALSE(fs::exists(rig.share / name)) << name;
    EXPECT_THAT(folders(rig), ::testing::IsSupersetOf({newest, older[0], older[1], older[5], std::string("by hand")}));
    EXPECT_EQ(rig.backups().size(), 6U);
    expect_every_manifest_is_true(rig.share);
    EXPECT_THAT(texts(rig.ask("backups.prune").root()["deleted"]), IsEmpty());

    EXPECT_EQ(rig.daemon.ctl({"unprotect", older[5]}).code, 0);
    EXPECT_EQ(rig.daemon.ctl({"prune"}).code, 0);
    EXPECT_FALSE(fs::exists(rig.share / older[5]));
}

TEST(Retention, TheDryRunSeesWhatSomebodyChangedByHandJustNow) {
    ScheduleRig rig({.vms = {"A"}, .schedule = always_open("MaxBackups = 2\n")});
    rig.ended_run();
    auto const newest = rig.only_backup_of("A");
    EXPECT_EQ(judged(rig).size(), 1U);
    auto const second = rig.copy_backup(newest, days_ago(1));
    auto const third = rig.copy_backup(newest, days_ago(2));
    auto const now = judged(rig);
    EXPECT_EQ(now.size(), 3U) << "prune would see them too";
    EXPECT_THAT(texts(rig.ask("backups.prune").root()["deleted"]), ElementsAre(third));
    EXPECT_TRUE(fs::exists(rig.share / second));
}

TEST(Retention, MoreThanHalfOfAllNeedsAYes) {
    ScheduleRig rig({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\n")});
    rig.ended_run();
    auto const newest = rig.only_backup_of("A");
    for (int age = 1; age <= 4; ++age) rig.copy_backup(newest, days_ago(age));
    EXPECT_THAT(rig.daemon.ctl({"prune"}), EndedWith(4, "more than half"));
    EXPECT_EQ(rig.backups().size(), 5U);
    EXPECT_EQ(rig.daemon.ctl({"prune", "--yes"}).code, 0);
    EXPECT_THAT(rig.names_of_backups(), ElementsAre(newest));
}

TEST(Retention, ARunCleansUpAtItsEndAndSaysWhatItDeleted) {
    ScheduleRig rig({.vms = {"A", "B", "C"}, .schedule = always_open("MaxBackups = 2\n")});
    rig.ended_run();
    auto const newest = rig.only_backup_of("A");
    rig.daemon.stop();
    auto const kept = rig.copy_backup(newest, days_ago(3));
    auto const gone = rig.copy_backup(newest, days_ago(5));
    fs::remove_all(rig.share / newest);
    rig.daemon.start();
    auto const run = rig.ended_run(2);
    EXPECT_THAT(texts(run.root()["deleted"]), ElementsAre(gone)) << run.root().dump();
    EXPECT_TRUE(fs::exists(rig.share / kept));
    EXPECT_EQ(rig.exports(), 4U) << "only A was due";
}

TEST(Retention, FoldersOfThePredecessorAreNeverDeleted) {
    ScheduleRig rig({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\nMaxAge = '30 days'\n")});
    rig.ended_run();
    auto const newest = rig.only_backup_of("A");
    auto const old = std::string("2019-01-01_02-00-00 A");
    fs::copy(rig.share / newest, rig.share / old);
    fs::remove(rig.share / old / "scale-backup.json");
    fs::create_directory(rig.share / "private photos");
    rig.ask("backups.prune", R"({"yes":true})");
    EXPECT_THAT(folders(rig), UnorderedElementsAre(newest, old, "private photos"));
    auto const verdicts = judged(rig);
    ASSERT_TRUE(verdicts.contains(old));
    EXPECT_TRUE(verdicts.at(old).keep);
}

TEST(Retention, CopiesOfAVmThatIsGoneAgeAwayAndThoseOfOthersKeepOne) {
    ScheduleRig rig({.vms = {"HERE", "GONE"}, .schedule = always_open("MaxAge = '30 days'\n")});
    rig.ended_run();
    auto const here = rig.only_backup_of("HERE");
    auto const gone = rig.only_backup_of("GONE");
    auto const uuid = rig.vm_uuid("GONE");
    rig.daemon.stop();
    auto const here_40 = rig.copy_backup(here, days_ago(40));
    auto const gone_20 = rig.copy_backup(gone, days_ago(20));
    auto const gone_40 = rig.copy_backup(gone, days_ago(40));
    auto const gone_50 = rig.copy_backup(gone, days_ago(50));
    fs::remove_all(rig.share / gone);
    auto const stop = R"([{"virDomainUUID":")" + uuid + R"(","actionType":"STOP"}])";
    rig.simulator.request("POST", "/rest/v1/VirDomain/action", stop);
    rig.simulator.request("DELETE", "/rest/v1/VirDomain/" + uuid);
    ASSERT_TRUE(wait_until([&] { return rig.simulator.get("/rest/v1/VirDomain").find(uuid) == std::string::npos; }));
    rig.daemon.start();
    auto const verdicts = judged(rig);
    EXPECT_FALSE(verdicts.at(gone_40).keep) << verdicts.at(gone_40).reason;
    EXPECT_FALSE(verdicts.at(gone_50).keep) << verdicts.at(gone_50).reason;
    EXPECT_TRUE(verdicts.at(gone_20).keep);
    EXPECT_FALSE(verdicts.at(here_40).keep) << "a newer verified one stays";
    rig.ask("backups.prune", R"({"yes":true})");
    EXPECT_THAT(folders(rig), UnorderedElementsAre(here, gone_20));
}

TEST(Retention, OfAnExistingVmTheNewestStaysHoweverOldItIs) {
    ScheduleRig rig({.vms = {"A"}, .schedule = always_open("MaxAge = '30 days'\n")});
    rig.ended_run();
    auto const fresh = rig.only_backup_of("A");
    rig.daemon.stop();
    auto const old = rig.copy_backup(fresh, days_ago(100));
    fs::remove_all(rig.share / fresh);
    rig.daemon.settings.more = "[Schedule]\nMaxAge = '30 days'\n" + window_text(120min, 240min);
    rig.daemon.start();
    EXPECT_THAT(texts(rig.ask("backups.prune", R"({"yes":true})").root()["deleted"]), IsEmpty());
    EXPECT_TRUE(judged(rig).at(old).keep);
}

TEST(Retention, ACopyFromTheFutureIsIgnoredAndSaidAndNothingOfItsVmGoes) {
    ScheduleRig rig({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\n")});
    rig.ended_run();
    auto const fresh = rig.only_backup_of("A");
    rig.daemon.stop();
    auto const future = rig.copy_backup(fresh, Clock::now() + 72h);
    auto const old = rig.copy_backup(fresh, days_ago(9));
    fs::remove_all(rig.share / fresh);
    rig.daemon.start();
    EXPECT_EQ(rig.ended_run(2).root()["succeeded"].integer(), 1) << "it does not take its VM out of the queue";
    auto const verdicts = judged(rig);
    EXPECT_TRUE(verdicts.at(old).keep);
    EXPECT_THAT(verdicts.at(old).reason, HasSubstr("future"));
    EXPECT_THAT(verdicts.at(old).reason, HasSubstr(future));
    rig.ask("backups.prune", R"({"yes":true})");
    EXPECT_TRUE(fs::exists(rig.share / old));
    EXPECT_THAT(rig.daemon.ctl({"why", "A"}), EndedWith(0, "future"));
}

TEST(Retention, ADamagedNewestCopyProtectsTheOlderOnes) {
    ScheduleRig rig({.vms = {"A"}, .schedule = always_open("MaxBackups = 1\n")});
    rig.ended_run();
    auto const newest = rig.only_backup_of("A");
    auto const older = rig.copy_backup(newest, days_ago(2));
    auto const oldest = rig.copy_backup(newest, days_ago(3));
    auto const images = images_in(rig.share / newest);
    ASSERT_FALSE(images.empty());
    fs::resize_file(images.front(), fs::file_size(images.front()) / 2);
    rig.ask("backups.prune", R"({"yes":true})");
    EXPECT_THAT(folders(rig), UnorderedElementsAre(newest, older, oldest));
}

}  // namespace
}  // namespace sb::test
