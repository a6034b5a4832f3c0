#include "daemon/api/delete_handlers.hpp"

#include "daemon/api/deletion.hpp"
#include "daemon/api/still_wanted.hpp"
#include "daemon/api/to_rpc.hpp"
#include "daemon/core/possible_links.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <optional>
#include <unordered_set>

namespace sb::api {
namespace {

using control::Caller;
using engine::Leases;

/// Reading a copy takes a while, so not every old one is tried.
constexpr std::size_t most_copies_tried = 3;

Error in_use(std::string const& backup) {
    return {Errc::refused, "backup '" + backup +
                               "' is in use: a restore, a verification, a hook or another deletion has not finished "
                               "with it. 'scale-backupctl jobs' shows which; try again afterwards"};
}

/// Whether anything may be deleted at this moment; as a clean-up, but a person may delete while the clock is in doubt.
task<Result<void>> check_deleting(DeleteParts const& parts) {
    auto const why = co_await parts.engine.objection_to_deleting();
    if (!why.empty()) co_return Error{Errc::refused, "nothing was deleted: " + why};
    co_return boost::system::in_place_value;
}

/// Which VM may continue the backup's; empty = none.
std::string possible_successor(DeletionFacts const& facts, std::vector<core::Restored> restored) {
    if (!facts.vms || !facts.backup.manifest) return {};
    core::LinkFacts known;
    known.vms = *facts.vms;
    known.links = facts.links;
    known.restored = std::move(restored);
    for (auto const& backup : facts.all) {
        known.backups.push_back(core::stored_of(backup, facts.present));
        core::use_link(known.backups.back(), facts.links);
    }
    auto const possible = core::possible_links(known);
    auto const& vm = facts.links.continued_by(facts.backup.manifest->vm_uuid);
    auto const found = std::ranges::find(possible, vm, &core::PossibleLink::earlier);
    return found == possible.end() ? std::string() : core::text_of(*found);
}

/// Which VMs may exist, by the evidence of the clean-up; nothing if it has none.
task<std::optional<std::unordered_set<VmUuid>>> existing_vms(DeleteParts const& parts) {
    auto gathered = co_await parts.scheduler.gather();
    if (gathered) co_return std::move(gathered->snapshot.retention.existing);
    spdlog::warn("it is not known which VMs were deleted: {}", gathered.error().context);
    co_return std::nullopt;
}

/// Reads everything from the disk and the cluster: the caller holds the backup's lease, so that it stays as it is.
/// `may_need_another`: it may be refused for the lack of another copy.
task<Result<DeletionFacts>> deletion_facts(DeleteParts const& parts, std::string name, bool may_need_another) {
    auto const backup = co_await parts.catalog.find(name);
    if (!backup) co_return backup.error();
    auto all = co_await parts.catalog.list();
    if (!all) co_return all.error();
    DeletionFacts facts;
    facts.backup = *backup;
    facts.all = std::move(*all);
    facts.present = parts.engine.identity().present();
    if (may_need_another) facts.existing = co_await existing_vms(parts);
    facts.vms = co_await parts.engine.list_vms();
    auto& linked = parts.scheduler.links();
    std::vector<core::Vm> living;
    if (facts.vms) living = *facts.vms;
    auto links = co_await linked.in_effect(std::move(living), facts.present.uuid);
    if (!links) co_return links.error();
    facts.links = std::move(*links);
    facts.possible_successor = possible_successor(facts, linked.restored());
    co_return facts;
}

/// Another good copy of the VM, which can be read now and stays until the lease ends.
task<Result<Leases::Lease>> hold_another_copy(DeleteParts const& parts, DeletionOrder order, DeletionFacts facts) {
    std::string why;
    auto copies = other_good_copies(facts);
    if (copies.size() > most_copies_tried) copies.resize(most_copies_tried);
    for (auto const& copy : copies) {
        auto lease = parts.engine.leases().share(copy.name);
        if (!lease) {
            why = "'" + copy.name + "' is being deleted";
            continue;
        }
        auto const readable = co_await parts.evidence.check(copy);
        if (readable) co_return std::move(*lease);
        bool const is_changed = readable.error().code == Errc::refused;
        why = "'" + copy.name + (is_changed ? "' is not relied on: " : "' cannot be read: ") + readable.error().context;
    }
    co_return last_good_copy(order, facts, why);
}

std::vector<std::string> entries_of(engine::Trash const& trash, std::string const& backup) {
    std::vector<std::string> entries;
    for (auto const& deleted : trash.entries())
        if (deleted.backup == backup) entries.push_back(deleted.entry);
    return entries;
}

/// Until when the backup that was just deleted can be taken back; nothing if it did not go into the trash.
std::optional<UtcTime> can_undelete(DeleteParts const& parts, std::string const& backup,
                                    std::vector<std::string> const& entries_before) {
    for (auto const& deleted : parts.trash.entries())
        if (deleted.backup == backup && std::ranges::find(entries_before, deleted.entry) == entries_before.end())
            return deleted.deleted + parts.undelete_for();
    return std::nullopt;
}

/// Directly before the deletion: reading another copy may have taken long.
task<Result<void>> check_again(DeleteParts const& parts, core::PresentCluster judged_for, Caller caller) {
    auto const wanted = still_wanted(caller);
    if (!wanted) co_return wanted.error();
    auto const possible = co_await check_deleting(parts);
    if (!possible) co_return possible.error();
    if (parts.engine.identity().present() == judged_for) co_return boost::system::in_place_value;
    co_return Error{Errc::refused, "nothing was deleted: the cluster is another one than a moment ago. Try again"};
}

/// Only --now deletes for good.
task<Result<ports::Removal>> remove(DeleteParts const& parts, core::Backup backup, bool immediately) {
    std::string why = "a person deleted it";
    auto& clean_up = parts.scheduler.clean_up();
    if (immediately) co_return co_await clean_up.remove(std::move(backup), std::move(why), true);
    co_return co_await clean_up.remove_undoably(std::move(backup), std::move(why));
}

task<Result<rpc::DeleteBackup::Reply>> delete_backup(DeleteParts const& parts, rpc::DeleteBackup::Params params,
                                                     Caller caller) {
    auto const possible = co_await check_deleting(parts);
    if (!possible) co_return possible.error();
    auto name = co_await parts.engine.backup_name(std::move(params.backup));
    if (!name) co_return name.error();
    auto const lease = parts.engine.leases().take(*name);
    if (!lease) co_return in_use(*name);
    bool const may_need_another = !params.confirmed && params.cluster.empty();
    auto const facts = co_await deletion_facts(parts, *name, may_need_another);
    if (!facts) co_return facts.error();
    DeletionOrder order;
    order.backup = *name;
    order.confirmed = params.confirmed;
    order.cluster = std::move(params.cluster);
    if (auto const allowed = check_order(order, *facts); !allowed) co_return allowed.error();
    std::optional<Leases::Lease> held;
    if (needs_another_copy(order, *facts)) {
        auto other = co_await hold_another_copy(parts, order, *facts);
        if (!other) co_return other.error();
        held = std::move(*other);
    }
    auto judged_for = facts->present;
    auto const still_possible = co_await check_again(parts, std::move(judged_for), std::move(caller));
    if (!still_possible) co_return still_possible.error();
    auto const entries_before = entries_of(parts.trash, *name);
    auto backup = facts->backup;
    auto const removed = co_await remove(parts, std::move(backup), params.immediately);
    if (!removed) co_return removed.error();
    spdlog::info("backup '{}' was deleted, as requested", *name);
    parts.backups_changed();
    parts.scheduler.check_again();  // its VM may be due now
    rpc::DeleteBackup::Reply reply;
    reply.deleted = *name;
    reply.size_bytes = facts->backup.size_bytes;
    reply.can_undelete = can_undelete(parts, *name, entries_before);
    reply.problem = removed->remains;
    co_return reply;
}

task<Result<rpc::ListDeletedBackups::Reply>> list_deleted(DeleteParts const& parts) {
    rpc::ListDeletedBackups::Reply reply;
    for (auto const& deleted : parts.trash.entries()) reply.backups.push_back(to_rpc(deleted, parts.undelete_for()));
    co_return reply;
}

task<Result<rpc::UndeleteBackup::Reply>> undelete(DeleteParts const& parts, rpc::UndeleteBackup::Params params,
                                                  Caller caller) {
    auto const storage = co_await parts.engine.check_storage();
    if (!storage) co_return storage.error();
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    auto name = co_await parts.trash.undelete(std::move(params.backup));
    if (!name) co_return name.error();
    spdlog::info("backup '{}' was taken back from the trash, and protected", *name);
    parts.backups_changed();
    parts.scheduler.check_again();
    auto const backup = co_await parts.catalog.find(*name);
    if (!backup) co_return backup.error();
    rpc::UndeleteBackup::Reply reply;
    reply.backup = to_rpc(*backup, parts.engine.identity().present());
    co_return reply;
}

task<Result<rpc::AcceptBackup::Reply>> accept(DeleteParts const& parts, rpc::AcceptBackup::Params params,
                                              Caller caller) {
    auto const name = co_await parts.engine.backup_name(std::move(params.backup));
    if (!name) co_return name.error();
    auto const lease = parts.engine.leases().share(*name);
    if (!lease) co_return in_use(*name);
    auto const found = co_await parts.catalog.find(*name);
    if (!found) co_return found.error();
    if (found->state != core::BackupState::complete)
        co_return Error{Errc::refused, "backup '" + *name + "' is " + std::string(core::name_of(found->state)) + ": " +
                                           found->problem + ". Only a complete backup can be accepted"};
    auto const all = co_await parts.catalog.list();
    if (!all) co_return all.error();
    auto const useful = check_acceptance(*found, *all, parts.engine.identity().present());
    if (!useful) co_return useful.error();
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    auto const backup = co_await parts.catalog.accept(*name);
    if (!backup) co_return backup.error();
    spdlog::info("backup '{}' was accepted as complete, as requested", *name);
    parts.backups_changed();
    parts.scheduler.check_again();
    rpc::AcceptBackup::Reply reply;
    reply.backup = to_rpc(*backup, parts.engine.identity().present());
    co_return reply;
}

}  // namespace

void register_delete_handlers(control::Server& server, DeleteParts const& parts) {
    server.on<rpc::DeleteBackup>([&parts](rpc::DeleteBackup::Params params, Caller caller) {
        return delete_backup(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::ListDeletedBackups>(
        [&parts](rpc::ListDeletedBackups::Params, Caller) { return list_deleted(parts); });
    server.on<rpc::UndeleteBackup>([&parts](rpc::UndeleteBackup::Params params, Caller caller) {
        return undelete(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::AcceptBackup>([&parts](rpc::AcceptBackup::Params params, Caller caller) {
        return accept(parts, std::move(params), std::move(caller));
    });
}

}  // namespace sb::api
