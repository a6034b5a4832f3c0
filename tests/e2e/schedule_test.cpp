// Scheduled runs: which VMs are backed up, their names, refusals, and that the failure of one VM does not affect
// others.

#include "tests/e2e/mail_server.hpp"
#include "tests/e2e/schedule_fixture.hpp"

#include <regex>

namespace sb::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

std::vector<std::string> vms_of(ScheduleFixture const& fixture) {
    std::vector<std::string> vms;
    for (auto const& backup : fixture.backups()) vms.push_back(backup.vm);
    return vms;
}

TEST(ScheduledRun, OverARealShareBacksUpEveryVmWithThePredecessorsNames) {
    SB_NEEDS_SAMBA();
    auto const before = stamp_of(std::chrono::system_clock::now());
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.more = "[Schedule]\n" + always_open(); }});
    std::vector<std::string> vms;
    auto const list = fixture.daemon.ctl_json({"show-vms"});
    for (auto const& vm : list.root().elements()) vms.push_back(vm["name"].text());
    ASSERT_EQ(vms.size(), 3U);
    std::vector<std::string> complete;
    ASSERT_TRUE(wait_until([&] {
        complete.clear();
        auto const backups = fixture.daemon.ctl_json({"show-backups"});
        for (auto const& backup : backups.root().elements())
            if (backup["state"].text() == "complete") complete.push_back(backup["name"].text());
        return complete.size() == 3;
    })) << fixture.daemon.log();
    auto const after = stamp_of(std::chrono::system_clock::now());
    std::regex const form(R"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d .+)");
    for (auto const& name : complete) {
        EXPECT_TRUE(std::regex_match(name, form)) << name;
        EXPECT_GE(name.substr(0, 19), before);
        EXPECT_LE(name.substr(0, 19), after);
        std::erase(vms, name.substr(20));
        expect_backup(fixture, name);
    }
    EXPECT_THAT(vms, ::testing::IsEmpty()) << "each VM's name follows the time";
}

TEST(ScheduledRun, TagsMatchExactlyAndSpacesAroundCommasAreIgnored) {
    ScheduleFixture fixture({.scenario = R"([
        {"name":"FIRST","tags":"BackMeUp,prod","disks":[{}]}, {"name":"LAST","tags":"prod, BackMeUp ","disks":[{}]},
        {"name":"LONGER","tags":"BackMeUpNot","disks":[{}]}, {"name":"SMALL","tags":"backmeup","disks":[{}]},
        {"name":"PARTS","tags":"Back MeUp","disks":[{}]}, {"name":"NONE","disks":[{}]}])",
                             .schedule = always_open("Tag = 'BackMeUp'\nMaxBackups = 3\n")});
    auto const run = fixture.ended_run();
    EXPECT_EQ(run.root()["succeeded"].integer(), 2) << run.root().dump();
    EXPECT_THAT(vms_of(fixture), UnorderedElementsAre("FIRST", "LAST"));
}

TEST(ScheduledRun, ATagThatNoVmHasCausesAnAlert) {
    SB_NEEDS_MAIL_SERVER();
    MailServer mails;
    ScheduleFixture fixture({.schedule = always_open("Tag = 'BakMeUp'\nMaxBackups = 3\n"), .more = mails.config()});
    EXPECT_THAT(mails.mail(1), HasSubstr("BakMeUp"));
    EXPECT_THAT(fixture.daemon.log(), HasSubstr("no VM of the cluster has the tag 'BakMeUp'"));
    // Another check of the same condition sends no second mail.
    fixture.ask("schedule.start");
    fixture.ended_run();
    EXPECT_EQ(mails.count(), 1);
    EXPECT_EQ(fixture.exports(), 0U);
}

TEST(ScheduledRun, ReplicasAndTransientVmsAreExcludedWithTheReason) {
    ScheduleFixture fixture({.scenario = R"([{"name":"REAL","disks":[{}]},
        {"name":"REPLICA","sourceVirDomainUUID":"6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10","disks":[{}]},
        {"name":"TEMPORARY","isTransient":true,"disks":[{}]}, {"name":"DISKLESS","disks":[]}])"});
    fixture.ended_run();
    EXPECT_THAT(vms_of(fixture), UnorderedElementsAre("REAL"));
    auto const list = fixture.daemon.ctl_json({"show-vms"});
    std::map<std::string, std::string> reasons;
    for (auto const& vm : list.root().elements()) {
        auto const name = vm["name"].text();
        EXPECT_EQ(vm["eligible"].boolean(), name == "REAL") << vm.dump();
        reasons[name] = vm["reason"].text();
    }
    EXPECT_EQ(reasons["REAL"], "");
    EXPECT_THAT(reasons["REPLICA"], HasSubstr("replication"));
    EXPECT_THAT(reasons["TEMPORARY"], HasSubstr("temporary"));
    EXPECT_THAT(reasons["DISKLESS"], HasSubstr("no disk"));
}

TEST(ScheduledRun, TwoVmsWithTheSameNameAreBothBackedUp) {
    ScheduleFixture fixture({.vms = {"twin", "twin", "other"}});
    fixture.ended_run();
    auto const backups = fixture.backups();
    ASSERT_EQ(backups.size(), 3U);
    EXPECT_THAT(vms_of(fixture), UnorderedElementsAre("twin", "twin", "other"));
    EXPECT_NE(backups[0].vm_uuid, backups[1].vm_uuid);
    EXPECT_NE(backups[1].vm_uuid, backups[2].vm_uuid);
    EXPECT_NE(backups[0].vm_uuid, backups[2].vm_uuid);
    for (auto const& backup : backups) EXPECT_EQ(backup.state, "complete") << backup.name;
    expect_every_manifest_is_true(fixture.share);
}

