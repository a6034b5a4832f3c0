#include "daemon/app/adopt_handlers.hpp"

#include "common/rpc/adopt_methods.hpp"
#include "daemon/app/to_rpc.hpp"

#include <algorithm>
#include <set>

namespace sb::app {
static rpc::AdoptionInfo to_rpc(engine::LookedAt const& looked) {
    auto const& manifest = looked.adoption.manifest;
    rpc::AdoptionInfo info;
    info.name = manifest.backup;
    info.vm = manifest.vm_name;
    info.vm_uuid = manifest.vm_uuid.text();
    info.scheduled = manifest.scheduled;
    if (!manifest.vm_uuid.empty()) info.started = manifest.started;
    info.size_bytes = looked.size_bytes;
    info.verdict = core::name_of(looked.adoption.verdict);
    info.reason = looked.adoption.reason;
    info.notes = looked.adoption.notes;
    return info;
}

namespace {

using control::Caller;

task<Result<rpc::ListOldFolders::Reply>> list(engine::Adopter& adopter) {
    auto folders = co_await adopter.list();
    if (!folders) co_return folders.error();
    rpc::ListOldFolders::Reply reply;
    reply.folders = std::move(*folders);
    co_return reply;
}

task<Result<rpc::InspectOldFolder::Reply>> inspect(engine::Adopter& adopter, rpc::InspectOldFolder::Params params) {
    auto const looked = co_await adopter.look(std::move(params.folder));
    if (!looked) co_return looked.error();
    rpc::InspectOldFolder::Reply reply;
    reply.folder = to_rpc(*looked);
    co_return reply;
}

task<Result<rpc::AdoptFolder::Reply>> adopt(AdoptParts const& parts, rpc::AdoptFolder::Params params) {
    auto const looked = co_await parts.adopter.adopt(std::move(params.folder), params.is_protected);
    if (!looked) co_return looked.error();
    if (looked->adoption.verdict == core::AdoptionVerdict::adopted) {
        parts.scheduler.folders_changed();
        parts.scheduler.look_again();
    }
    rpc::AdoptFolder::Reply reply;
    reply.folder = to_rpc(*looked);
    co_return reply;
}

void suppose_adopted(std::vector<core::Stored> const& folders, engine::ScheduleSnapshot& snapshot) {
    for (auto const& folder : folders) {
        auto& backups = snapshot.retention.backups;
        std::erase_if(backups, [&](core::Stored const& known) { return known.name == folder.name; });
        backups.push_back(folder);
        if (folder.scheduled) snapshot.facts.copies.push_back({folder.vm, folder.started});
    }
}

std::vector<rpc::VerdictInfo> deletions(engine::Scheduler::Asked const& asked, core::Zone const& zone) {
    std::vector<rpc::VerdictInfo> found;
    auto const& backups = asked.snapshot.retention.backups;
    auto const verdicts = core::judge(asked.snapshot.retention, asked.policy, zone);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        auto const& verdict = verdicts[i];
        if (verdict.keep) continue;
        found.push_back(
            {verdict.backup, backups[i].vm_name, backups[i].vm.text(), false, core::explain(verdict, asked.policy)});
    }
    return found;
}

std::vector<std::string> gone_vms(std::vector<core::Stored> const& folders, std::vector<core::Vm> const& vms) {
    std::set<std::string> gone;
    for (auto const& folder : folders)
        if (std::ranges::find(vms, folder.vm, &core::Vm::uuid) == vms.end()) gone.insert(folder.vm_name);
    return {gone.begin(), gone.end()};
}

task<Result<rpc::AdoptionPreview::Reply>> preview(AdoptParts const& parts, rpc::AdoptionPreview::Params params) {
    auto asked = co_await parts.scheduler.ask();
    if (!asked) co_return asked.error();
    auto const folders = parts.adopter.adoptable(params.folders);
    suppose_adopted(folders, asked->snapshot);
    rpc::AdoptionPreview::Reply reply;
    reply.scheduled = parts.has_schedule();
    reply.deletions = deletions(*asked, parts.zone);
    if (asked->snapshot.cluster_error) {
        reply.cluster_error = asked->snapshot.cluster_error->context;
        co_return reply;
    }
    reply.gone_vms = gone_vms(folders, asked->snapshot.facts.vms);
    if (reply.scheduled) reply.queue = present_queue(asked->snapshot, asked->settings, parts.zone);
    co_return reply;
}

}  // namespace

void register_adopt_handlers(control::Server& server, AdoptParts const& parts) {
    auto& adopter = parts.adopter;
    server.on<rpc::ListOldFolders>([&adopter](rpc::ListOldFolders::Params, Caller) { return list(adopter); });
    server.on<rpc::InspectOldFolder>(
        [&adopter](rpc::InspectOldFolder::Params params, Caller) { return inspect(adopter, std::move(params)); });
    server.on<rpc::AdoptFolder>(
        [&parts](rpc::AdoptFolder::Params params, Caller) { return adopt(parts, std::move(params)); });
    server.on<rpc::AdoptionPreview>(
        [&parts](rpc::AdoptionPreview::Params params, Caller) { return preview(parts, std::move(params)); });
}

}  // namespace sb::app
