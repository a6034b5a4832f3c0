// Scheduled runs: who is served, under which names, when it is refused, and that one VM's trouble stays its own.

#include "tests/e2e/mail_server.hpp"
#include "tests/e2e/schedule_rig.hpp"

#include <regex>

namespace sb::test {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;

std::vector<std::string> vms_of(ScheduleRig const& rig) {
    std::vector<std::string> vms;
    for (auto const& backup : rig.backups()) vms.push_back(backup.vm);
    return vms;
}

TEST(ScheduledRun, OverARealShareServesEveryVmUnderTheNamesOfThePredecessor) {
    SB_NEEDS_SAMBA();
    auto const before = stamp_of(std::chrono::system_clock::now());
    Rig rig({.adjust = [](DaemonSettings& settings) {
        settings.more = "[Schedule]\n" + always_open();
    }});
    std::vector<std::string> vms;
    auto const list = rig.daemon.ctl_json({"show-vms"});
    for (auto const& vm : list.root().elements()) vms.push_back(vm["name"].text());
    ASSERT_EQ(vms.size(), 3U);
    std::vector<std::string> complete;
    ASSERT_TRUE(wait_until([&] {
        complete.clear();
        auto const backups = rig.daemon.ctl_json({"show-backups"});
        for (auto const& backup : backups.root().elements())
            if (backup["state"].text() == "complete") complete.push_back(backup["name"].text());
        return complete.size() == 3;
    })) << rig.daemon.log();
    auto const after = stamp_of(std::chrono::system_clock::now());
    std::regex const form(R"(\d{4}-\d\d-\d\d_\d\d-\d\d-\d\d .+)");
    for (auto const& name : complete) {
        EXPECT_TRUE(std::regex_match(name, form)) << name;
        EXPECT_GE(name.substr(0, 19), before);
        EXPECT_LE(name.substr(0, 19), after);
        std::erase(vms, name.substr(20));
        expect_backup(rig, name);
    }
    EXPECT_THAT(vms, ::testing::IsEmpty()) << "each VM's name stands behind the time";
}

TEST(ScheduledRun, ATagIsTakenExactlyAndBlanksAroundCommasDoNotMatter) {
    ScheduleRig rig({.scenario = R"([
        {"name":"FIRST","tags":"BackMeUp,prod","disks":[{}]}, {"name":"LAST","tags":"prod, BackMeUp ","disks":[{}]},
        {"name":"LONGER","tags":"BackMeUpNot","disks":[{}]}, {"name":"SMALL","tags":"backmeup","disks":[{}]},
        {"name":"PARTS","tags":"Back MeUp","disks":[{}]}, {"name":"NONE","disks":[{}]}])",
                     .schedule = always_open("Tag = 'BackMeUp'\nMaxBackups = 3\n")});
    auto const run = rig.ended_run();
    EXPECT_EQ(run.root()["succeeded"].integer(), 2) << run.root().dump();
    EXPECT_THAT(vms_of(rig), UnorderedElementsAre("FIRST", "LAST"));
}

TEST(ScheduledRun, ATagThatNoVmHasIsAnAlertAndNotSilence) {
    SB_NEEDS_MAIL_SERVER();
    MailServer mails;
    ScheduleRig rig({.schedule = always_open("Tag = 'BakMeUp'\nMaxBackups = 3\n"),
                     .more = mails.config()});
    EXPECT_THAT(mails.mail(1), HasSubstr("BakMeUp"));
    EXPECT_THAT(rig.daemon.log(), HasSubstr("no VM of the cluster has the tag 'BakMeUp'"));
    // Another look at the same thing is no other mail.
    rig.ask("schedule.start");
    rig.ended_run();
    EXPECT_EQ(mails.count(), 1);
    EXPECT_EQ(rig.exports(), 0U);
}

TEST(ScheduledRun, ReplicasAndTransientVmsAreLeftAloneAndItIsSaidWhy) {
    ScheduleRig rig({.scenario = R"([{"name":"REAL","disks":[{}]},
        {"name":"REPLICA","sourceVirDomainUUID":"6b1f4f1e-9d4b-4c1e-8d52-0d6c2a8f1a10","disks":[{}]},
        {"name":"TEMPORARY","isTransient":true,"disks":[{}]}, {"name":"DISKLESS","disks":[]}])"});
    rig.ended_run();
    EXPECT_THAT(vms_of(rig), UnorderedElementsAre("REAL"));
    auto const list = rig.daemon.ctl_json({"show-vms"});
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

TEST(ScheduledRun, TwoVmsOfOneNameAreBothServed) {
    ScheduleRig rig({.vms = {"twin", "twin", "other"}});
    rig.ended_run();
    auto const backups = rig.backups();
    ASSERT_EQ(backups.size(), 3U);
    EXPECT_THAT(vms_of(rig), UnorderedElementsAre("twin", "twin", "other"));
    EXPECT_NE(backups[0].vm_uuid, backups[1].vm_uuid);
    EXPECT_NE(backups[1].vm_uuid, backups[2].vm_uuid);
    EXPECT_NE(backups[0].vm_uuid, backups[2].vm_uuid);
    for (auto const& backup : backups) EXPECT_EQ(backup.state, "complete") << backup.name;
    expect_every_manifest_is_true(rig.share);
}

TEST(ScheduledRun, AVmThatFailsStopsNobodyAndIsToldInOneMail) {
    SB_NEEDS_MAIL_SERVER();
    MailServer mails;
    ScheduleRig rig({.vms = {"A", "BAD", "C", "D", "E", "F"},
                     .schedule = window_text(-60min, 3min),
                     .more = mails.config(),
                     .faults = failing_export("BAD", "Unable to write to the share")});
    auto const run = rig.ended_run();
    EXPECT_EQ(run.root()["succeeded"].integer(), 5) << run.root().dump();
    EXPECT_EQ(run.root()["failed"].integer(), 1);
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("BAD"));
    EXPECT_THAT(run.root()["problems"].dump(), HasSubstr("Unable to write to the share"));
    auto const mail = mails.mail(1);
    EXPECT_THAT(mail, HasSubstr("BAD"));
    EXPECT_THAT(mail, HasSubstr("Unable to write to the share"));
    for (auto const* field : {"Date: ", "Message-ID: <", "Subject: ", "To: ops@example.org"})
        EXPECT_THAT(mail, HasSubstr(field));
    EXPECT_EQ(rig.exports(), 6U);
    EXPECT_EQ(mails.count(), 1);
    auto const status = rig.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["last_run"]["failed"].integer(), 1) << status.root().dump();
}