TEST(ScheduledRun, AFailingVmStopsNoOtherAndIsReportedInOneMail) {
    SB_NEEDS_MAIL_SERVER();
    MailServer mails;
    ScheduleFixture fixture({.vms = {"A", "BAD", "C", "D", "E", "F"},
                             .schedule = window_text(-60min, 3min),
                             .more = mails.config(),
                             .faults = failing_export("BAD", "Unable to write to the share")});
    auto const run = fixture.ended_run();
    EXPECT_EQ(run.root()["succeeded"].integer(), 5) << run.root().dump();
    EXPECT_EQ(run.root()["failed"].integer(), 1);
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("BAD"));
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("Unable to write to the share"));
    auto const mail = mails.mail(1);
    EXPECT_THAT(mail, HasSubstr("BAD"));
    EXPECT_THAT(mail, HasSubstr("Unable to write to the share"));
    for (auto const* field : {"Date: ", "Message-ID: <", "Subject: ", "To: ops@example.org"})
        EXPECT_THAT(mail, HasSubstr(field));
    EXPECT_EQ(fixture.exports(), 6U);
    EXPECT_EQ(mails.count(), 1);
    auto const status = fixture.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["last_run"]["failed"].integer(), 1) << status.root().dump();
}

TEST(ScheduleCommand, WithNothingToDoEndsWell) {
    ScheduleFixture fixture({.vms = {"GOOD"}, .schedule = window_text(-60min, 3min)});
    fixture.ended_run();
    EXPECT_THAT(fixture.daemon.ctl({"schedule"}), EndedWith(0, "")) << "nothing is due: a run without work";
    EXPECT_EQ(fixture.exports(), 1U);
}

TEST(ScheduleCommand, ReportsAFailureByItsExitCode) {
    ScheduleFixture fixture({.vms = {"BAD", "GOOD"},
                             .export_seconds = "1",
                             .schedule = window_text(-60min, 3min),
                             .faults = failing_export("BAD", "Disk read error")});
    auto const done = fixture.daemon.ctl({"schedule"});  // joins the run that started with the daemon
    EXPECT_THAT(done, EndedWith(1, "BAD"));
    EXPECT_EQ(fixture.exports(), 2U);
}

TEST(ScheduleCommand, IsRefusedOutsideTheWindow) {
    ScheduleFixture fixture({.schedule = window_text(120min, 240min)});
    EXPECT_THAT(fixture.daemon.ctl({"schedule"}), EndedWith(4, "outside the backup window"));
    EXPECT_EQ(fixture.exports(), 0U);
    auto const status = fixture.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["window"]["open"].boolean(), false);
    EXPECT_EQ(fixture.daemon.ctl({"backup", "ALPHA", "by hand"}).code, 0) << "manual backups are always allowed";
}

TEST(ScheduleCommand, ASecondOneJoinsTheRunningRun) {
    ScheduleFixture fixture({.vms = {"A", "B", "C", "D", "E"}, .export_seconds = "0.6"});
    ASSERT_TRUE(fixture.wait_for_exports(1));
    auto const first = fixture.daemon.start_ctl({"schedule"});
    auto const second = fixture.daemon.start_ctl({"schedule"});
    auto const joined = fixture.ask("schedule.start");
    EXPECT_EQ(joined.root()["joined"].boolean(), true) << joined.root().dump();
    for (auto* one : {first.get(), second.get()}) {
        auto const exit = one->wait();
        ASSERT_TRUE(exit);
        EXPECT_EQ(exit->code, 0) << one->out() << one->err();
    }
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 5);
    EXPECT_EQ(fixture.exports(), 5U);
    EXPECT_EQ(fixture.ask("runs.list").root()["runs"].size(), 1U);
}

TEST(PausedSchedule, SurvivesARestartAndIsShownAndResumeStartsImmediately) {
    ScheduleFixture fixture({.schedule = window_text(120min, 240min)});
    EXPECT_EQ(fixture.daemon.ctl({"pause"}).code, 0);
    fixture.daemon.kill();
    // The same window, but open now.
    fixture.daemon.settings.more = "[Schedule]\n" + window_text(-60min, 60min);
    fixture.daemon.start();
    auto const status = fixture.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["paused"].boolean(), true);
    EXPECT_THAT(fixture.daemon.ctl({"status"}).out, ::testing::ContainsRegex("[Pp]aused|PAUSED"));
    EXPECT_THAT(fixture.daemon.ctl({"schedule"}), EndedWith(4, "paused"));
    EXPECT_EQ(fixture.exports(), 0U);
    EXPECT_EQ(fixture.daemon.ctl({"resume"}).code, 0);
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 3);
}

TEST(ShowQueue, ARenamedVmKeepsItsHistory) {
    ScheduleFixture fixture({.vms = {"OLD NAME", "OTHER"}});
    fixture.ended_run();
    auto const uuid = fixture.vm_uuid("OLD NAME");
    fixture.simulator.request("PATCH", "/rest/v1/VirDomain/" + uuid, R"({"name":"NEW NAME"})");
    std::string queue;
    ASSERT_TRUE(wait_until([&] {
        auto const asked = fixture.ask("queue.list");
        for (auto const& entry : asked.root()["queue"].elements())
            if (entry["vm_uuid"].text() == uuid) queue = entry.dump();
        return queue.find("NEW NAME") != std::string::npos;
    })) << queue;
    EXPECT_THAT(queue, ::testing::Not(HasSubstr(R"("last_backup":null)")));
    fixture.ask("schedule.start");
    fixture.ended_run(2);
    EXPECT_EQ(fixture.exports(), 2U) << "not due again because of its new name";
    EXPECT_THAT(fixture.daemon.ctl({"why", "NEW NAME"}), EndedWith(0, "OLD NAME"));
}

}  // namespace
}  // namespace sb::test
