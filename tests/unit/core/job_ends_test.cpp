// How jobs end that were withdrawn, cancelled, or made before an older journal was put back.
#include "daemon/core/job.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

using namespace std::chrono_literals;

struct JobEnds : ::testing::Test {
    UtcTime const now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 22h};
    Error const refusal{Errc::rejected, "500: An internal error occurred"};

    static Job job_in(Phase phase) {
        Job job;
        job.id = 7;
        job.phase = phase;
        job.backup = "nightly";
        return job;
    }
};

TEST_F(JobEnds, WhatTheScheduleWithdrawsIsNoCancellationOfAPerson) {
    Error const closed{Errc::timed_out, "it was not ordered: the backup window has closed"};
    Error const paused{Errc::cancelled, "it was not ordered: the schedule is paused"};
    for (auto phase : {Phase::queued, Phase::preparing, Phase::pre_hook, Phase::posting}) {
        auto job = job_in(phase);
        job.posted = now;
        auto const late = step(job, Withdrawn{closed}, now).job;
        EXPECT_TRUE(is_withdrawn(late) && was_not_reached(late)) << name_of(phase);
        auto const unwanted = step(job, Withdrawn{paused}, now).job;
        EXPECT_TRUE(is_withdrawn(unwanted) && !was_not_reached(unwanted)) << name_of(phase);
    }
    EXPECT_FALSE(step(job_in(Phase::posting), Withdrawn{paused}, now).job.posted);
    EXPECT_FALSE(is_withdrawn(step(job_in(Phase::queued), CancelRequested{}, now).job));
}

TEST_F(JobEnds, ACancelledExportWhoseOutcomeNothingShowsIsCancelledAndSaysWhatIsNotKnown) {
    Error const unknown{Errc::outcome_unknown, "no task shows its outcome"};
    auto ends_as = [&](Phase phase, Event const& event) {
        auto job = job_in(phase);
        job.posted = now;
        job.cancel_requested = true;
        if (phase == Phase::inspecting) job.error = unknown;
        auto const ended = step(job, event, now).job;
        EXPECT_TRUE(ended.error) << name_of(phase);
        EXPECT_TRUE(may_still_be_exported(ended)) << name_of(phase);
        return ended.outcome;
    };
    EXPECT_EQ(ends_as(Phase::resolving, NothingFound{unknown}), Outcome::cancelled);
    EXPECT_EQ(ends_as(Phase::resolving, NothingFound{unknown, true}), Outcome::cancelled);
    EXPECT_EQ(ends_as(Phase::resolving, NothingFound{unknown, false, true}), Outcome::cancelled);
    EXPECT_EQ(ends_as(Phase::resolving, Failed{unknown}), Outcome::cancelled);
    EXPECT_EQ(ends_as(Phase::following, PollingFailed{unknown}), Outcome::cancelled);
    EXPECT_EQ(ends_as(Phase::inspecting, Failed{refusal}), Outcome::cancelled);
}

TEST_F(JobEnds, ACancelledExportThatTheClusterNeverStartedIsCancelled) {
    for (auto phase : {Phase::preparing, Phase::pre_hook, Phase::posting}) {
        auto job = job_in(phase);
        job.cancel_requested = true;
        EXPECT_EQ(step(job, Failed{refusal}, now).job.outcome, Outcome::cancelled) << name_of(phase);
        job.cancel_requested = false;
        EXPECT_EQ(step(job, Failed{refusal}, now).job.outcome, Outcome::failed) << name_of(phase);
    }
}

TEST_F(JobEnds, AnExportThatMayStillRunIsALostOneOrACancelledOneWithoutAKnownEnd) {
    Job job;
    job.posted = now;
    for (auto end : {ExportEnd::unknown, ExportEnd::inferred, ExportEnd::seen, ExportEnd::failed}) {
        bool const is_known = end == ExportEnd::seen || end == ExportEnd::failed;
        job.end = end;
        job.outcome = Outcome::lost;
        EXPECT_TRUE(may_still_be_exported(job)) << name_of(end);
        job.outcome = Outcome::cancelled;
        EXPECT_EQ(may_still_be_exported(job), !is_known) << name_of(end);
        job.outcome = Outcome::failed;
        EXPECT_FALSE(may_still_be_exported(job)) << name_of(end);
    }
    job.end = ExportEnd::unknown;
    job.outcome = Outcome::cancelled;
    job.posted.reset();
    EXPECT_FALSE(may_still_be_exported(job)) << "it was never ordered";
}

TEST_F(JobEnds, OneThatHadNotBeenOrderedEndsAsTheManifestOfItsBackupSays) {
    for (auto phase : {Phase::queued, Phase::preparing, Phase::pre_hook}) {
        auto made = job_in(phase);
        made.finished = now - 24h;
        made.end = ExportEnd::seen;
        auto const ended = step(job_in(phase), AlreadyMade{made}, now);
        EXPECT_EQ(ended.next, Action::finish) << name_of(phase);
        EXPECT_EQ(ended.job.outcome, Outcome::succeeded) << name_of(phase);
        EXPECT_EQ(ended.job.finished, now - 24h) << name_of(phase);
        made.post_hook = true;
        auto const hooked = step(job_in(phase), AlreadyMade{made}, now);
        EXPECT_EQ(hooked.next, Action::run_post_hook) << "it may not have run to its end";
        EXPECT_FALSE(hooked.job.finished) << name_of(phase);
    }
    auto const other = step(job_in(Phase::following), AlreadyMade{job_in(Phase::following)}, now);
    EXPECT_EQ(other.next, Action::none);
}

}  // namespace
}  // namespace sb::core
