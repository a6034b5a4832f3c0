#include "daemon/api/deletion.hpp"

#include "common/text/case_key.hpp"
#include "common/text/shell_word.hpp"
#include "daemon/core/retention.hpp"

#include <algorithm>
#include <cstddef>

namespace sb::api {
namespace {

Error refused(std::string text) { return {Errc::refused, std::move(text)}; }

std::string quoted(std::string const& name) { return "backup '" + name + "'"; }

core::ClusterOrigin origin_of(core::Backup const& backup, core::PresentCluster const& present) {
    return core::origin_of(core::cluster_of(*backup.manifest), present);
}

/// The VM of which it was made, and the one whose copy it is now, which may be the same.
VmUuid const& own_vm(DeletionFacts const& facts) { return facts.backup.manifest->vm_uuid; }
VmUuid const& served_vm(DeletionFacts const& facts) { return facts.links.continued_by(own_vm(facts)); }

bool lists_vm(DeletionFacts const& facts, VmUuid const& vm) {
    return facts.vms && std::ranges::find(*facts.vms, vm, &core::Vm::uuid) != facts.vms->end();
}

/// What a person renamed or copied: by its place in `all`.
bool is_renamed(core::Backup const& backup, std::vector<core::Backup> const& all, core::PresentCluster const& present) {
    std::vector<core::Stored> stored;
    stored.reserve(all.size());
    for (auto const& each : all) stored.push_back(core::stored_of(each, present));
    auto const renamed = core::renamed_by_hand(stored);
    for (std::size_t i = 0; i < all.size(); ++i)
        if (all[i].name == backup.name) return renamed[i];
    return false;
}

/// Why a VM that is not listed may exist; empty = it does not.
std::string why_unknown(DeletionFacts const& facts, VmUuid const& vm) {
    if (!facts.vms) return "the cluster cannot be asked: " + facts.vms.error().context;
    if (facts.vms->empty()) return "the cluster lists no VM at all";
    if (!facts.vms->complete) return "a record in the cluster's list of VMs cannot be read";
    if (vm == served_vm(facts) && !facts.possible_successor.empty()) return facts.possible_successor;
    bool const is_gone = facts.existing && !facts.existing->empty() && !facts.existing->contains(vm);
    return is_gone ? ""
                   : "the cluster does not list it now, but a VM counts as deleted only when 7 lists, spread over 7 "
                     "days, were without it";
}

bool may_exist(DeletionFacts const& facts, VmUuid const& vm) {
    return lists_vm(facts, vm) || !why_unknown(facts, vm).empty();
}

/// The VM that must not be left without a good copy.
VmUuid const& vm_that_needs_it(DeletionFacts const& facts) {
    return may_exist(facts, own_vm(facts)) ? own_vm(facts) : served_vm(facts);
}

Result<void> check_cluster(DeletionOrder const& order, DeletionFacts const& facts) {
    auto const& backup = facts.backup;
    auto const cluster = core::cluster_of(*backup.manifest);
    auto const origin = origin_of(backup, facts.present);
    bool const surely_of_another = origin == core::ClusterOrigin::other;
    if (!surely_of_another && order.cluster.empty()) return boost::system::in_place_value;
    if (origin == core::ClusterOrigin::unknown)
        return refused(quoted(backup.name) + " may be of the configured cluster: it is not known whether that is " +
                       core::cluster_text(cluster) +
                       ". --cluster deletes only what is surely of another one. To delete it, leave --cluster out");
    if (!surely_of_another)
        return refused(quoted(backup.name) + " is of the configured cluster, not of '" + order.cluster +
                       "'. To delete it, leave --cluster out");
    if (order.cluster.empty()) {
        auto const& word = cluster.name.empty() ? (cluster.uuid.empty() ? cluster.host : cluster.uuid) : cluster.name;
        return refused(quoted(backup.name) + " is of another cluster, " + core::cluster_text(cluster) +
                       ". To delete it: " + suggested_command("delete", {backup.name}, {{"cluster", word}}));
    }
    if (is_cluster(cluster, order.cluster)) return boost::system::in_place_value;
    return refused(quoted(backup.name) + " is of the cluster " + core::cluster_text(cluster) + ", not of '" +
                   order.cluster + "'");
}

/// What may be one, but no deletion relies on: such a copy passed a check after the journal was lost.
std::string only_checked_text(DeletionFacts const& facts) {
    for (auto const& other : facts.all) {
        bool const is_its = other.manifest && other.manifest->vm_uuid == own_vm(facts);
        if (is_its && other.is_only_checked && other.name != facts.backup.name)
            return ". Other backups, such as " + quoted(other.name) +
                   ", were only checked after the journal was lost: anyone may have put them there. To say that this "
                   "one is good: " +
                   suggested_command("adopt", {other.name});
    }
    return {};
}

}  // namespace

bool is_cluster(core::ClusterId const& cluster, std::string const& text) {
    auto const wanted = case_key(text);
    auto const is_it = [&](std::string const& one) { return !one.empty() && case_key(one) == wanted; };
    return is_it(cluster.name) || is_it(cluster.uuid) || is_it(cluster.host);
}

std::string why_not_counted(core::Backup const& backup, std::vector<core::Backup> const& all,
                            core::PresentCluster const& present) {
    if (backup.state != core::BackupState::complete || !backup.manifest)
        return "it is " + std::string(core::name_of(backup.state)) +
               (backup.problem.empty() ? "" : ": " + backup.problem);
    if (backup.is_claim) return "the journal does not know it";
    if (is_renamed(backup, all, present))
        return "its folder was renamed or copied by hand: its manifest has the name '" + backup.manifest->backup + "'";
    if (!core::is_end_known(*backup.manifest))
        return "the cluster never reported that its export was complete, and no person accepted it";
    return {};
}

Result<void> check_acceptance(core::Backup backup, std::vector<core::Backup> const& all,
                              core::PresentCluster const& present) {
    if (!backup.manifest) return boost::system::in_place_value;  // the catalog refuses it
    backup.manifest->accepted = backup.manifest->completed;
    auto const why = why_not_counted(backup, all, present);
    if (why.empty()) return boost::system::in_place_value;
    auto const& name = backup.name;
    auto text = quoted(name) + " would not count as a backup of its VM if it was accepted: " + why;
    if (backup.state == core::BackupState::complete)
        text += ". Accept the backup with that name, or, if there is none, give this folder that name first";
    return refused(text);
}

Result<void> check_order(DeletionOrder const& order, DeletionFacts const& facts) {
    auto const& backup = facts.backup;
    if (!backup.manifest)
        return refused(quoted(backup.name) + " is " + std::string(core::name_of(backup.state)) +
                       ": its folder has no manifest, so it may be another program's. If you do not need it, delete "
                       "the folder by hand");
    if (backup.manifest->is_protected)
        return refused(quoted(backup.name) +
                       " is protected. To delete it, first: " + suggested_command("unprotect", {backup.name}));
    return check_cluster(order, facts);
}

bool needs_another_copy(DeletionOrder const& order, DeletionFacts const& facts) {
    if (order.confirmed || !facts.backup.manifest) return false;
    // Which VMs another cluster has is not known; its copies are deleted by naming it.
    auto const origin = origin_of(facts.backup, facts.present);
    if (origin == core::ClusterOrigin::other) return false;
    // It may be the last copy of a VM of either cluster.
    if (origin == core::ClusterOrigin::unknown) return true;
    return may_exist(facts, vm_that_needs_it(facts));
}

std::vector<core::Backup> other_good_copies(DeletionFacts const& facts) {
    std::vector<core::Backup> copies;
    if (!facts.backup.manifest) return copies;
    std::vector<core::Stored> stored;
    stored.reserve(facts.all.size());
    for (auto const& backup : facts.all) stored.push_back(core::stored_of(backup, facts.present));
    auto const renamed = core::renamed_by_hand(stored);
    auto const& vm = vm_that_needs_it(facts);
    for (std::size_t i = 0; i < facts.all.size(); ++i) {
        auto const& backup = facts.all[i];
        if (!backup.manifest) continue;
        auto const& made_of = backup.manifest->vm_uuid;
        bool const is_its = vm == own_vm(facts) ? made_of == vm : facts.links.continued_by(made_of) == vm;
        // A person's copy may share its files with the one to delete.
        bool const good = is_its && backup.state == core::BackupState::complete && backup.name != facts.backup.name &&
                          !backup.is_claim && !backup.is_only_checked && !renamed[i] &&
                          core::is_end_known(*backup.manifest) && stored[i].origin == core::ClusterOrigin::same;
        if (good) copies.push_back(backup);
    }
    std::ranges::stable_sort(copies, std::ranges::greater{},
                             [](core::Backup const& backup) { return backup.manifest->started; });
    return copies;
}

Error last_good_copy(DeletionOrder const& order, DeletionFacts const& facts, std::string const& why) {
    auto const& backup = facts.backup;
    auto const how = ". To delete it anyway: " + suggested_command("delete --yes", {order.backup});
    if (why.empty() && origin_of(backup, facts.present) == core::ClusterOrigin::unknown)
        return refused(quoted(backup.name) + " may be of another cluster, " +
                       core::cluster_text(core::cluster_of(*backup.manifest)) + ", or the last good backup of VM '" +
                       backup.manifest->vm_name + "' of the configured one" + how);
    auto text = quoted(backup.name) + " is the last good backup of VM '" + backup.manifest->vm_name + "'";
    auto const not_counted = why_not_counted(backup, facts.all, facts.present);
    if (!not_counted.empty())
        text = quoted(backup.name) + " does not count as a backup of VM '" + backup.manifest->vm_name + "' (" +
               not_counted + "), but it may be the last one that can be restored: the VM has no other good backup";
    if (!why.empty())
        text = "without " + quoted(backup.name) + " VM '" + backup.manifest->vm_name +
               "' would have no good backup that can be used now: " + why;
    auto const& vm = vm_that_needs_it(facts);
    auto const unknown = why_unknown(facts, vm);
    if (lists_vm(facts, vm)) text += why.empty() && not_counted.empty() ? ", which still exists" : "";
    else if (!unknown.empty()) text += ", and it is not known whether the VM still exists: " + unknown;
    return refused(text + (why.empty() ? only_checked_text(facts) : std::string()) + how);
}

}  // namespace sb::api
