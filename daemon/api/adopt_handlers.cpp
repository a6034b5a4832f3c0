#include "daemon/api/adopt_handlers.hpp"

#include "common/rpc/adoption.hpp"
#include "daemon/api/to_rpc.hpp"

#include <algorithm>
#include <set>

namespace sb::api {
namespace {

using control::Caller;

task<Result<rpc::ListOldFolders::Reply>> list(engine::Adopter& adopter) {
    auto folders = co_await adopter.list();
    if (!folders) co_return folders.error();
    rpc::ListOldFolders::Reply reply;
    reply.folders = std::move(*folders);
    co_return reply;
}

task<Result<rpc::InspectOldFolder::Reply>> inspect_now(engine::Adopter& adopter, std::string name, StopFlag stop) {
    if (stop.is_set()) co_return Error{Errc::cancelled, "the inspection was stopped"};
    auto const folder = co_await adopter.inspect(std::move(name));
    if (!folder) co_return folder.error();
    rpc::InspectOldFolder::Reply reply;
    reply.folder = to_rpc(*folder);
    co_return reply;
}

task<Result<rpc::InspectOldFolder::Reply>> inspect(AdoptParts const& parts, rpc::InspectOldFolder::Params params,
                                                   Caller caller) {
    auto work = [&parts, name = params.folder](StopFlag stop) { return inspect_now(parts.adopter, name, stop); };
    co_return co_await parts.inspections.run(std::move(params.folder), caller.departure, std::move(work));
}

task<Result<rpc::AdoptFolder::Reply>> adopt(AdoptParts const& parts, rpc::AdoptFolder::Params params) {
    auto const folder = co_await parts.adopter.adopt(std::move(params.folder), params.is_protected);
    if (!folder) co_return folder.error();
    if (folder->adoption.verdict == core::AdoptionVerdict::adopted) {
        parts.scheduler.folders_changed();
        parts.scheduler.check_again();
    }
    rpc::AdoptFolder::Reply reply;
    reply.folder = to_rpc(*folder);
    co_return reply;
}

/// The rules are applied as if each had been accepted: otherwise the first backup that counts would let many go.
void suppose_adopted(std::vector<core::Stored> const& folders, engine::ScheduleSnapshot& snapshot) {
    for (auto const& folder : folders) {
        auto& backups = snapshot.retention.backups;
        std::erase_if(backups, [&](core::Stored const& known) { return known.name == folder.name; });
        backups.push_back(folder);
        backups.back().end_known = true;
        if (folder.scheduled) snapshot.facts.copies.push_back({folder.vm, folder.started, folder.end_known});
    }
}

std::vector<rpc::RetentionInfo> deletions(engine::GatheredFacts const& gathered, core::Zone const& zone) {
    auto const& facts = gathered.snapshot.retention;
    auto infos = to_rpc(facts.backups, core::evaluate_retention(facts, gathered.policy, zone), gathered.policy);
    std::erase_if(infos, [](rpc::RetentionInfo const& info) { return info.keep; });
    return infos;
}

std::vector<std::string> missing_vms(std::vector<core::Stored> const& folders, std::vector<core::Vm> const& vms) {
    std::set<std::string> missing;
    for (auto const& folder : folders)
        if (std::ranges::find(vms, folder.vm, &core::Vm::uuid) == vms.end()) missing.insert(folder.vm_name);
    return {missing.begin(), missing.end()};
}

task<Result<rpc::PreviewAdoption::Reply>> preview(AdoptParts const& parts, rpc::PreviewAdoption::Params params) {
    auto gathered = co_await parts.scheduler.gather();
    if (!gathered) co_return gathered.error();
    auto const folders = parts.adopter.adoptable(params.folders);
    suppose_adopted(folders, gathered->snapshot);
    rpc::PreviewAdoption::Reply reply;
    reply.scheduled = parts.has_schedule();
    reply.deletions = deletions(*gathered, parts.zone);
    if (gathered->snapshot.cluster_error) {
        reply.cluster_error = gathered->snapshot.cluster_error->context;
        co_return reply;
    }
    reply.missing_vms = missing_vms(folders, gathered->snapshot.facts.vms);
    if (reply.scheduled) reply.queue = queue_to_rpc(gathered->snapshot, gathered->settings, parts.zone);
    co_return reply;
}

}  // namespace

void register_adopt_handlers(control::Server& server, AdoptParts const& parts) {
    auto& adopter = parts.adopter;
    server.on<rpc::ListOldFolders>([&adopter](rpc::ListOldFolders::Params, Caller) { return list(adopter); });
    server.on<rpc::InspectOldFolder>([&parts](rpc::InspectOldFolder::Params params, Caller caller) {
        return inspect(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::AdoptFolder>(
        [&parts](rpc::AdoptFolder::Params params, Caller) { return adopt(parts, std::move(params)); });
    server.on<rpc::PreviewAdoption>(
        [&parts](rpc::PreviewAdoption::Params params, Caller) { return preview(parts, std::move(params)); });
}

}  // namespace sb::api
