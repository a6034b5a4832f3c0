#pragma once
// A delayed PostBackup hook: owed from the moment when its job succeeds until it has run, whatever happens to the
// daemon, the run or the configuration meanwhile.

#include "common/ids.hpp"
#include "common/time.hpp"
#include "daemon/core/job.hpp"

#include <optional>
#include <string>

namespace sb::core {

/// With all that the hook needs: the job's record may be gone by then.
struct OwedHook {
    JobId job = 0;
    std::string vm_name;
    std::string backup;
    UtcTime since;
    bool operator==(OwedHook const&) const = default;
};

/// Nothing if the job owes none, or has not succeeded.
std::optional<OwedHook> owed_hook_of(Job const& job);

}  // namespace sb::core
