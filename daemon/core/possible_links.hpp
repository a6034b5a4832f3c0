#pragma once
// Which VMs of the cluster may continue one that it no longer has, and what an administrator may say about that. Pure.

#include "common/error.hpp"
#include "daemon/core/retention.hpp"
#include "daemon/core/vm.hpp"
#include "daemon/core/vm_links.hpp"

#include <string>
#include <vector>

namespace sb::core {

/// Notes on a copy which VM continues its own.
void use_link(Stored& stored, VmLinks const& links);

/// A restore that succeeded, or may have.
struct Restored {
    VmUuid vm;              ///< the new VM; empty = only its name is known
    std::string backup;     ///< from which
    bool is_sure = true;    ///< false: the outcome of the restore is not known
    std::string vm_name{};  ///< for an unknown uuid: the only VM with this name
    bool operator==(Restored const&) const = default;
};

/// What is known about the VMs and their copies.
struct LinkFacts {
    std::vector<Vm> vms;  ///< the complete list of the cluster
    std::vector<Stored> backups;
    VmLinks links;                   ///< those in effect
    std::vector<Restored> restored;  ///< the oldest first
};

/// A VM that is gone, has complete copies, and of which nothing was said, with a VM that exists: the one that was
/// restored last from one of the copies, or the only one with its name, unless a copy of that one is older than the
/// newest of the earlier one: then they lived beside each other. Of several that are gone and only had that name
/// the one with the newest copy; where VMs are created again every day, the others are deleted as before. In the order
/// of the earlier VMs' uuids.
std::vector<PossibleLink> possible_links(LinkFacts const& facts);

/// The VM that is gone and has copies of this cluster, by its uuid or by the name that its newest copy has. `refused`
/// if it exists or has copies of another cluster only; `ambiguous_name`; `not_found`.
Result<VmUuid> find_earlier_vm(LinkFacts const& facts, std::string const& name_or_uuid);

/// What its newest copy calls it; empty if it has none. `backups`: all folders, of which those of this cluster count.
std::string name_of_vm(std::vector<Stored> const& backups, VmUuid const& vm);
/// Its complete copies, with those that count as its own.
int count_copies(std::vector<Stored> const& backups, VmUuid const& vm);

}  // namespace sb::core
