#include "daemon/core/job.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

UtcTime const job_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 22h};
Error const some_error{Errc::rejected, "500: An internal error occurred"};

Job job_in(Phase phase, JobKind kind = JobKind::backup) {
    Job job;
    job.id = 7;
    job.kind = kind;
    job.phase = phase;
    job.backup = "nightly";
    return job;
}

TaskReport report(TaskState state, int percent = 50) {
    TaskReport r;
    r.tag = TaskTag{"42"};
    r.state = state;
    r.percent = percent;
    r.message = "No space left on share";
    return r;
}

std::vector<Event> const all_events{SlotFree{},
                                    Prepared{},
                                    HookDone{},
                                    HookDone{"exit code 3", true},
                                    Accepted{TaskTag{"42"}, {}},
                                    PostLost{some_error},
                                    TaskSeen{report(TaskState::absent)},
                                    TaskSeen{report(TaskState::uninitialized)},
                                    TaskSeen{report(TaskState::queued)},
                                    TaskSeen{report(TaskState::running)},
                                    TaskSeen{report(TaskState::complete)},
                                    TaskSeen{report(TaskState::error)},
                                    TaskSeen{report(TaskState::unknown)},
                                    PollingFailed{some_error},
                                    TaskFound{TaskTag{"42"}, {}},
                                    TaskOfOtherVm{some_error},
                                    NothingFound{some_error},
                                    NothingFound{some_error, true},
                                    InspectionPassed{},
                                    DataMayBeMissing{some_error},
                                    Committed{},
                                    Committed{"nightly (2)"},
                                    CommitRefused{some_error},
                                    CommitRefused{Error{Errc::not_found, "the folder is gone"}},
                                    NothingToCommit{},
                                    Discarded{},
                                    Failed{some_error},
                                    CancelRequested{},
                                    Restarted{},
                                    TaskStalled{some_error},
                                    TaskMoves{},
                                    Withdrawn{}};
std::vector<Phase> const all_phases{Phase::queued,    Phase::preparing,  Phase::posting,    Phase::resolving,
                                    Phase::following, Phase::inspecting, Phase::committing, Phase::discarding,
                                    Phase::pre_hook,  Phase::post_hook,  Phase::reading,    Phase::finished};

}  // namespace

TEST(Job, RecordsWhatWasInspectedBeforeItsManifestIsWritten) {
    auto const [job, next] = step(job_in(Phase::inspecting, JobKind::backup), InspectionPassed{"files"}, job_now);
    EXPECT_EQ(next, Action::commit);
    EXPECT_EQ(job.inspected, "files");
}

TEST(Job, EveryPhaseHandlesEveryEventAndKeepsItsRules) {
    for (auto kind : {JobKind::backup, JobKind::restore})
        for (auto phase : all_phases)
            for (bool cancelled : {false, true})
                for (auto const& event : all_events) {
                    auto before = job_in(phase, kind);
                    before.cancel_requested = cancelled;
                    auto const [after, next] = step(before, event, job_now);
                    SCOPED_TRACE(std::string(name_of(phase)) + " x event " + std::to_string(event.index()));

                    // A POST is possible only after preparing, or after the hook that follows it.
                    if (next == Action::post) {
                        EXPECT_TRUE((phase == Phase::preparing && std::holds_alternative<Prepared>(event)) ||
                                    (phase == Phase::pre_hook && std::holds_alternative<HookDone>(event)));
                        EXPECT_EQ(after.posted, job_now);
                    }
                    // An export becomes a backup only after the inspection passed.
                    if (next == Action::commit && phase != Phase::committing) {
                        EXPECT_EQ(phase, Phase::inspecting);
                        EXPECT_TRUE(std::holds_alternative<InspectionPassed>(event));
                        EXPECT_EQ(kind, JobKind::backup);
                        EXPECT_FALSE(cancelled);
                    }
                    // Once it was about to get its name, nothing deletes it and nothing exports it again.
                    if (phase == Phase::committing)
                        EXPECT_TRUE(next == Action::none || next == Action::commit || next == Action::inspect ||
                                    next == Action::run_post_hook || next == Action::finish);
                    // What may lack data never becomes a backup.
                    if (std::holds_alternative<DataMayBeMissing>(event)) EXPECT_NE(next, Action::commit);
                    // Each kind of job succeeds in one way only.
                    if (after.outcome == Outcome::succeeded && phase != Phase::finished) {
                        EXPECT_TRUE(phase == Phase::committing || phase == Phase::post_hook ||
                                    (kind == JobKind::restore && phase == Phase::inspecting));
                    }
                    // Finished means an outcome, a time and no further actions, and vice versa.
                    if (phase != Phase::finished) {
                        EXPECT_EQ(after.phase == Phase::finished, after.outcome != Outcome::none);
                        EXPECT_EQ(after.phase == Phase::finished, next == Action::finish);
                        if (after.phase == Phase::finished) EXPECT_EQ(after.finished, job_now);
                        if (after.outcome == Outcome::failed || after.outcome == Outcome::lost)
                            EXPECT_TRUE(after.error);
                    } else {
                        EXPECT_EQ(next, Action::none);
                        EXPECT_EQ(after, before);
                    }
                    // Nothing is discarded unless someone asked for it.
                    if (next == Action::discard && phase != Phase::discarding) EXPECT_TRUE(cancelled);
                    EXPECT_EQ(after.id, before.id);
                }
}

