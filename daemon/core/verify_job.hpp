#pragma once
// The life of a verify job as a value machine, beside that of exports and imports (job.hpp): it asks nothing of the
// cluster and holds no slot. queued -> inspecting -> reading -> finished, back to queued when it has to pause.

#include "daemon/core/job.hpp"
#include "daemon/core/verification.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace sb::core {

struct Turn {};           ///< nobody else reads, and it is allowed
struct StructureHeld {};  ///< definition, disks and tables agree
struct SliceRead {        ///< so far, in bytes of the files
    std::uint64_t position = 0;
    std::uint64_t total = 0;
};
struct ContentHeld {  ///< all was read, and noted in the manifest
    std::vector<std::string> notes;
};
struct ReadingForbidden {};  ///< the backup window opened, or closed: to be continued
struct Broken {
    Error error;
};

using VerifyEvent =
    std::variant<Turn, StructureHeld, SliceRead, ContentHeld, ReadingForbidden, Broken, CancelAsked, Restarted>;

enum class VerifyAction { none, wait_for_turn, inspect, read, finish };

struct VerifyStep {
    Job job;
    VerifyAction next = VerifyAction::none;
};

/// Total: an event that makes no sense in a phase changes nothing.
VerifyStep step_verify(Job job, VerifyEvent const& event, UtcTime now);

}  // namespace sb::core
