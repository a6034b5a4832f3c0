#include "daemon/app/disk_handlers.hpp"

#include "daemon/app/file_content.hpp"
#include "daemon/core/medium.hpp"
#include "daemon/engine/upload_medium.hpp"
#include "daemon/engine/vm_list.hpp"

#include <array>

namespace sb::app {
namespace {

using control::Caller;

rpc::ErrandInfo present(engine::Errand const& errand) {
    constexpr std::array states{"running", "succeeded", "failed", "cancelled"};
    rpc::ErrandInfo info;
    info.id = errand.id;
    info.kind = errand.kind;
    info.state = states.at(static_cast<std::size_t>(errand.state));
    info.phase = errand.phase;
    info.done_bytes = errand.done_bytes;
    info.total_bytes = errand.total_bytes;
    info.created = errand.created;
    if (errand.error) {
        info.error = errand.error->context;
        info.error_code = name_of(errand.error->code);
    }
    return info;
}

rpc::VmDiskInfo present(core::Disk const& disk) {
    bool const clonable = core::is_exported(disk) && !disk.without_snapshots;
    return {disk.uuid.text(), disk.type, disk.slot, disk.name, disk.capacity_bytes, disk.allocation_bytes, clonable};
}

/// As the cluster has them now, not as the list that is kept for show-vms has them.
task<Result<core::Vm>> present_vm(DiskParts const& parts, std::string name_or_uuid) {
    auto const vms = co_await parts.ports.cluster.list_vms();
    if (!vms) co_return vms.error();
    co_return engine::find_vm(*vms, name_or_uuid);
}

task<Result<rpc::ShowDisks::Reply>> show_disks(DiskParts const& parts, rpc::ShowDisks::Params params) {
    auto const vm = co_await present_vm(parts, std::move(params.vm));
    if (!vm) co_return vm.error();
    rpc::ShowDisks::Reply reply;
    reply.vm = vm->name;
    reply.vm_uuid = vm->uuid.text();
    for (auto const& disk : vm->disks) reply.disks.push_back(present(disk));
    co_return reply;
}

task<Result<rpc::CloneDisk::Reply>> clone_disk(DiskParts const& parts, rpc::CloneDisk::Params params) {
    auto const vms = co_await parts.ports.cluster.list_vms();
    if (!vms) co_return vms.error();
    auto const target = engine::find_vm(*vms, params.vm);
    if (!target) co_return target.error();
    auto const plan = core::plan_disk_clone(*vms, DiskUuid(params.disk), *target);
    if (!plan) co_return plan.error();
    engine::ErrandTerms terms;
    terms.kind = engine::clone_disk_kind;
    terms.words_when_cancelled = "whether the disk was cloned is not known; the snapshot removes itself";
    auto const work = [ports = parts.ports, plan = *plan](std::shared_ptr<engine::Errand> errand) {
        return engine::clone_disk(ports, plan, engine::CloneLimits(), std::move(errand));
    };
    auto const errand = parts.errands.start(std::move(terms), work);
    if (!errand) co_return errand.error();
    rpc::CloneDisk::Reply reply{present(*errand), plan->owner.name, target->name, target->uuid.text()};
    co_return reply;
}

task<Result<rpc::UploadMedium::Reply>> upload_medium(DiskParts const& parts, rpc::UploadMedium::Params params,
                                                     std::shared_ptr<ipc::OpenFile> file) {
    constexpr std::chrono::seconds patience{60};
    if (auto const good = core::check_medium_name(params.name); !good) co_return good.error();
    if (!file) co_return Error{Errc::invalid_params, "no open file came with the request"};
    auto const content = file_content(std::move(file), parts.media_thread);
    if (!content) co_return while_doing(content.error(), "the file that came with the request");
    auto const free = co_await engine::check_name_is_free(parts.ports.disks, params.name);
    if (!free) co_return free.error();
    engine::ErrandTerms terms;
    terms.kind = engine::upload_medium_kind;
    terms.patience = patience;
    terms.words_when_cancelled = engine::leftover_words(params.name);
    engine::UploadOrder order;
    order.name = params.name;
    order.content = *content;
    order.wait_for_conversion = params.wait;
    auto const work = [ports = parts.ports, order](std::shared_ptr<engine::Errand> errand) {
        return engine::upload_medium(ports, order, std::move(errand));
    };
    auto const errand = parts.errands.start(std::move(terms), work);
    if (!errand) co_return errand.error();
    rpc::UploadMedium::Reply reply{present(*errand)};
    co_return reply;
}

task<Result<rpc::LookAtErrand::Reply>> look(engine::Errands& errands, std::uint64_t id) {
    auto const errand = errands.look(id);
    if (!errand) co_return errand.error();
    rpc::LookAtErrand::Reply reply{present(*errand)};
    co_return reply;
}

task<Result<rpc::CancelErrand::Reply>> cancel(engine::Errands& errands, std::uint64_t id) {
    auto const errand = errands.cancel(id);
    if (!errand) co_return errand.error();
    rpc::CancelErrand::Reply reply{present(*errand)};
    co_return reply;
}

}  // namespace

void register_disk_handlers(control::Server& server, DiskParts const& parts) {
    auto& errands = parts.errands;
    server.on<rpc::ShowDisks>([&parts](rpc::ShowDisks::Params params, Caller) { return show_disks(parts, std::move(params)); });
    server.on<rpc::CloneDisk>([&parts](rpc::CloneDisk::Params params, Caller) { return clone_disk(parts, std::move(params)); });
    server.on<rpc::UploadMedium>([&parts](rpc::UploadMedium::Params params, Caller caller) {
        return upload_medium(parts, std::move(params), caller.take_file());
    });
    server.on<rpc::LookAtErrand>([&errands](rpc::LookAtErrand::Params params, Caller) { return look(errands, params.errand); });
    server.on<rpc::CancelErrand>([&errands](rpc::CancelErrand::Params params, Caller) { return cancel(errands, params.errand); });
}

}  // namespace sb::app
