#include "daemon/core/restored_vm.hpp"

#include "common/text/size_text.hpp"
#include "daemon/core/text.hpp"

#include <algorithm>
#include <iterator>

namespace sb::core {

bool is_found_by_search(Job const& restore) { return restore.tag.empty() || restore.end == ExportEnd::inferred; }

std::vector<Vm> possibly_made_by(Job const& restore, std::vector<Vm> const& vms) {
    std::vector<Vm> found;
    std::ranges::copy_if(vms, std::back_inserter(found), [&](Vm const& vm) {
        return restore.vm.empty() ? vm.name == restore.vm_name : vm.uuid == restore.vm;
    });
    return found;
}

std::string how_it_differs(DefinedVm const& defined, Vm const& vm) {
    auto const count = [](std::int64_t number, char const* what) { return count_text(number, what); };
    bool const know_cpus = defined.vcpus > 0 && vm.vcpus > 0;
    if (know_cpus && defined.vcpus != vm.vcpus)
        return "it has " + count(vm.vcpus, "CPU") + " instead of " + std::to_string(defined.vcpus);
    bool const know_memory = defined.memory_bytes > 0 && vm.memory_bytes > 0;
    if (know_memory && defined.memory_bytes != vm.memory_bytes)
        return "it has " + size_text(vm.memory_bytes) + " of memory instead of " + size_text(defined.memory_bytes);
    if (defined.nics && vm.nics && *defined.nics != *vm.nics)
        return "it has " + count(static_cast<std::int64_t>(*vm.nics), "network device") + " instead of " +
               std::to_string(*defined.nics);
    // An import that drops it would make each VM another one.
    bool const know_description = !defined.description.empty() && !vm.description.empty();
    if (know_description && defined.description != vm.description) return "it has another description";
    return {};
}

Error not_surely_restored(Job const& restore, std::string const& difference) {
    auto text = "no answer of the cluster named the VM of this restore, and a search found a VM '" + restore.vm_name +
                "': this restore of '" + restore.backup + "' made it, or another import under that name did. ";
    if (difference.empty())
        text +=
            "It fits the backup's definition, but so would any other backup of that VM. Check what is on its "
            "disks before you use it";
    else text += "It differs from the backup: " + difference + ". Do not use it before you know where it comes from";
    return {Errc::outcome_unknown, text + ". If it is not what you need: delete it at the cluster, and restore again"};
}

}  // namespace sb::core