TEST(Job, ARestartNeverPostsAgain) {
    for (auto phase : {Phase::posting, Phase::resolving, Phase::following, Phase::inspecting, Phase::committing})
        EXPECT_NE(step(job_in(phase), Restarted{}, job_now).next, Action::post) << name_of(phase);
    EXPECT_EQ(step(job_in(Phase::posting), Restarted{}, job_now).next, Action::resolve);
    EXPECT_EQ(step(job_in(Phase::following), Restarted{}, job_now).next, Action::poll);
    EXPECT_EQ(step(job_in(Phase::pre_hook), Restarted{}, job_now).next, Action::wait_for_slot);
    EXPECT_EQ(step(job_in(Phase::post_hook), Restarted{}, job_now).next, Action::run_post_hook);
    EXPECT_EQ(step(job_in(Phase::committing), Restarted{}, job_now).next, Action::commit);
}

TEST(Job, ABackupGoesFromTheQueueToItsManifest) {
    auto s = step(job_in(Phase::queued), SlotFree{}, job_now);
    EXPECT_EQ(s.next, Action::prepare);
    Prepared prepared;
    prepared.vm_name = "FILE01";
    prepared.disks = {Disk{DiskUuid{"a"}, "VIRTIO_DISK", 100, 30}, Disk{DiskUuid{"b"}, "IDE_CDROM", 50, 50}};
    s = step(s.job, prepared, job_now);
    EXPECT_EQ(s.next, Action::post);
    EXPECT_EQ(s.job.expected_bytes, 30u) << "a CD-ROM is not exported";
    s = step(s.job, Accepted{TaskTag{"42"}, {}}, job_now);
    EXPECT_EQ(s.next, Action::poll);
    s = step(s.job, TaskSeen{report(TaskState::running, 60)}, job_now);
    EXPECT_EQ(s.job.percent, 60);
    EXPECT_EQ(s.next, Action::poll);
    s = step(s.job, TaskSeen{report(TaskState::complete)}, job_now);
    EXPECT_EQ(s.next, Action::inspect);
    EXPECT_EQ(s.job.end, ExportEnd::seen);
    EXPECT_FALSE(holds_slot(s.job)) << "the next export may start while this one is inspected";
    s = step(s.job, InspectionPassed{}, job_now);
    EXPECT_EQ(s.next, Action::commit);
    s = step(s.job, Committed{}, job_now);
    EXPECT_EQ(s.job.outcome, Outcome::succeeded);
    EXPECT_FALSE(s.job.error);
}

TEST(Job, ALostPostThatIsFoundAgainLeavesNoErrorBehind) {
    auto s = step(job_in(Phase::posting), PostLost{some_error}, job_now);
    EXPECT_EQ(s.next, Action::resolve);
    s = step(s.job, TaskFound{TaskTag{"43"}, {}}, job_now);
    EXPECT_EQ(s.next, Action::poll);
    EXPECT_EQ(s.job.tag, TaskTag{"43"});
    EXPECT_FALSE(s.job.error);
}

TEST(Job, TheEndOfAnImportThatASearchFoundIsNotKnown) {
    auto restore = job_in(Phase::posting);
    restore.kind = JobKind::restore;
    auto s = step(std::move(restore), PostLost{some_error}, job_now);
    s = step(s.job, TaskFound{TaskTag{"43"}, VmUuid{"new"}}, job_now);
    EXPECT_EQ(s.job.vm, VmUuid{"new"});
    EXPECT_EQ(s.job.end, ExportEnd::inferred) << "another program's import under this name looks the same";
}

