#pragma once
// A VM that a restore may have made, when no answer of the cluster named it: a search finds it by its name, which
// another program's import may have, too. Comparing it with the backup's definition can show that it is another one,
// never that it is this one: all backups of a VM have much the same definition. Pure.

#include "daemon/core/job.hpp"
#include "daemon/core/vm.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::core {

/// What a backup's definition says about its VM and an import keeps.
struct DefinedVm {
    int vcpus = 0;                   ///< 0 = not stated
    std::uint64_t memory_bytes = 0;  ///< 0 = not stated
    std::string description;
    std::optional<std::size_t> nics;  ///< how many; empty = nothing is known of the definition
    bool operator==(DefinedVm const&) const = default;
};

/// Whether only a search found the restore's task or VM, so that both may be another program's.
bool is_found_by_search(Job const& restore);

/// The VMs that the restore may have made: the one with its uuid, or all with its name while no uuid is known.
std::vector<Vm> possibly_made_by(Job const& restore, std::vector<Vm> const& vms);

/// How the VM differs from the definition, "it has 4 CPUs instead of 2"; empty if it does not, or that is not known.
std::string how_it_differs(DefinedVm const& defined, Vm const& vm);

/// The outcome of a restore whose VM only a search found, for people: both possibilities, and what to do.
/// `difference`: from its backup; may be empty.
Error not_surely_restored(Job const& restore, std::string const& difference);

}  // namespace sb::core
