#pragma once
// A job as a state machine: step(job, event) returns the job's new state and the next action. It knows no sockets,
// files or clocks, so a test can try every combination of phase and event.

#include "common/error.hpp"
#include "common/ids.hpp"
#include "common/time.hpp"
#include "daemon/core/cluster_origin.hpp"
#include "daemon/core/vm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sb::core {

/// Verify jobs have a state machine of their own: core/verify_job.hpp.
enum class JobKind { backup, restore, verify };

/// The phase of a job. The names are shown to people and stored in the journal.
enum class Phase {
    queued,      ///< waits for a free export slot
    preparing,   ///< looks up the VM and checks the names; nothing has been sent yet
    pre_hook,    ///< the administrator's PreBackup or PreRestore program runs
    posting,     ///< the request is being sent; from here on the cluster may be working
    resolving,   ///< no answer, or the task tag expired: finds out what happened, without repeating the request
    following,   ///< the task runs; its state is polled. With an error: it makes no progress (is_stalled)
    inspecting,  ///< backup: checks the exported files; restore: checks the new VM
    reading,     ///< verify: the content is read
    committing,  ///< backup: the manifest is being written
    discarding,  ///< backup: the folder of a cancelled export is being deleted
    post_hook,   ///< the backup exists; the administrator's PostBackup or PostRestore program runs
    finished,
};

enum class Outcome { none, succeeded, failed, cancelled, lost };

/// What is known about the end of an export. The names are stored in the journal; manifests have `seen` or `inferred`.
enum class ExportEnd {
    unknown,    ///< not ended, or nothing shows how
    seen,       ///< the cluster reported its task as COMPLETE
    inferred,   ///< no task reported it, or one that was only found by a search; the files were at rest and appear
                ///< complete
    failed,     ///< the cluster reported that the export failed
    unflushed,  ///< the machine was restarted before the files had been flushed to disk: data may be missing
};

std::string_view name_of(JobKind kind);
std::string_view name_of(Phase phase);
std::string_view name_of(Outcome outcome);
std::optional<JobKind> job_kind_from_name(std::string_view name);
std::optional<Phase> phase_from_name(std::string_view name);
std::optional<Outcome> outcome_from_name(std::string_view name);
std::string_view name_of(ExportEnd end);
std::optional<ExportEnd> export_end_from_name(std::string_view name);

/// Everything that is known about a job. The journal stores exactly this.
struct Job {
    JobId id = 0;
    std::uint64_t revision = 0;  ///< of this record: an older one never replaces a newer one in the journal
    JobKind kind = JobKind::backup;
    VmUuid vm;            ///< backup: the VM; restore: the new VM, once the cluster has reported its uuid
    std::string vm_name;  ///< backup: the VM's name; restore: the new VM's
    std::string backup;   ///< the backup's name: of its folder under LocalPath, once it is a backup
    std::string attempt;  ///< backup: makes the landing folder's name this job's own (core/landing.hpp); empty =
                          ///< not prepared yet, or a job of a version that exported into the final folder
    std::string definition_file;  ///< the XML's name in that folder
    std::string level;            ///< verify: the level to verify, core::name_of(Level)
    bool forced = false;          ///< restore: takes the files as they are, also those of a damaged or changed backup
    bool scheduled = false;
    bool pre_hook = false;      ///< a hook runs before the POST
    bool post_hook = false;     ///< a hook runs after success; the job keeps its slot until then
    bool delayed_hook = false;  ///< backup: the hook is owed after success, and runs when no scheduled export does

    Phase phase = Phase::queued;
    Outcome outcome = Outcome::none;
    bool cancel_requested = false;
    std::optional<Error> error;
    std::vector<std::string> warnings;  ///< problems that did not end the job, for example a failed hook

    ClusterId cluster;                 ///< at which it was ordered; empty before it is prepared
    std::vector<Disk> disks;           ///< as the cluster reported them when the job started
    std::uint64_t expected_bytes = 0;  ///< estimated size of the export; 0 = not known
    TaskTag tag_before;                ///< the highest task tag that the cluster had reported before the POST
    TaskTag tag;                       ///< empty until known
    int percent = 0;
    ExportEnd end = ExportEnd::unknown;
    std::uint64_t size_bytes = 0;  ///< backup: of its files, as they were inspected; 0 = not known
    /// backup: inspected_text() of the files that its last inspection found. Only a manifest that lists these is the
    /// one that this job writes (is_manifest_of()): anyone who can write to the share may plant another.
    std::string inspected{};
    /// backup: proof_of() its files directly after it got its name; empty = they were not inspected since the start, or
    /// could not be examined. Recorded with the copy (trusted_by()), not with the job.
    std::string proof{};
    /// Taken from a manifest in the share, which anyone who can write there may have written: no decision relies on it.
    bool is_claim = false;

    UtcTime queued;
    std::optional<UtcTime> started, posted, finished;

    bool operator==(Job const&) const = default;
};

