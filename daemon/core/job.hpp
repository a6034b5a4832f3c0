#pragma once
// A job as a value machine: step(job, event) says what the job is now and what to do next. It knows no
// sockets, files or clocks, so every combination of phase and event can be tried in a test.

#include "common/error.hpp"
#include "common/ids.hpp"
#include "common/time.hpp"
#include "daemon/core/vm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace sb::core {

/// A verify job goes its own way: core/verify_job.hpp.
enum class JobKind { backup, restore, verify };

/// Where a job stands. The words are shown to people and kept in the journal.
enum class Phase {
    queued,     ///< waits for a free export slot
    preparing,  ///< looks up the VM and checks the names; nothing was sent yet
    pre_hook,   ///< the administrator's PreBackup or PreRestore program runs
    posting,    ///< the request is on its way: from here on the cluster may be working
    resolving,  ///< the answer was lost or the task tag is gone: finding out what happened, without asking for it again
    following,  ///< the task runs; its state is polled
    inspecting,  ///< backup: looks at what arrived; restore: looks for the new VM
    reading,     ///< verify: the content is read
    committing,  ///< backup: the manifest is being written
    discarding,  ///< backup: the folder of a cancelled export is being removed
    post_hook,   ///< the backup exists; the administrator's PostBackup or PostRestore program runs
    finished,
};

enum class Outcome { none, succeeded, failed, cancelled, lost };

std::string_view name_of(JobKind kind);
std::string_view name_of(Phase phase);
std::string_view name_of(Outcome outcome);
std::optional<JobKind> job_kind_from_name(std::string_view name);
std::optional<Phase> phase_from_name(std::string_view name);
std::optional<Outcome> outcome_from_name(std::string_view name);

/// Everything that is known of a job. It is what the journal keeps.
struct Job {
    JobId id = 0;
    JobKind kind = JobKind::backup;
    VmUuid vm;                    ///< backup: the VM; restore: the new VM once the cluster told its uuid
    std::string vm_name;          ///< backup: the VM's name; restore: the new VM's
    std::string backup;           ///< the folder's name under LocalPath
    std::string definition_file;  ///< the XML's name in that folder
    std::string level;            ///< verify: what is to be proven, core::name_of(Level)
    bool forced = false;          ///< restore: also of a damaged backup
    bool scheduled = false;
    bool pre_hook = false;   ///< a hook is to be run before the POST
    bool post_hook = false;  ///< a hook is to be run after success; until then the job keeps its slot

    Phase phase = Phase::queued;
    Outcome outcome = Outcome::none;
    bool cancel_requested = false;
    std::optional<Error> error;
    std::vector<std::string> warnings;  ///< what went wrong without ending the job: a hook that failed

    std::vector<Disk> disks;           ///< as the cluster told of them when the job began
    std::uint64_t expected_bytes = 0;  ///< what the export will take, more or less; 0 = not known
    TaskTag tag_before;                ///< the highest task tag that the cluster had shown before the POST
    TaskTag tag;                       ///< empty until known
    int percent = 0;

    UtcTime queued;
    std::optional<UtcTime> started, posted, finished;

    bool operator==(Job const&) const = default;
};

// ---- events: what happened ------------------------------------------------------------------------

struct SlotFree {};  ///< the job may begin
struct Prepared {    ///< all names checked, the VM (or the backup) is there
    VmUuid vm;
    std::string vm_name;
    std::string definition_file;
    std::vector<Disk> disks;
    std::uint64_t expected_bytes = 0;  ///< 0 = the sum of the allocations
    TaskTag tag_before;
    bool pre_hook = false;   ///< there is one to run
    bool post_hook = false;  ///< there is one to run, and it is not left to the end of the run
};
struct HookDone {         ///< the hook of this phase has ended
    std::string problem;  ///< in words, empty if it succeeded
    bool veto = false;    ///< its failure forbids the backup (PreBackupMustSucceed)
};
struct Accepted {  ///< the cluster took the POST
    TaskTag tag;
    VmUuid created;  ///< restore: the new VM
};
struct PostLost {
    Error error;
};  ///< the POST was sent; its answer never came, or leaves open what was done
struct TaskSeen {
    TaskReport report;
};  ///< an answer about the task, `absent` included
struct FollowingFailed {
    Error error;
};  ///< gave up asking (task unreadable or standing still for too long)
struct TaskFound {
    TaskTag tag;
    VmUuid created;
};  ///< resolving: this is the job's task
struct TaskOfOther {
    Error error;
};                     ///< following: the tag is that of work on another VM
struct NothingFound {  ///< resolving: no task shows what became of it
    Error error;
    bool traces = false;  ///< its folder, or a VM of the new name, is there and at rest: it may prove itself
    bool gave_up =
        false;  ///< before the cluster had said that it knows of nothing: that speaks neither for nor against
};
struct InspectionPassed {};
struct Committed {};
struct Discarded {};
struct Failed {
    Error error;
};  ///< what was tried in this phase failed for good
struct CancelAsked {};
struct Restarted {};  ///< the daemon was started and finds the job in its journal

using Event =
    std::variant<SlotFree, Prepared, HookDone, Accepted, PostLost, TaskSeen, FollowingFailed, TaskFound, TaskOfOther,
                 NothingFound, InspectionPassed, Committed, Discarded, Failed, CancelAsked, Restarted>;

/// What to do next. `none` = go on with what is being done.
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

/// The whole life of a job. Total: an event that makes no sense in a phase changes nothing.
/// `now` stamps started, posted and finished.
Step step(Job job, Event const& event, UtcTime now);

/// Whether the job occupies one of the cluster's export slots. One whose hook is still to be run keeps its slot until
/// then, as the predecessor's users know it.
bool holds_slot(Job const& job);

}  // namespace sb::core
