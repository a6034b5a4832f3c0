#pragma once
// Since when the cluster has been missing VMs that have copies here. A single answer may lack a VM, for example while
// the cluster boots; only a VM that has been missing for a week counts as deleted, and MaxAge may then delete its last
// copy.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

namespace sb::core {

class MissingVms {
public:
    /// Parses what `text()` wrote; unreadable lines are skipped, so their VMs count as existing for another week.
    static MissingVms from_text(std::string_view text);
    std::string text() const;

    /// An incomplete list: the VMs in it exist; it says nothing about the others.
    void note_present(std::unordered_set<VmUuid> const& seen);
    /// A complete list. VMs with copies here that it lacks are missing from now on, unless they already were; VMs
    /// without copies are not tracked.
    void note_complete_list(std::unordered_set<VmUuid> const& seen, std::unordered_set<VmUuid> const& with_copies,
                            UtcTime now);
    bool is_gone(VmUuid const& vm, UtcTime now) const;

    bool operator==(MissingVms const&) const = default;

private:
    std::map<VmUuid, UtcTime> since_;
};

}  // namespace sb::core