TEST(Job, AVanishedTaskIsLostUnlessItsEndIsFoundElsewhere) {
    auto s = step(job_in(Phase::following), TaskSeen{report(TaskState::absent)}, job_now);
    EXPECT_EQ(s.next, Action::resolve);
    EXPECT_EQ(step(s.job, TaskSeen{report(TaskState::complete)}, job_now).next, Action::inspect);
    EXPECT_EQ(step(s.job, NothingFound{some_error}, job_now).job.outcome, Outcome::lost);
}

TEST(Job, AnOutcomeWithoutATaskIsConfirmedByTheResultOrLost) {
    auto s = step(job_in(Phase::resolving), NothingFound{some_error, true}, job_now);
    EXPECT_EQ(s.next, Action::inspect);
    auto const whole = step(s.job, InspectionPassed{}, job_now);
    EXPECT_EQ(whole.next, Action::commit);
    EXPECT_EQ(whole.job.end, ExportEnd::inferred);
    EXPECT_FALSE(whole.job.error);
    ASSERT_EQ(whole.job.warnings.size(), 1u) << "the user learns how the outcome was found";
    auto const torn = step(s.job, Failed{Error{Errc::incomplete_backup, "a disk is missing"}}, job_now);
    EXPECT_EQ(torn.job.outcome, Outcome::lost);
    EXPECT_EQ(torn.job.end, ExportEnd::unknown);
    EXPECT_NE(torn.job.error->context.find("a disk is missing"), std::string::npos);
}

TEST(Job, AnInternalErrorCountsAsRejectionWhenNoTaskAppears) {
    Error const refusal{Errc::maybe_rejected, "it answered 500: NT_STATUS_LOGON_FAILURE"};
    auto const s = step(job_in(Phase::posting), PostLost{refusal}, job_now);
    EXPECT_EQ(s.next, Action::resolve);
    auto const believed = step(s.job, NothingFound{some_error}, job_now);
    EXPECT_EQ(believed.job.outcome, Outcome::failed);
    EXPECT_EQ(believed.job.error, refusal);
    EXPECT_EQ(step(s.job, NothingFound{some_error, false, true}, job_now).job.outcome, Outcome::lost)
        << "the cluster could not be asked";
    EXPECT_EQ(step(s.job, TaskFound{TaskTag{"43"}, {}}, job_now).next, Action::poll);
}

TEST(Job, ATagOfAnotherVmIsDroppedAndTheJobsOwnTaskSearched) {
    auto job = job_in(Phase::following);
    job.tag = TaskTag{"7"};
    auto const s = step(job, TaskOfOtherVm{some_error}, job_now);
    EXPECT_EQ(s.next, Action::resolve);
    EXPECT_TRUE(s.job.tag.empty());
}

TEST(Job, TheClustersReasonReachesTheUser) {
    auto const s = step(job_in(Phase::following), TaskSeen{report(TaskState::error, 99)}, job_now);
    ASSERT_TRUE(s.job.error);
    EXPECT_EQ(s.job.error->code, Errc::task_failed);
    EXPECT_EQ(s.job.end, ExportEnd::failed);
    EXPECT_NE(s.job.error->context.find("No space left on share"), std::string::npos);
}

TEST(Job, ACancelledRunningBackupIsDeletedWhenItEnds) {
    auto s = step(job_in(Phase::following), CancelRequested{}, job_now);
    EXPECT_TRUE(s.job.cancel_requested);
    EXPECT_EQ(s.next, Action::none);
    s = step(s.job, TaskSeen{report(TaskState::complete)}, job_now);
    EXPECT_EQ(s.next, Action::discard);
    EXPECT_EQ(step(s.job, Discarded{}, job_now).job.outcome, Outcome::cancelled);
}

TEST(Job, ARunningRestoreCannotBeCancelled) {
    auto const s = step(job_in(Phase::following, JobKind::restore), CancelRequested{}, job_now);
    EXPECT_FALSE(s.job.cancel_requested);
}

