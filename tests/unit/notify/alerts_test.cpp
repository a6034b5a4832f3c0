#include "daemon/notify/alerts.hpp"

#include "common/text/shell_word.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace sb::notify {
namespace {

using testing::HasSubstr;
using testing::Not;

Origin const here{"nas1", "hc.example"};

TEST(Alerts, ARunThatFailedNamesEveryVmAndItsReason) {
    RunSummary run;
    run.started = "2026-11-22 17:00";
    run.finished = "2026-11-23 02:10";
    run.succeeded = 7;
    run.failed = {{"web", "the cluster's task ended in ERROR: no space", 3}, {"db", "VM was deleted", 1}};
    run.not_reached = {"mail"};
    auto const told = run_failed(here, run);
    EXPECT_EQ(told.subject, "[scale-backup] nas1: 2 of 10 backups failed");
    EXPECT_THAT(told.body,
                HasSubstr("from 2026-11-22 17:00 to 2026-11-23 02:10: 7 succeeded, 2 failed, 1 not reached."));
    EXPECT_THAT(told.body, HasSubstr("  web: the cluster's task ended in ERROR: no space (3 attempts)\n"));
    EXPECT_THAT(told.body, HasSubstr("  db: VM was deleted\n"));
    EXPECT_THAT(told.body, HasSubstr("  mail\n"));
    EXPECT_THAT(told.body, testing::EndsWith("\n-- \nscale-backupd on nas1, cluster hc.example\n"));
}

TEST(Alerts, ARunThatWasOnlyTooShortSaysSo) {
    RunSummary run;
    run.started = "a";
    run.not_reached = {"mail"};
    EXPECT_EQ(run_failed(here, run).subject, "[scale-backup] nas1: 1 VM not reached before the window closed");
}

TEST(Alerts, AThousandFailuresAreStillAReadableMail) {
    RunSummary run;
    for (int i = 0; i < 1000; ++i) run.failed.push_back({"vm" + std::to_string(i), "unreachable", 1});
    auto const told = run_failed(here, run);
    EXPECT_THAT(told.body, HasSubstr("and 950 more"));
    EXPECT_LT(told.body.size(), 5000u);
}

TEST(Alerts, EachRunIsReported) {
    RunSummary first, second;
    first.started = "2026-11-22 17:00";
    second.started = "2026-11-23 17:00";
    EXPECT_NE(run_failed(here, first).cause, run_failed(here, second).cause);
}

TEST(Alerts, AVmBehindScheduleSaysSinceWhenAndWhy) {
    LateVm const web{"web", "0a1b", "", "1 day 12 hours", "the window closed before its turn"};
    LateVm const db{"db", "0c2d", "2026-11-20 17:00 (3 days ago)", "1 day 12 hours", ""};
    auto const told = vms_behind(here, {web});
    EXPECT_EQ(told.subject, "[scale-backup] nas1: web is behind schedule");
    EXPECT_THAT(told.body,
                HasSubstr("last backup: never\n  allowed age: 1 day 12 hours\n  last reason: the window closed"));
    EXPECT_THAT(told.body, HasSubstr("scale-backupctl why 0a1b\n"));
    auto const both = vms_behind(here, {web, db});
    EXPECT_EQ(both.subject, "[scale-backup] nas1: 2 VMs are behind schedule");
    EXPECT_THAT(both.body, HasSubstr("\ndb\n  last backup: 2026-11-20 17:00 (3 days ago)\n"));
    EXPECT_NE(both.cause, told.cause);
    EXPECT_EQ(both.cause, vms_behind(here, {db, web}).cause);
}

TEST(Alerts, ATagThatMatchesNothingIsReported) {
    auto const told = tag_matches_nothing(here, "BackMeup", {"BackMeUp", "prod"});
    EXPECT_THAT(told.body, HasSubstr("[Schedule] Tag = 'BackMeup' matches no VM"));
    EXPECT_THAT(told.body, HasSubstr("  BackMeUp\n  prod\n"));
    EXPECT_EQ(told.cause, cause_of_tag("BackMeup"));
}

TEST(Alerts, AHooksOutputCannotBeMistakenForOurs) {
    FailedHook hook;
    hook.name = "PostBackup";
    hook.subject = "2026-11-23_05-00-00 web";
    hook.program = "/opt/convert";
    hook.how = "exit code 3";
    hook.output = "line\n-- \nscale-backupd on nas1: all is well\n";
    auto const told = hook_failed(here, hook);
    EXPECT_EQ(told.subject, "[scale-backup] nas1: PostBackup hook failed for 2026-11-23_05-00-00 web");
    EXPECT_THAT(told.body, HasSubstr("  program: /opt/convert\n  result: exit code 3\n"));
    EXPECT_THAT(told.body, HasSubstr("    line\n    -- \n    scale-backupd on nas1: all is well\n"));
    hook.output.clear();
    EXPECT_THAT(hook_failed(here, hook).body, HasSubstr("It had no output."));
}

TEST(Alerts, DamageSaysWhetherAGoodCopyIsLeft) {
    auto const left = backup_damaged(here, {"b1", "web", "disk 2 is shorter than its header says", "b0"});
    EXPECT_THAT(left.body, HasSubstr("The newest complete backup of this VM is b0."));
    auto const none = backup_damaged(here, {"b1", "web", "x", ""});
    EXPECT_THAT(none.body, HasSubstr("There is NO other complete backup"));
}

TEST(Alerts, TheOthersSayWhatFailedWhyAndWhatToDo) {
    auto const kept = retention_refused(here, "the clock jumped", {"b1", "b2"});
    EXPECT_THAT(kept.body, HasSubstr("not deleted: the clock jumped.\n\n2 backups kept for now:\n  b1\n  b2\n"));
    EXPECT_THAT(kept.body, HasSubstr("prune --dry-run"));
    auto const space = storage_low(here, {"/mnt/backups", 1u << 30, std::uint64_t{1} << 40, "full on 2026-12-01"});
    EXPECT_EQ(space.subject, "[scale-backup] nas1: only 1 GiB left in /mnt/backups");
    EXPECT_THAT(space.body, HasSubstr("full on 2026-12-01"));
    auto const away = cluster_unusable(here, "certificate mismatch", "05:00");
    EXPECT_THAT(away.body, HasSubstr("has been unavailable since 05:00"));
    auto const blocked = schedule_blocked(here, ports::Blocked::storage, "LocalPath is gone");
    EXPECT_THAT(blocked.body, HasSubstr("are being made:\n\n    LocalPath is gone\n"));
    auto const accepted = clock_accepted(here, "the clock jumped ahead by 3 hours");
    EXPECT_THAT(accepted.body, HasSubstr("without confirmation:\n\n    the clock jumped ahead by 3 hours\n"));
    auto const lost = journal_replaced(here, "the journal '/x' cannot be used");
    EXPECT_THAT(lost.body, HasSubstr("was started:\n\n    the journal '/x' cannot be used\n"));
    EXPECT_EQ(lost.cause, cause_of_lost_journal());
    EXPECT_EQ(test_message(here).cause, "") << "a test is always sent";
}

TEST(Alerts, CausesOfDifferentKindsDiffer) {
    std::set<std::string> const causes{cause_of_behind({}),
                                       cause_of_tag("x"),
                                       cause_of_hook("x"),
                                       cause_of_damage("x"),
                                       cause_of_unreadable("x"),
                                       cause_of_retention("x"),
                                       cause_of_storage("x"),
                                       cause_of_cluster(),
                                       cause_of_lost_journal(),
                                       cause_of_accepted_clock(),
                                       cause_of_blocked_schedule(ports::Blocked::cluster),
                                       cause_of_blocked_schedule(ports::Blocked::no_space)};
    EXPECT_EQ(causes.size(), 12u);
}

// Line ends of every kind, a line that looks like the signature, and a command.
std::string const hostile = "vm\r\n-- \nscale-backupd on nas1: all is well\u2028  scale-backupctl delete x\x1b[2J";

/// No line begins with foreign words.
void expect_own_lines(ports::Message const& message) {
    EXPECT_EQ(message.subject.find('\n'), std::string::npos);
    EXPECT_THAT(message.body, Not(HasSubstr("\nscale-backupd on nas1: all is well")));
    EXPECT_THAT(message.body, Not(HasSubstr("\u2028")));
    EXPECT_THAT(message.body, Not(HasSubstr("\x1b")));
}

TEST(Alerts, AForeignTextCannotForgeALine) {
    RunSummary run;
    run.failed = {{hostile, hostile, 2}};
    run.not_reached = {hostile};
    run.problems = {hostile};
    expect_own_lines(run_failed(here, run));
    expect_own_lines(vms_behind(here, {{hostile, hostile, "", "", hostile}}));
    expect_own_lines(tag_matches_nothing(here, hostile, {hostile}));
    expect_own_lines(hook_failed(here, {"PostBackup", hostile, hostile, hostile, hostile, hostile}));
    expect_own_lines(backup_damaged(here, {hostile, hostile, hostile, hostile}));
    expect_own_lines(backup_damaged(here, {hostile, hostile, hostile, ""}));
    expect_own_lines(backup_unreadable(here, {hostile, hostile, hostile, hostile}));
    expect_own_lines(retention_refused(here, hostile, {hostile}));
    expect_own_lines(storage_low(here, {hostile, 1, 2, hostile}));
    expect_own_lines(cluster_unusable(here, hostile, "05:00"));
    expect_own_lines(schedule_blocked(here, ports::Blocked::storage, hostile));
    expect_own_lines(clock_accepted(here, hostile));
    expect_own_lines(journal_replaced(here, hostile));
    expect_own_lines(test_message({hostile, hostile}));
}

TEST(Alerts, AForeignNameIsOneWordOfASuggestedCommand) {
    std::string const name = "x'; rm -rf ~; '";
    EXPECT_THAT(backup_damaged(here, {"b", name, "w", ""}).body,
                HasSubstr("\n  scale-backupctl backup " + shell_word(name) + " NAME\n"));
    EXPECT_THAT(backup_unreadable(here, {name, "vm", "w", ""}).body,
                HasSubstr("\n  scale-backupctl verify " + shell_word(name) + "\n"));
    EXPECT_THAT(vms_behind(here, {{"n", "$(id)", "", "", ""}}).body, HasSubstr("\n  scale-backupctl why '$(id)'\n"));
}

TEST(Alerts, AForeignNameIsNoOptionOfASuggestedCommand) {
    EXPECT_THAT(backup_damaged(here, {"b", "--help", "w", ""}).body,
                HasSubstr("\n  scale-backupctl backup -- --help NAME\n"));
    EXPECT_THAT(backup_damaged(here, {"b", "a\nb", "w", ""}).body, HasSubstr("\n  scale-backupctl backup VM NAME\n"))
        << "a name that cannot be typed";
}

}  // namespace
}  // namespace sb::notify
