#pragma once
// A VM that was restored or created again has a new uuid; an administrator can say that it continues an earlier one.
// The copies of the earlier VM then count as the new one's, for retention and for the schedule. Pure; the journal
// stores the text.

#include "common/ids.hpp"
#include "daemon/core/retention.hpp"
#include "daemon/core/vm.hpp"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace sb::core {

class VmLinks {
public:
    /// Parses what `text()` wrote; unreadable lines are skipped.
    static VmLinks from_text(std::string_view text);
    std::string text() const;

    /// The copies of `earlier` count as those of `later`. Without effect if that would make a circle.
    bool add(VmUuid const& earlier, VmUuid const& later);
    /// False if there is no such link.
    bool remove(VmUuid const& earlier);
    /// The VM that continues this one, through any number of links; itself if none does.
    VmUuid const& continued_by(VmUuid const& vm) const;
    bool empty() const { return links_.empty(); }
    bool operator==(VmLinks const&) const = default;

private:
    std::map<VmUuid, VmUuid> links_;  ///< from the earlier to the later one; without circles
};

/// A VM that may continue another one: the cluster no longer has the earlier one, which has copies, and a VM with its
/// name that has none.
struct PossibleLink {
    VmUuid earlier, later;
    std::string name;
    int copies = 0;  ///< of the earlier one
    bool operator==(PossibleLink const&) const = default;
};

/// In the order of their names. Names are compared exactly; a name that several VMs have, or several earlier ones had,
/// says nothing.
std::vector<PossibleLink> possible_links(std::vector<Vm> const& vms, std::vector<Stored> const& backups);

}  // namespace sb::core
