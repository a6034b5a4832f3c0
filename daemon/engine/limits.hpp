#pragma once
// The engine's time limits. Plain numbers, so that tests can shorten them.

#include "common/time.hpp"

#include <chrono>

namespace sb::engine {

struct Limits {
    /// The maximum age of the list of VMs for starting a job.
    Milliseconds vm_list_age = std::chrono::seconds{3};
    /// The maximum age of the list for checking whether a uuid is that of another VM.
    Milliseconds other_vm_list_age = std::chrono::hours{1};
    /// How long to search for a task whose POST got no answer, and how long a folder must be unchanged before it counts
    /// as no longer written. A real cluster answered after 11.7 s and ran the export anyway; the cluster may also start
    /// it after our time limit.
    Milliseconds resolving = std::chrono::minutes{3};
    /// A job whose task makes no progress for this long leaves its slot; the task is followed until it ends.
    Milliseconds stalled = std::chrono::hours{6};
    /// If no export of ours runs, and one has been QUEUED at the cluster for this long, that is a condition.
    Milliseconds not_started = std::chrono::minutes{10};
    /// How long what a task has made must be unchanged before it can show the outcome of a task whose tag expired.
    Milliseconds proof = std::chrono::seconds{15};
    /// A task in an unexpected state (UNINITIALIZED or unknown) for this long is abandoned.
    Milliseconds unexpected_state = std::chrono::minutes{10};
    /// A task is abandoned if the cluster cannot be asked for this long. An upgrade of a single node takes half an
    /// hour.
    Milliseconds cluster_unreachable = std::chrono::hours{12};
    /// Exported files must appear in LocalPath within this time (a mounted share may lag).
    Milliseconds share_delay = std::chrono::seconds{20};
};

}  // namespace sb::engine
