// `schedule`: a run that is started or joined, followed and reported, against a daemon that plays a script.
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>
#include <unistd.h>

#include <csignal>

namespace sb::ctl {
namespace {

using testing::HasSubstr;
using testing::Not;

rpc::RunInfo running(std::string phase, std::vector<JobId> jobs = {}) {
    auto run = run_of(12, "running", std::move(phase));
    run.jobs = std::move(jobs);
    return run;
}

/// The start of a run and the subscription, which reports no jobs yet.
void begin_run(FakePeer& peer, bool joined = false) {
    peer.answer<rpc::StartRun>({running("exporting"), joined});
    peer.answer<rpc::SubscribeJobs>({{}});
}

/// A complete run with one job, next to a job of another request.
void serve_run(FakePeer& peer, rpc::RunInfo const& end) {
    begin_run(peer);
    peer.tell(job_of(99, "running", "following", 5));
    peer.tell(job_of(17, "running", "following", 3));
    peer.answer<rpc::GetRun>({running("exporting")});
    peer.answer<rpc::GetRun>({running("exporting", {17})});
    peer.tell(job_of(17, "running", "following", 55));
    auto job = ended_job("failed", "task_failed", "no space");
    job.warnings = {"PreBackup ended with 3"};
    peer.tell(job);
    peer.answer<rpc::GetRun>({running("clean_up", {17})});
    peer.answer<rpc::GetRun>({end});
}

TEST(Schedule, ShowsItsOwnJobsAndEndsWithASummary) {
    FakeDaemon daemon({[](FakePeer& peer) { serve_run(peer, failed_run()); }});
    auto const ran = run_at(daemon.socket(), {"schedule"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.out,
              "Run 12 ended after 1 h 10 min: 11 backed up, 1 failed, 2 old backups deleted.\n"
              "  FILE01: the cluster's task ended in ERROR: there is no space left on the share\n"
              "  deleted: 2026-10-22_18-00-00 FILE01\n  deleted: 2026-10-22_18-40-00 DB02\n  behind: FILE01\n");
    EXPECT_EQ(ran.err,
              "Started run 12.\n13:00:00 run 12: exporting\n"
              "13:00:00 job 17: backup of FILE01: exporting 3 %\n13:00:00 job 17: backup of FILE01: exporting 55 %\n"
              "13:00:00 job 17: backup of FILE01: failed: no space; warning: PreBackup ended with 3\n"
              "13:00:00 run 12: cleaning up\n");
}

TEST(Schedule, IsDoneWhenNothingFailed) {
    auto end = run_of(12, "finished", "finished");
    end.jobs = {17};
    end.succeeded = 1;
    FakeDaemon daemon({[&](FakePeer& peer) { serve_run(peer, end); }});
    auto const ran = run_at(daemon.socket(), {"schedule"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, "Run 12 ended after 1 h 10 min: 1 backed up, 0 failed.\n");
}

TEST(Schedule, DrawsOnATerminalAndLeavesItClean) {
    FakeDaemon daemon({[](FakePeer& peer) { serve_run(peer, failed_run()); }});
    auto const ran = run_at(daemon.socket(), {"schedule"}, {.terminal = true});
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("0 running, 0 queued"));  // the first drawing; the clock decides how many follow
    EXPECT_TRUE(ran.err.ends_with("\r\x1b[J")) << ran.err;
    EXPECT_TRUE(ran.out.starts_with("Run 12 ended")) << ran.out;
}

TEST(Schedule, WithJsonPrintsTheRunAlone) {
    FakeDaemon daemon({[](FakePeer& peer) { serve_run(peer, failed_run()); }});
    auto const ran = run_at(daemon.socket(), {"schedule"}, {.json = true});
    EXPECT_EQ(ran.code, 1);
    auto const document = json::Document::parse(ran.out);
    ASSERT_TRUE(document) << ran.out;
    EXPECT_EQ(document->root()["id"].integer(), 12);
    EXPECT_EQ(document->root()["failed"].integer(), 1);
}

TEST(Schedule, ReportsThatItJoined) {
    FakeDaemon daemon({[](FakePeer& peer) {
        begin_run(peer, true);
        peer.answer<rpc::GetRun>({run_of(12, "finished", "finished")});
    }});
    auto const ran = run_at(daemon.socket(), {"schedule"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_TRUE(ran.err.starts_with("Following run 12, which started at 2026-11-23 11:00 (2 h ago).\n")) << ran.err;
}

TEST(Schedule, IsRefusedOutsideTheWindow) {
    FakeDaemon daemon({[](FakePeer& peer) { peer.refuse({Errc::refused, "the window is closed until 17:00"}); }});
    auto const ran = run_at(daemon.socket(), {"schedule"});
    EXPECT_EQ(ran.code, 4);
    EXPECT_EQ(ran.out, "");
    EXPECT_EQ(ran.err, "scale-backupctl: the window is closed until 17:00\n");
}

TEST(Schedule, DetachedPrintsTheRunsIdAlone) {
    for (bool const joined : {false, true}) {
        FakeDaemon daemon({[joined](FakePeer& peer) { peer.answer<rpc::StartRun>({running("exporting"), joined}); }});
        auto const ran = run_at(daemon.socket(), {"schedule", "--detach"});
        EXPECT_EQ(ran.code, 0);
        EXPECT_EQ(ran.out, "12\n");
        EXPECT_EQ(ran.err.empty(), !joined);
    }
}

TEST(Schedule, CtrlCLeavesTheRunRunning) {
    for (bool const terminal : {false, true}) {
        FakeDaemon daemon({[](FakePeer& peer) {
            begin_run(peer);
            peer.answer<rpc::GetRun>({running("exporting")});
            ::kill(::getpid(), SIGINT);
            peer.await_end();
        }});
        // Long enough for the interrupt to arrive between two polls; the client must not wait that long.
        How how{.terminal = terminal};
        how.retry.poll_run_every = Milliseconds{50'000};
        auto const ran = run_at(daemon.socket(), {"schedule"}, how);
        EXPECT_EQ(ran.code, 130);
        EXPECT_EQ(ran.out.find("Run 12"), std::string::npos);
        EXPECT_TRUE(ran.err.ends_with("Run 12 continues. Follow it with: scale-backupctl schedule\n")) << ran.err;
    }
}

TEST(Schedule, EachSignalThatEndsAProgramIsReported) {
    auto* const inherited = std::signal(SIGHUP, SIG_DFL);
    for (int const number : {SIGTERM, SIGHUP}) {
        FakeDaemon daemon({[number](FakePeer& peer) {
            begin_run(peer);
            ::kill(::getpid(), number);
            peer.await_end();
        }});
        auto const ran = run_at(daemon.socket(), {"schedule"});
        EXPECT_EQ(ran.code, 130) << number;
        EXPECT_THAT(ran.err, HasSubstr("Run 12 continues"));
    }
    EXPECT_EQ(ending_signals(), (std::vector<int>{SIGINT, SIGTERM, SIGHUP}));
    std::signal(SIGHUP, SIG_IGN);
    EXPECT_EQ(ending_signals(), (std::vector<int>{SIGINT, SIGTERM})) << "nohup";
    std::signal(SIGHUP, inherited);
}

TEST(Schedule, CtrlCDuringALookLeavesTheRunRunning) {
    FakeDaemon daemon({[](FakePeer& peer) {
        begin_run(peer);
        ::kill(::getpid(), SIGINT);
        peer.await_end();
    }});
    auto const ran = run_at(daemon.socket(), {"schedule"});
    EXPECT_EQ(ran.code, 130);
    EXPECT_THAT(ran.err, HasSubstr("continues"));
}

TEST(Schedule, CtrlCBeforeTheAnswerReportsThatItMayHaveStarted) {
    FakeDaemon daemon({[](FakePeer& peer) {
        ::kill(::getpid(), SIGINT);
        peer.await_end();
    }});
    auto const ran = run_at(daemon.socket(), {"schedule"});
    EXPECT_EQ(ran.code, 130);
    EXPECT_THAT(ran.err, HasSubstr("scale-backupctl runs"));
}

TEST(Schedule, ContinuesFollowingAfterTheDaemonRestarted) {
    auto first = [](FakePeer& peer) {
        begin_run(peer);
        peer.answer<rpc::GetRun>({running("exporting", {17})});
    };
    auto second = [](FakePeer& peer) {
        peer.answer<rpc::SubscribeJobs>({{job_of(17, "running", "following", 60)}});
        peer.answer<rpc::GetRun>({failed_run()});
    };
    FakeDaemon daemon({first, second});
    auto const ran = run_at(daemon.socket(), {"schedule"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("was lost"));
    EXPECT_THAT(ran.err, HasSubstr("reconnected"));
    EXPECT_THAT(ran.err, HasSubstr("exporting 60 %"));
    EXPECT_THAT(ran.out, HasSubstr("Run 12 ended"));
}

TEST(Schedule, GivesUpWhenTheDaemonStaysAway) {
    FakeDaemon daemon({[](FakePeer& peer) {
        begin_run(peer);
        peer.answer<rpc::GetRun>({running("exporting")});
    }});
    auto const ran =
        run_at(daemon.socket(), {"schedule"}, {.retry = {Milliseconds{30}, Milliseconds{5}, Milliseconds{5}}});
    EXPECT_EQ(ran.code, 5);
    EXPECT_EQ(ran.out, "");
    EXPECT_THAT(ran.err, HasSubstr("Run 12 continues"));
}

TEST(Schedule, ARunThatTheDaemonForgotIsAnError) {
    FakeDaemon daemon({[](FakePeer& peer) {
        begin_run(peer);
        peer.refuse({Errc::not_found, "there is no run 12"});
    }});
    auto const ran = run_at(daemon.socket(), {"schedule"});
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("there is no run 12"));
    EXPECT_THAT(ran.err, Not(HasSubstr("continues")));
}

}  // namespace
}  // namespace sb::ctl
