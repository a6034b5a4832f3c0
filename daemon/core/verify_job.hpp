#pragma once
// The state machine of verify jobs (job.hpp has that of exports and imports): it does not use the cluster and holds no
// slot. queued -> inspecting -> reading -> finished; back to queued when it has to pause.

#include "daemon/core/job.hpp"
#include "daemon/core/verification.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sb::core {

struct Turn {};               ///< no other job reads, and reading is allowed
struct StructureVerified {};  ///< definition, disks and tables agree
struct SliceRead {            ///< progress, in bytes of the files
    std::uint64_t position = 0;
    std::uint64_t total = 0;
};
struct ContentVerified {  ///< everything was read and recorded in the manifest
    std::vector<std::string> notes;
};
struct ReadingSuspended {};  ///< the backup window opened or closed: the job continues later
struct Broken {
    Error error;
};

using VerifyEvent = std::variant<Turn, StructureVerified, SliceRead, ContentVerified, ReadingSuspended, Broken,
                                 CancelRequested, Restarted>;

enum class VerifyAction { none, wait_for_turn, inspect, read, finish };

struct VerifyStep {
    Job job;
    VerifyAction next = VerifyAction::none;
};

/// Total: an event that does not apply to a phase changes nothing.
VerifyStep step_verify(Job job, VerifyEvent const& event, UtcTime now);

}  // namespace sb::core
