#pragma once
// A VM that was restored or created again has a new uuid; an administrator can say that it continues an earlier one.
// The copies of the earlier VM then count as the later one's, for retention and for the schedule. Pure.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <map>
#include <string>
#include <unordered_set>
#include <vector>

namespace sb::core {

/// What the administrator said of a VM that is gone; the journal stores exactly this.
struct VmLink {
    VmUuid earlier;
    VmUuid later;              ///< the VM that continues it; empty = none does: it is only deleted
    std::string cluster_uuid;  ///< at which both are; empty = the cluster did not tell it
    UtcTime since;
    std::string earlier_name{};  ///< what its newest copy called it then: it can be named when its copies are gone
    bool operator==(VmLink const&) const = default;
};

class VmLinks {
public:
    VmLinks() = default;
    /// Leaves out what add() refuses.
    explicit VmLinks(std::vector<VmLink> const& links);

    /// Replaces what was said of the same earlier VM. False, and without effect, if it has no earlier VM or would make
    /// a circle.
    bool add(VmLink link);
    /// False if nothing was said of this VM.
    bool remove(VmUuid const& earlier);

    /// The VM that continues this one, through any number of links; itself if none does.
    VmUuid const& continued_by(VmUuid const& vm) const;
    /// Whether the administrator said that no VM continues this one.
    bool is_separate(VmUuid const& vm) const;
    /// Null if nothing was said of this VM.
    VmLink const* find(VmUuid const& earlier) const;
    /// In the order of the earlier VMs' uuids.
    std::vector<VmLink> all() const;
    bool empty() const { return links_.empty(); }

    /// Those that count: of this cluster (an unknown one may be any), and whose earlier VM is not one of `living`. A VM
    /// that the cluster has again needs its copies for itself.
    VmLinks in_effect(std::unordered_set<VmUuid> const& living, std::string const& cluster_uuid) const;

    bool operator==(VmLinks const&) const = default;

private:
    bool leads_to(VmUuid const& from, VmUuid const& to) const;

    std::map<VmUuid, VmLink> links_;  ///< by the earlier VM; without circles
};

/// A VM of the cluster that may continue one that the cluster no longer has.
struct PossibleLink {
    VmUuid earlier, later;
    std::string earlier_name, later_name;
    int copies = 0;            ///< complete ones of the earlier VM
    bool is_restored = false;  ///< it was restored from one of them, or may have been; otherwise it only has the name
    bool is_sure = true;       ///< that it was restored
    bool operator==(PossibleLink const&) const = default;
};

/// For people: "VM 'web1' (uuid …), which the cluster no longer has, has 3 backups here, and VM 'web2' was restored
/// from one of them".
std::string text_of(PossibleLink const& possible);
/// What to do about it, with the commands.
std::string how_to_link(PossibleLink const& possible);

}  // namespace sb::core