TEST(Job, ATaskWithoutProgressLeavesItsSlotAndIsFollowedToItsEnd) {
    for (auto const kind : {JobKind::backup, JobKind::restore}) {
        auto job = job_in(Phase::following, kind);
        EXPECT_FALSE(is_stalled(job));
        EXPECT_TRUE(holds_slot(job));
        auto const stalled = step(job, TaskStalled{some_error}, job_now);
        EXPECT_EQ(stalled.next, Action::poll);
        EXPECT_TRUE(is_stalled(stalled.job));
        EXPECT_EQ(stalled.job.error, some_error);
        EXPECT_FALSE(holds_slot(stalled.job));
        EXPECT_EQ(step(stalled.job, Restarted{}, job_now).next, Action::poll);
        EXPECT_TRUE(is_stalled(step(stalled.job, Restarted{}, job_now).job)) << "a restart keeps it";

        auto const moves = step(stalled.job, TaskMoves{}, job_now);
        EXPECT_EQ(moves.next, Action::poll);
        EXPECT_FALSE(is_stalled(moves.job));
        EXPECT_TRUE(holds_slot(moves.job));

        auto const ended = step(stalled.job, TaskSeen{report(TaskState::complete)}, job_now);
        EXPECT_EQ(ended.next, Action::inspect);
        EXPECT_FALSE(ended.job.error);
        EXPECT_EQ(ended.job.end, ExportEnd::seen);
        auto const gone = step(stalled.job, TaskSeen{report(TaskState::absent)}, job_now);
        EXPECT_EQ(gone.next, Action::resolve);
        EXPECT_FALSE(gone.job.error);
    }
}

TEST(Job, ACancellationBeforeTheRequestIsSentEndsTheJobWithoutIt) {
    auto job = job_in(Phase::posting);
    job.cancel_requested = true;
    auto const s = step(job, Withdrawn{}, job_now);
    EXPECT_EQ(s.job.outcome, Outcome::cancelled);
    EXPECT_EQ(s.next, Action::finish);
}

TEST(Job, AFailedPreHookIsAWarningUnlessItIsAVeto) {
    Prepared prepared;
    prepared.pre_hook = true;
    auto const waiting = step(job_in(Phase::preparing), prepared, job_now);
    EXPECT_EQ(waiting.next, Action::run_pre_hook);
    EXPECT_FALSE(waiting.job.posted);
    auto const noted = step(waiting.job, HookDone{"PreBackup: exit code 3", false}, job_now);
    EXPECT_EQ(noted.next, Action::post);
    EXPECT_EQ(noted.job.warnings.size(), 1u);
    auto const vetoed = step(waiting.job, HookDone{"PreBackup: exit code 3", true}, job_now);
    EXPECT_EQ(vetoed.job.outcome, Outcome::failed);
    EXPECT_EQ(vetoed.job.error->code, Errc::refused);
}

TEST(Job, APostHookKeepsTheSlotAndItsFailureUndoesNoBackup) {
    auto job = job_in(Phase::committing);
    job.post_hook = true;
    EXPECT_TRUE(holds_slot(job));
    auto s = step(job, Committed{}, job_now);
    EXPECT_EQ(s.next, Action::run_post_hook);
    EXPECT_TRUE(holds_slot(s.job));
    s = step(s.job, HookDone{"PostBackup: ended by signal 9", false}, job_now);
    EXPECT_EQ(s.job.outcome, Outcome::succeeded);
    EXPECT_EQ(s.job.warnings.size(), 1u);
}

TEST(Job, ARefusedRenameIsRepeatedAndReleasesTheSlot) {
    auto job = job_in(Phase::committing);
    job.post_hook = true;
    job.end = ExportEnd::seen;
    Error const in_use{Errc::io, "a file of it is open"};
    auto s = step(job, CommitRefused{in_use}, job_now);
    EXPECT_EQ(s.job.phase, Phase::committing);
    EXPECT_EQ(s.next, Action::commit);
    EXPECT_EQ(s.job.error, in_use);
    EXPECT_FALSE(holds_slot(s.job));
    s = step(s.job, Restarted{}, job_now);
    EXPECT_EQ(s.next, Action::commit) << "the export is complete: it is not inspected and not made again";
    EXPECT_FALSE(step(s.job, CancelRequested{}, job_now).job.cancel_requested);
    s = step(s.job, Committed{"nightly"}, job_now);
    EXPECT_EQ(s.next, Action::run_post_hook);
    EXPECT_FALSE(s.job.error);
    EXPECT_TRUE(s.job.warnings.empty());
}

