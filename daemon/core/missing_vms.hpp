#pragma once
// Since when the cluster has been without VMs that have copies here. One answer may lack a VM, from a cluster that is
// just booting for instance; only one that nobody has seen for a week is gone, and its last copy may go by its age.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <map>
#include <string>
#include <string_view>
#include <unordered_set>

namespace sb::core {

class MissingVms {
public:
    /// What `text()` wrote; lines that cannot be read are left out, so their VMs count as existing for another week.
    static MissingVms from_text(std::string_view text);
    std::string text() const;

    /// The VMs of a list from which something was left out: who is in it is there, of the others it tells nothing.
    void note_sight(std::unordered_set<VmUuid> const& seen);
    /// A whole list. Those with copies here that it lacks are absent from now on, if they were not before; of VMs
    /// without copies nothing is kept.
    void note_all(std::unordered_set<VmUuid> const& seen, std::unordered_set<VmUuid> const& with_copies, UtcTime now);
    bool is_gone(VmUuid const& vm, UtcTime now) const;

    bool operator==(MissingVms const&) const = default;

private:
    std::map<VmUuid, UtcTime> since_;
};

}  // namespace sb::core