TEST(ScheduleCommand, WithNothingToDoEndsWell) {
    ScheduleRig rig({.vms = {"GOOD"}, .schedule = window_text(-60min, 3min)});
    rig.ended_run();
    EXPECT_THAT(rig.daemon.ctl({"schedule"}), EndedWith(0, "")) << "nothing is due: a run without work";
    EXPECT_EQ(rig.exports(), 1U);
}

TEST(ScheduleCommand, TellsAFailureByItsExitCode) {
    ScheduleRig rig({.vms = {"BAD", "GOOD"},
                     .export_seconds = "1",
                     .schedule = window_text(-60min, 3min),
                     .faults = failing_export("BAD", "Disk read error")});
    auto const done = rig.daemon.ctl({"schedule"});  // joins the run that began with the daemon
    EXPECT_THAT(done, EndedWith(1, "BAD"));
    EXPECT_EQ(rig.exports(), 2U);
}

TEST(ScheduleCommand, IsRefusedOutsideTheWindow) {
    ScheduleRig rig({.schedule = window_text(120min, 240min)});
    EXPECT_THAT(rig.daemon.ctl({"schedule"}), EndedWith(4, "outside the backup window"));
    EXPECT_EQ(rig.exports(), 0U);
    auto const status = rig.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["window"]["open"].boolean(), false);
    EXPECT_EQ(rig.daemon.ctl({"backup", "ALPHA", "by hand"}).code, 0) << "by hand it is always allowed";
}

TEST(ScheduleCommand, ASecondOneJoinsTheRunThatIsUnderWay) {
    ScheduleRig rig({.vms = {"A", "B", "C", "D", "E"}, .export_seconds = "0.6"});
    ASSERT_TRUE(rig.wait_for_exports(1));
    auto const first = rig.daemon.start_ctl({"schedule"});
    auto const second = rig.daemon.start_ctl({"schedule"});
    auto const joined = rig.ask("schedule.start");
    EXPECT_EQ(joined.root()["joined"].boolean(), true) << joined.root().dump();
    for (auto* one : {first.get(), second.get()}) {
        auto const exit = one->wait();
        ASSERT_TRUE(exit);
        EXPECT_EQ(exit->code, 0) << one->out() << one->err();
    }
    EXPECT_EQ(rig.ended_run().root()["succeeded"].integer(), 5);
    EXPECT_EQ(rig.exports(), 5U);
    EXPECT_EQ(rig.ask("runs.list").root()["runs"].size(), 1U);
}

TEST(PausedSchedule, SurvivesARestartAndIsShownAndResumeBeginsAtOnce) {
    ScheduleRig rig({.schedule = window_text(120min, 240min)});
    EXPECT_EQ(rig.daemon.ctl({"pause"}).code, 0);
    rig.daemon.kill();
    // The same window, but open now.
    rig.daemon.settings.more = "[Schedule]\n" + window_text(-60min, 60min);
    rig.daemon.start();
    auto const status = rig.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["paused"].boolean(), true);
    EXPECT_THAT(rig.daemon.ctl({"status"}).out, ::testing::ContainsRegex("[Pp]aused|PAUSED"));
    EXPECT_THAT(rig.daemon.ctl({"schedule"}), EndedWith(4, "paused"));
    EXPECT_EQ(rig.exports(), 0U);
    EXPECT_EQ(rig.daemon.ctl({"resume"}).code, 0);
    EXPECT_EQ(rig.ended_run().root()["succeeded"].integer(), 3);
}

TEST(ShowQueue, ARenamedVmKeepsItsHistory) {
    ScheduleRig rig({.vms = {"OLD NAME", "OTHER"}});
    rig.ended_run();
    auto const uuid = rig.vm_uuid("OLD NAME");
    rig.simulator.request("PATCH", "/rest/v1/VirDomain/" + uuid, R"({"name":"NEW NAME"})");
    std::string queue;
    ASSERT_TRUE(wait_until([&] {
        auto const asked = rig.ask("queue.list");
        for (auto const& entry : asked.root()["queue"].elements())
            if (entry["vm_uuid"].text() == uuid) queue = entry.dump();
        return queue.find("NEW NAME") != std::string::npos;
    })) << queue;
    EXPECT_THAT(queue, ::testing::Not(HasSubstr(R"("last_backup":null)")));
    rig.ask("schedule.start");
    rig.ended_run(2);
    EXPECT_EQ(rig.exports(), 2U) << "not due again because of its new name";
    EXPECT_THAT(rig.daemon.ctl({"why", "NEW NAME"}), EndedWith(0, "OLD NAME"));
}

}  // namespace
}  // namespace sb::test