TEST(Job, ACommitWhoseFilesHaveChangedSinceTheInspectionFails) {
    for (auto const code : {Errc::damaged_backup, Errc::incomplete_backup}) {
        auto const s = step(job_in(Phase::committing), CommitRefused{Error{code, "disk.qcow2 is shorter"}}, job_now);
        EXPECT_EQ(s.job.outcome, Outcome::failed);
        ASSERT_TRUE(s.job.error);
        EXPECT_EQ(s.job.error->code, code);
        EXPECT_EQ(s.next, Action::finish);
    }
}

TEST(Job, AFolderThatIsGoneEndsTheCommit) {
    auto const s = step(job_in(Phase::committing), CommitRefused{Error{Errc::not_found, "gone"}}, job_now);
    EXPECT_EQ(s.job.outcome, Outcome::failed);
}

TEST(Job, WithoutAManifestARestartedCommitInspectsAgain) {
    auto job = job_in(Phase::committing);
    job.end = ExportEnd::inferred;
    auto const s = step(job, NothingToCommit{}, job_now);
    EXPECT_EQ(s.next, Action::inspect);
    EXPECT_EQ(step(s.job, InspectionPassed{}, job_now).job.end, ExportEnd::inferred);
}

TEST(Job, ATakenNameIsNumberedAndTheUserLearnsIt) {
    auto const s = step(job_in(Phase::committing), Committed{"nightly (2)"}, job_now);
    EXPECT_EQ(s.job.outcome, Outcome::succeeded);
    EXPECT_EQ(s.job.backup, "nightly (2)");
    ASSERT_EQ(s.job.warnings.size(), 1u);
    EXPECT_NE(s.job.warnings.front().find("'nightly' was taken"), std::string::npos);
}

TEST(Job, DataThatMayBeMissingFailsTheJobOrDiscardsTheCancelledExport) {
    auto job = job_in(Phase::inspecting);
    auto s = step(job, DataMayBeMissing{some_error}, job_now);
    EXPECT_EQ(s.job.outcome, Outcome::failed);
    EXPECT_EQ(s.job.end, ExportEnd::unflushed);
    EXPECT_EQ(s.job.error, some_error);
    job.cancel_requested = true;
    EXPECT_EQ(step(job, DataMayBeMissing{some_error}, job_now).next, Action::discard);
}

TEST(Job, ItsFilesAreInTheLandingFolderUntilTheyAreABackup) {
    auto job = job_in(Phase::preparing);
    Prepared prepared;
    prepared.attempt = "0a1b2c3d";
    prepared.pre_hook = true;
    auto s = step(job, prepared, job_now);
    EXPECT_EQ(folder_of(s.job), "nightly.exporting-0a1b2c3d");
    EXPECT_TRUE(step(s.job, Restarted{}, job_now).job.attempt.empty()) << "it starts over, with a folder of that time";
    for (auto phase : {Phase::posting, Phase::following, Phase::inspecting, Phase::committing, Phase::discarding}) {
        s.job.phase = phase;
        EXPECT_EQ(folder_of(s.job), "nightly.exporting-0a1b2c3d") << name_of(phase);
    }
    EXPECT_EQ(folder_of(step(s.job, Failed{some_error}, job_now).job), "nightly.exporting-0a1b2c3d");
    s.job.phase = Phase::committing;
    s.job.post_hook = true;
    EXPECT_EQ(folder_of(step(s.job, Committed{"nightly (2)"}, job_now).job), "nightly (2)");
    s.job.attempt.clear();
    EXPECT_EQ(folder_of(s.job), "nightly") << "an export of an earlier version";
    s.job.attempt = "0a1b2c3d";
    s.job.kind = JobKind::restore;
    EXPECT_EQ(folder_of(s.job), "nightly");
}

TEST(Job, NamesAndValuesAreInverse) {
    for (auto phase : all_phases) EXPECT_EQ(phase_from_name(name_of(phase)), phase);
    for (auto kind : {JobKind::backup, JobKind::restore}) EXPECT_EQ(job_kind_from_name(name_of(kind)), kind);
    for (auto o : {Outcome::none, Outcome::succeeded, Outcome::failed, Outcome::cancelled, Outcome::lost})
        EXPECT_EQ(outcome_from_name(name_of(o)), o);
    for (auto end : {ExportEnd::unknown, ExportEnd::seen, ExportEnd::inferred, ExportEnd::failed, ExportEnd::unflushed})
        EXPECT_EQ(export_end_from_name(name_of(end)), end);
    EXPECT_FALSE(phase_from_name("dancing"));
}
