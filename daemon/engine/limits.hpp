#pragma once
// How long the engine waits for what. Plain numbers, so that tests can shorten them.

#include "common/time.hpp"

#include <chrono>

namespace sb::engine {

struct Limits {
    /// A list of VMs this old is still good for starting a job.
    Milliseconds vm_list_age = std::chrono::seconds{3};
    /// One this old is good enough for telling whether a uuid is that of another VM.
    Milliseconds other_vm_list_age = std::chrono::hours{1};
    /// How long to look for a task whose POST got no answer, and how long a folder must not have changed before
    /// it is believed that nobody writes to it. A real cluster answered after 11.7 s and ran
    /// the export all the same; the cluster may also begin later than our own time limit.
    Milliseconds resolving = std::chrono::minutes{3};
    /// A task that shows no change for so long is given up: nothing tells whether it will ever end.
    Milliseconds standstill = std::chrono::hours{6};
    /// A state that is no state (UNINITIALIZED, or a word that we do not know) for so long.
    Milliseconds strange_state = std::chrono::minutes{10};
    /// The cluster cannot be asked for so long. An upgrade of a single node takes half an hour.
    Milliseconds cluster_unreachable = std::chrono::hours{12};
    /// What the cluster wrote must show in LocalPath within this time (a mounted share may lag).
    Milliseconds share_delay = std::chrono::seconds{20};
};

}  // namespace sb::engine