// ---- events: what happened ------------------------------------------------------------------------

struct SlotFree {};  ///< the job may start
struct Prepared {    ///< all names checked, the VM (or the backup) is there
    VmUuid vm;
    std::string vm_name;
    std::string attempt = {};  ///< backup
    std::string definition_file;
    std::vector<Disk> disks;
    std::uint64_t expected_bytes = 0;  ///< 0 = the sum of the allocations
    TaskTag tag_before;
    bool pre_hook = false;      ///< there is one to run
    bool post_hook = false;     ///< there is one to run, and it does not wait for the end of the scheduled run
    bool delayed_hook = false;  ///< there is one to run, and it does
    ClusterId cluster = {};
};
struct HookDone {         ///< the hook of this phase has finished
    std::string problem;  ///< why it failed; empty if it succeeded
    bool veto = false;    ///< its failure prevents the backup (PreBackupMustSucceed)
};
struct Accepted {  ///< the cluster accepted the POST
    TaskTag tag;
    VmUuid created;  ///< restore: the new VM
};
struct PostLost {
    Error error;
};  ///< the POST was sent; no answer came, or the answer does not say what was done
struct TaskSeen {
    TaskReport report;
};  ///< an answer about the task, `absent` included
struct PollingFailed {
    Error error;
};  ///< polling was abandoned: the task could not be read, or was in no known state, for too long
struct TaskStalled {
    Error error;
};                    ///< following: no progress for too long; the job leaves its slot and is followed further
struct TaskMoves {};  ///< following: a stalled task makes progress again
struct Withdrawn {    ///< queued, preparing, pre_hook, posting: nothing was sent, and nothing will be
    std::optional<Error> error = {};  ///< why the schedule no longer wants it; empty = a person cancelled it
};
struct AlreadyMade {  ///< before the request, after a restart: its backup exists (an older journal was put back)
    Job job;          ///< with what the manifest says
};
struct TaskFound {
    TaskTag tag;
    VmUuid created;
};  ///< resolving: this is the job's task
struct TaskOfOtherVm {
    Error error;
};                     ///< following: the tag belongs to a task on another VM, or of another kind
struct NothingFound {  ///< resolving: no task shows the outcome
    Error error;
    bool traces = false;  ///< its folder, or a VM with the new name, exists and no longer changes: it can be inspected
    bool timed_out = false;  ///< the cluster never confirmed that it has no such task, so nothing is known
};
struct InspectionPassed {
    std::string inspected = {};  ///< Job::inspected
};
struct DataMayBeMissing {  ///< inspecting: the machine was restarted before the files had been flushed to disk
    Error error;
};
struct Committed {
    std::string name = {};   ///< the backup's name: numbered if the one that was ordered was taken
    std::string proof = {};  ///< Job::proof
};
struct CommitRefused {  ///< committing: the manifest is written, but the folder cannot get its name yet
    Error error;
};
struct NothingToCommit {};  ///< committing, after a restart: there is no manifest yet, and the files are not known
struct Discarded {};
struct Failed {
    Error error;
};  ///< this phase failed permanently
struct CancelRequested {};
struct Restarted {};  ///< the daemon started and found the job in its journal

using Event =
    std::variant<SlotFree, Prepared, HookDone, Accepted, PostLost, TaskSeen, PollingFailed, TaskFound, TaskOfOtherVm,
                 NothingFound, InspectionPassed, DataMayBeMissing, Committed, CommitRefused, NothingToCommit, Discarded,
                 Failed, CancelRequested, Restarted, TaskStalled, TaskMoves, Withdrawn, AlreadyMade>;

/// What to do next. `none` = continue with the current action.
enum class Action {
    none,
    wait_for_slot,
    prepare,
    run_pre_hook,
    post,
    resolve,
    poll,
    inspect,
    commit,
    discard,
    run_post_hook,
    finish
};

struct Step {
    Job job;
    Action next = Action::none;
};

/// The whole life cycle of a job. Total: an event that does not apply to a phase changes nothing.
/// `now` stamps started, posted and finished.
Step step(Job job, Event const& event, UtcTime now);

/// Where the job's files lie: in the landing folder until it has become the backup. For restores the backup.
std::string folder_of(Job const& job);

/// Whether the schedule withdrew the job before it was ordered: its error says why (core::why_withdrawn).
bool is_withdrawn(Job const& job);
/// Whether it did so because the backup window had closed: then the VM was not reached.
bool was_not_reached(Job const& job);

/// Whether the job has finished, and its task may still run at the cluster: nothing showed how it ended.
bool may_still_be_exported(Job const& job);

/// Whether the job's task makes no progress. Its error says so, until the task moves again or ends.
bool is_stalled(Job const& job);

/// Whether the job occupies one of the cluster's export slots. A stalled one does not. A job with a pending post hook
/// keeps its slot until the hook has run, as in the predecessor.
bool holds_slot(Job const& job);

}  // namespace sb::core
