// The pages of the schedule's commands, at the widths of a usual, a wide and a narrow terminal.
#include "ctl/render/display_width.hpp"
#include "ctl/render/pages.hpp"
#include "tests/unit/ctl/samples.hpp"

#include <gmock/gmock.h>

#include <sstream>

namespace sb::ctl {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

std::vector<rpc::RunInfo> some_runs() {
    auto good = run_of(11, "finished", "finished");
    good.trigger = "command";
    good.jobs = {16};
    good.succeeded = 1;
    return {run_of(13, "running", "delayed_hooks"), failed_run(), good};
}

std::vector<rpc::QueueEntry> some_queue() {
    rpc::QueueEntry never{"NEW-01", "u1", std::nullopt, std::nullopt,
                          "the backup window is closed until 2026-11-23 17:00"};
    rpc::QueueEntry old{"FILE\n01", "u2", noon - hours{49}, 49 * 3600,
                        "it failed 3 times, the last time with 'no space'; it is tried again at 2026-11-23 17:00"};
    rpc::QueueEntry fresh{"サーバー", "u3", noon - hours{3}, 3 * 3600, "it is not due until 2026-11-24 17:00"};
    return {never, old, fresh};
}

rpc::Forecast::Reply some_nights() {
    rpc::Forecast::Reply reply;
    rpc::NightInfo night;
    night.opens = noon + hours{4};
    night.closes = noon + hours{16};
    night.backed_up = {{"FILE01", night.opens, night.opens + minutes{20}},
                       {"DB02", night.opens, night.opens + minutes{90}}};
    night.not_reached = {"BIG01"};
    night.deleted = {"2026-10-22_18-00-00 FILE01"};
    night.free_bytes = 3ULL << 39;
    reply.nights.push_back(night);
    rpc::NightInfo idle;
    idle.opens = noon + hours{28};
    idle.closes = noon + hours{40};
    reply.nights.push_back(idle);
    reply.disk_full_at = noon + hours{29};
    reply.warnings = {"the window is too short for BIG01, which takes about 14 hours; the window is open for 12 hours"};
    return reply;
}

std::vector<rpc::RetentionInfo> some_decisions() {
    return {{"2026-11-22_18-00-00 FILE01", "FILE01", "u", true,
             "kept although it is older than MaxAge (30 days): it is the newest good backup of a VM that still exists"},
            {"2026-10-22_18-00-00 FILE01", "FILE01", "u", false, "deleted: its VM has more than MaxBackups (14)"},
            {"by hand", "FILE01", "u", true, "kept: it was made by hand, not by the schedule"}};
}

TEST(RunsPage, FitsAUsualTerminal) {
    EXPECT_EQ(runs_page(some_runs(), options_of(80)),
              "ID  TRIGGER  STATE             STARTED           TOOK        OK  FAILED  DELETED\n"
              "13  window   running delayed…  2026-11-23 11:00  2 h          0       0        -\n"
              "12  window   finished          2026-11-23 11:00  1 h 10 min  11       1        2\n"
              "    FILE01: the cluster's task ended in ERROR: there is no space left on the\n"
              "    share\n"
              "    behind: FILE01\n"
              "11  command  finished          2026-11-23 11:00  1 h 10 min   1       0        -\n");
}

TEST(RunsPage, ARunThatWaitsForTheOneBeforeItIsNotShownAsExporting) {
    EXPECT_EQ(run_phase_text(run_of(14, "running", "waiting")), "waiting for the run before it to end");
    EXPECT_EQ(run_phase_text(run_of(14, "running", "exporting")), "exporting");
}

TEST(RunsPage, IsWholeWhereThereIsRoom) {
    EXPECT_EQ(runs_page(some_runs(), options_of(200)),
              "ID  TRIGGER  STATE                             STARTED           TOOK        OK  FAILED  DELETED\n"
              "13  window   running delayed PostBackup hooks  2026-11-23 11:00  2 h          0       0        -\n"
              "12  window   finished                          2026-11-23 11:00  1 h 10 min  11       1        2\n"
              "    FILE01: the cluster's task ended in ERROR: there is no space left on the share\n"
              "    behind: FILE01\n"
              "11  command  finished                          2026-11-23 11:00  1 h 10 min   1       0        -\n");
    EXPECT_EQ(runs_page(some_runs(), options_of(200)), runs_page(some_runs(), options_of(std::nullopt)));
    EXPECT_EQ(runs_page({}, options_of(80)), "");
}

TEST(RunsPage, ShrinksOnANarrowTerminal) {
    EXPECT_EQ(runs_page(some_runs(), options_of(40)),
              "ID  STATE     STARTED           OK  FAI…\n"
              "13  running…  2026-11-23 11:00   0     0\n"
              "12  finished  2026-11-23 11:00  11     1\n"
              "    FILE01: the cluster's task ended in\n"
              "    ERROR: there is no space left on the\n"
              "    share\n"
              "    behind: FILE01\n"
              "11  finished  2026-11-23 11:00   1     0\n");
}

TEST(RunSummary, ShowsWhatFailedWhatWasDeletedAndWhichVmsAreBehind) {
    EXPECT_EQ(run_summary(failed_run(), options_of(80)),
              "Run 12 ended after 1 h 10 min: 11 backed up, 1 failed, 2 old backups deleted.\n"
              "  FILE01: the cluster's task ended in ERROR: there is no space left on the share\n"
              "  deleted: 2026-10-22_18-00-00 FILE01\n"
              "  deleted: 2026-10-22_18-40-00 DB02\n"
              "  behind: FILE01\n");
    EXPECT_EQ(run_summary(some_runs().back(), options_of(80)),
              "Run 11 ended after 1 h 10 min: 1 backed up, 0 failed.\n");
    EXPECT_EQ(run_summary(run_of(14, "finished", "finished"), options_of(80)),
              "Run 14 ended after 1 h 10 min: nothing was due.\n");
    auto missed = run_of(15, "finished", "finished");
    missed.not_reached = {"FILE01", "SQL01"};
    EXPECT_EQ(run_summary(missed, options_of(80)),
              "Run 15 ended after 1 h 10 min: nothing exported, 2 not reached.\n"
              "  not reached before the window closed: FILE01, SQL01\n");
    auto unknown = run_of(16, "finished", "finished");
    unknown.problems = {"it is not known which VMs were due"};
    EXPECT_TRUE(run_summary(unknown, options_of(80)).starts_with("Run 16 ended after 1 h 10 min: nothing exported.\n"));
    EXPECT_TRUE(run_summary(failed_run(), options_of(80, true)).starts_with("\x1b[31mRun 12"));
}

TEST(QueuePage, BeginsEachRowWithTheName) {
    EXPECT_EQ(queue_page(some_queue(), options_of(200)),
              "VM        LAST BACKUP       AGE         WAITS FOR\n"
              "NEW-01    never             -           the backup window is closed until 2026-11-23 17:00\n"
              "FILE\\n01  2026-11-21 12:00  2 days ago  it failed 3 times, the last time with 'no space'; it is tried "
              "again at 2026-11-23 17:00\n"
              "サーバー  2026-11-23 10:00  3 h ago     it is not due until 2026-11-24 17:00\n");
    EXPECT_EQ(queue_page(some_queue(), options_of(200)), queue_page(some_queue(), options_of(std::nullopt)));
    EXPECT_EQ(queue_page({}, options_of(80)), "");
}

TEST(QueuePage, WrapsReasonsOnAUsualTerminal) {
    EXPECT_EQ(queue_page(some_queue(), options_of(80)),
              "VM        LAST BACKUP       AGE         WAITS FOR\n"
              "NEW-01    never             -           the backup window is closed until\n"
              "                                        2026-11-23 17:00\n"
              "FILE\\n01  2026-11-21 12:00  2 days ago  it failed 3 times, the last time with\n"
              "                                        'no space'; it is tried again at\n"
              "                                        2026-11-23 17:00\n"
              "サーバー  2026-11-23 10:00  3 h ago     it is not due until 2026-11-24 17:00\n");
}

TEST(QueuePage, PutsReasonsBelowOnANarrowTerminal) {
    EXPECT_EQ(queue_page(some_queue(), options_of(40)),
              "VM        LAST BACKUP       AGE\n"
              "NEW-01    never             -\n"
              "    the backup window is closed until\n"
              "    2026-11-23 17:00\n"
              "FILE\\n01  2026-11-21 12:00  2 days ago\n"
              "    it failed 3 times, the last time\n"
              "    with 'no space'; it is tried again\n"
              "    at 2026-11-23 17:00\n"
              "サーバー  2026-11-23 10:00  3 h ago\n"
              "    it is not due until 2026-11-24 17:00\n");
}

TEST(PlanPage, ShowsNightsAndWarnings) {
    EXPECT_EQ(plan_page(some_nights(), options_of(80)),
              "OPENS             CLOSES            LAST ENDS         BACKED UP     FREE\n"
              "2026-11-23 17:00  2026-11-24 05:00  2026-11-23 18:30          2  1.5 TiB\n"
              "    17:00 FILE01, 17:00 DB02\n"
              "    no time for: BIG01\n"
              "    deletes: 2026-10-22_18-00-00 FILE01\n"
              "2026-11-24 17:00  2026-11-25 05:00  -                         0      0 B\n"
              "    no VM is due\n"
              "Warning: the disk will be full at about 2026-11-24 18:00 (in 29 h)\n"
              "Warning: the window is too short for BIG01, which takes about 14 hours; the\n"
              "         window is open for 12 hours\n");
}

TEST(PlanPage, IsWholeWhereThereIsRoom) {
    EXPECT_EQ(
        plan_page(some_nights(), options_of(200)),
        "OPENS             CLOSES            LAST ENDS         BACKED UP  NOT REACHED  DELETES     FREE\n"
        "2026-11-23 17:00  2026-11-24 05:00  2026-11-23 18:30          2            1        1  1.5 TiB\n"
        "    17:00 FILE01, 17:00 DB02\n"
        "    no time for: BIG01\n"
        "    deletes: 2026-10-22_18-00-00 FILE01\n"
        "2026-11-24 17:00  2026-11-25 05:00  -                         0            0        0      0 B\n"
        "    no VM is due\n"
        "Warning: the disk will be full at about 2026-11-24 18:00 (in 29 h)\n"
        "Warning: the window is too short for BIG01, which takes about 14 hours; the window is open for 12 hours\n");
    EXPECT_EQ(plan_page(some_nights(), options_of(200)), plan_page(some_nights(), options_of(std::nullopt)));
}

TEST(PlanPage, ShrinksOnANarrowTerminal) {
    EXPECT_EQ(plan_page(some_nights(), options_of(40)),
              "OPENS             BACKED UP     FREE\n"
              "2026-11-23 17:00          2  1.5 TiB\n"
              "    17:00 FILE01, 17:00 DB02\n"
              "    no time for: BIG01\n"
              "    deletes: 2026-10-22_18-00-00 FILE01\n"
              "2026-11-24 17:00          0      0 B\n"
              "    no VM is due\n"
              "Warning: the disk will be full at about\n"
              "         2026-11-24 18:00 (in 29 h)\n"
              "Warning: the window is too short for\n"
              "         BIG01, which takes about 14\n"
              "         hours; the window is open for\n"
              "         12 hours\n");
}

TEST(RetentionPage, GivesEachBackupAnActionAndTheReason) {
    EXPECT_EQ(retention_page(some_decisions(), options_of(80)),
              "ACTION  BACKUP                      REASON\n"
              "keep    2026-11-22_18-00-00 FILE01  kept although it is older than MaxAge (30\n"
              "                                    days): it is the newest good backup of a VM\n"
              "                                    that still exists\n"
              "delete  2026-10-22_18-00-00 FILE01  its VM has more than MaxBackups (14)\n"
              "keep    by hand                     it was made by hand, not by the schedule\n");
    EXPECT_EQ(retention_page(some_decisions(), options_of(200)),
              "ACTION  BACKUP                      REASON\n"
              "keep    2026-11-22_18-00-00 FILE01  kept although it is older than MaxAge (30 days): "
              "it is the newest good backup of a VM that still exists\n"
              "delete  2026-10-22_18-00-00 FILE01  its VM has more than MaxBackups (14)\n"
              "keep    by hand                     it was made by hand, not by the schedule\n");
    EXPECT_EQ(retention_page(some_decisions(), options_of(40)),
              "ACTION  BACKUP\n"
              "keep    2026-11-22_18-00-00 FILE01\n"
              "    kept although it is older than\n"
              "    MaxAge (30 days): it is the newest\n"
              "    good backup of a VM that still\n"
              "    exists\n"
              "delete  2026-10-22_18-00-00 FILE01\n"
              "    its VM has more than MaxBackups (14)\n"
              "keep    by hand\n"
              "    it was made by hand, not by the\n"
              "    schedule\n");
}

TEST(SentencesPage, IsOneSentenceALine) {
    std::vector<std::string> const sentences{
        "The schedule has no complete backup of it.",
        "It is due, but not started: the backup window is closed until 2026-11-23 17:00."};
    EXPECT_EQ(sentences_page(sentences, options_of(std::nullopt)), sentences[0] + "\n" + sentences[1] + "\n");
    EXPECT_EQ(sentences_page(sentences, options_of(40)),
              "The schedule has no complete backup of\n"
              "  it.\n"
              "It is due, but not started: the backup\n"
              "  window is closed until 2026-11-23\n"
              "  17:00.\n");
}

TEST(SchedulePages, NeverGetWiderThanTheTerminal) {
    for (std::size_t const width : {20u, 40u, 59u, 60u, 80u, 120u, 200u}) {
        auto const options = options_of(width);
        for (auto const& page :
             {runs_page(some_runs(), options), run_summary(failed_run(), options), queue_page(some_queue(), options),
              plan_page(some_nights(), options), retention_page(some_decisions(), options)}) {
            std::istringstream lines(page);
            for (std::string line; std::getline(lines, line);) EXPECT_LE(display_width(line), width) << line;
        }
    }
}

TEST(SchedulePages, LetNoNamePlayWithTheTerminal) {
    std::string const bad = "\x1b[2J\nx";
    auto run = failed_run();
    run.state = run.trigger = bad;
    run.deleted = run.behind = run.problems = {bad};
    rpc::Forecast::Reply planned = some_nights();
    planned.nights[0].backed_up[0].vm = bad;
    planned.nights[0].not_reached = planned.nights[0].deleted = planned.warnings = {bad};
    auto const options = options_of(80);
    for (auto const& page : {runs_page({run}, options), run_summary(run, options), plan_page(planned, options),
                             queue_page({{bad, "", std::nullopt, std::nullopt, bad}}, options),
                             sentences_page({bad}, options), retention_page({{bad, bad, "", false, bad}}, options)}) {
        EXPECT_THAT(page, testing::Not(HasSubstr("\x1b")));
        EXPECT_THAT(page, HasSubstr("\\x1b[2J\\nx"));
    }
}

}  // namespace
}  // namespace sb::ctl
