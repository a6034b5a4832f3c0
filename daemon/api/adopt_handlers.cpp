#include "daemon/api/adopt_handlers.hpp"

#include "common/rpc/codec.hpp"
#include "daemon/api/to_rpc.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_set>

namespace sb::api {
namespace {

using control::Caller;
using control::SharedReply;

task<Result<SharedReply<rpc::ListOldFolders>>> list_now(engine::Adopter& adopter) {
    auto folders = co_await adopter.list();
    if (!folders) co_return folders.error();
    rpc::ListOldFolders::Reply reply;
    reply.folders = std::move(*folders);
    co_return std::make_shared<rpc::ListOldFolders::Reply const>(std::move(reply));
}

task<Result<SharedReply<rpc::ListOldFolders>>> list(AdoptParts const& parts, Caller caller) {
    auto work = [&parts](StopFlag) { return list_now(parts.adopter); };
    std::string whole;
    co_return co_await parts.long_calls.old_folders.run(std::move(whole), caller.departure, std::move(work),
                                                        goes_first(caller));
}

task<Result<SharedReply<rpc::InspectOldFolder>>> inspect_now(engine::Adopter& adopter, std::string name,
                                                             StopFlag stop) {
    if (stop.is_set()) co_return Error{Errc::cancelled, "the inspection was stopped"};
    auto const folder = co_await adopter.inspect(std::move(name));
    if (!folder) co_return folder.error();
    rpc::InspectOldFolder::Reply reply;
    reply.folder = to_rpc(*folder);
    co_return std::make_shared<rpc::InspectOldFolder::Reply const>(std::move(reply));
}

task<Result<SharedReply<rpc::InspectOldFolder>>> inspect(AdoptParts const& parts, rpc::InspectOldFolder::Params params,
                                                         Caller caller) {
    auto work = [&parts, name = params.folder](StopFlag stop) { return inspect_now(parts.adopter, name, stop); };
    co_return co_await parts.long_calls.inspections.run(std::move(params.folder), caller.departure, std::move(work),
                                                        goes_first(caller));
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
    std::map<std::string, core::Stored const*> supposed;
    for (auto const& folder : folders) supposed[folder.name] = &folder;
    auto& backups = snapshot.retention.backups;
    std::erase_if(backups, [&](core::Stored const& known) { return supposed.contains(known.name); });
    for (auto const& [name, folder] : supposed) {
        backups.push_back(*folder);
        backups.back().end_known = true;
        if (folder->scheduled) snapshot.facts.copies.push_back({folder->vm, folder->started, folder->end_known});
    }
}

std::vector<rpc::RetentionInfo> deletions(engine::GatheredFacts const& gathered, core::Zone const& zone) {
    auto const& facts = gathered.snapshot.retention;
    auto infos = to_rpc(facts.backups, core::evaluate_retention(facts, gathered.policy, zone), gathered.policy);
    std::erase_if(infos, [](rpc::RetentionInfo const& info) { return info.keep; });
    return infos;
}

std::vector<std::string> missing_vms(std::vector<core::Stored> const& folders, std::vector<core::Vm> const& vms) {
    std::unordered_set<VmUuid> present;
    for (auto const& vm : vms) present.insert(vm.uuid);
    std::set<std::string> missing;
    for (auto const& folder : folders)
        if (!present.contains(folder.vm)) missing.insert(folder.vm_name);
    return {missing.begin(), missing.end()};
}

rpc::PreviewAdoption::Reply preview_of(engine::GatheredFacts gathered, std::vector<core::Stored> const& folders,
                                       bool has_schedule, core::Zone const& zone) {
    suppose_adopted(folders, gathered.snapshot);
    rpc::PreviewAdoption::Reply reply;
    reply.scheduled = has_schedule;
    reply.deletions = deletions(gathered, zone);
    if (gathered.snapshot.cluster_error) {
        reply.cluster_error = gathered.snapshot.cluster_error->context;
        return reply;
    }
    reply.missing_vms = missing_vms(folders, gathered.snapshot.facts.vms);
    if (reply.scheduled) reply.queue = queue_to_rpc(gathered.snapshot, gathered.settings, zone);
    return reply;
}

task<Result<SharedReply<rpc::PreviewAdoption>>> preview_now(AdoptParts const& parts, std::vector<std::string> names) {
    auto gathered = co_await parts.scheduler.gather();
    if (!gathered) co_return gathered.error();
    auto work = [gathered = std::move(*gathered), folders = parts.adopter.adoptable(names),
                 has_schedule = parts.has_schedule(), zone = parts.zone_now()]() mutable {
        return preview_of(std::move(gathered), folders, has_schedule, *zone);
    };
    co_return co_await reply_on<rpc::PreviewAdoption>(parts.long_calls.list_threads, std::move(work));
}

task<Result<SharedReply<rpc::PreviewAdoption>>> preview(AdoptParts const& parts, rpc::PreviewAdoption::Params params,
                                                        Caller caller) {
    auto key = rpc::encode(params);
    auto work = [&parts, names = std::move(params.folders)](StopFlag) { return preview_now(parts, names); };
    co_return co_await parts.long_calls.adoption_previews.run(std::move(key), caller.departure, std::move(work),
                                                              goes_first(caller));
}

}  // namespace

void register_adopt_handlers(control::Server& server, AdoptParts const& parts) {
    server.on_shared<rpc::ListOldFolders>(
        [&parts](rpc::ListOldFolders::Params, Caller caller) { return list(parts, std::move(caller)); });
    server.on_shared<rpc::InspectOldFolder>([&parts](rpc::InspectOldFolder::Params params, Caller caller) {
        return inspect(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::AdoptFolder>(
        [&parts](rpc::AdoptFolder::Params params, Caller) { return adopt(parts, std::move(params)); });
    server.on_shared<rpc::PreviewAdoption>([&parts](rpc::PreviewAdoption::Params params, Caller caller) {
        return preview(parts, std::move(params), std::move(caller));
    });
}

}  // namespace sb::api
