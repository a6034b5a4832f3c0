#include "daemon/api/disk_handlers.hpp"

#include "daemon/api/file_content.hpp"
#include "daemon/api/still_wanted.hpp"
#include "daemon/api/to_rpc.hpp"
#include "daemon/api/uploaded_image.hpp"
#include "daemon/api/vms_for.hpp"
#include "daemon/core/disk_image.hpp"
#include "daemon/engine/upload_disk_image.hpp"
#include "daemon/engine/vm_list.hpp"

namespace sb::api {
namespace {

using control::Caller;

task<Result<rpc::ShowDisks::Reply>> show_disks(DiskParts const& parts, rpc::ShowDisks::Params params, Caller caller) {
    // As the cluster has them now: the list that is kept for show-vms may be older. Callers share the request.
    constexpr auto now = engine::VmList::requested_now;
    auto const vms = co_await vms_for(caller.rank, parts.engine, now);
    if (!vms) co_return vms.error();
    auto const vm = engine::find_vm(*vms, params.vm);
    if (!vm) co_return vm.error();
    rpc::ShowDisks::Reply reply;
    reply.vm = vm->name;
    reply.vm_uuid = vm->uuid.text();
    for (auto const& disk : vm->disks) reply.disks.push_back(to_rpc(disk));
    co_return reply;
}

task<Result<rpc::CloneDisk::Reply>> clone_disk(DiskParts const& parts, rpc::CloneDisk::Params params, Caller caller) {
    engine::PinnedDiskPorts const ports(parts.ports);
    auto const vms = co_await ports.get().cluster.list_vms();
    if (!vms) co_return vms.error();
    auto const target = engine::find_vm(*vms, params.vm);
    if (!target) co_return target.error();
    auto const plan = core::plan_disk_clone(*vms, DiskUuid(params.disk), *target);
    if (!plan) co_return plan.error();
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    engine::OperationOptions terms;
    terms.kind = engine::clone_disk_kind;
    terms.text_when_cancelled = "it is unknown whether the disk was cloned; the snapshot expires automatically";
    auto const work = [ports, plan = *plan](std::shared_ptr<engine::Operation> operation) {
        return engine::clone_disk(ports, plan, engine::CloneLimits(), std::move(operation));
    };
    auto const operation = parts.operations.start(std::move(terms), work);
    if (!operation) co_return operation.error();
    rpc::CloneDisk::Reply reply{to_rpc(*operation), plan->owner.name, target->name, target->uuid.text()};
    co_return reply;
}

task<Result<rpc::UploadDiskImage::Reply>> upload_disk_image(DiskParts const& parts, rpc::UploadDiskImage::Params params,
                                                            Caller caller) {
    constexpr std::chrono::seconds abandon_after{60};
    if (auto const good = core::check_disk_image_name(params.name); !good) co_return good.error();
    auto file = caller.take_file();
    if (!file) co_return Error{Errc::invalid_params, "no open file came with the request"};
    auto check = [name = params.name, file] { return check_uploaded_image(name, *file); };
    auto const whole = co_await parts.media_thread.run(std::move(check));
    if (!whole) co_return whole.error();
    auto const content = file_content(std::move(file), parts.media_thread);
    if (!content) co_return while_doing(content.error(), "the file that came with the request");
    engine::PinnedDiskPorts const ports(parts.ports);
    auto const free = co_await engine::check_name_is_free(ports.get().disks, params.name);
    if (!free) co_return free.error();
    if (auto const wanted = still_wanted(caller); !wanted) co_return wanted.error();
    engine::OperationOptions terms;
    terms.kind = engine::upload_disk_image_kind;
    terms.abandon_after = abandon_after;
    terms.user = caller.peer.uid;
    terms.text_when_cancelled = engine::leftover_text(params.name);
    engine::UploadOrder order;
    order.name = params.name;
    order.content = *content;
    order.wait_for_conversion = params.wait;
    auto const work = [ports, order](std::shared_ptr<engine::Operation> operation) {
        return engine::upload_disk_image(ports, order, std::move(operation));
    };
    auto const operation = parts.operations.start(std::move(terms), work);
    if (!operation) co_return operation.error();
    rpc::UploadDiskImage::Reply reply{to_rpc(*operation)};
    co_return reply;
}

task<Result<rpc::GetOperation::Reply>> get(engine::Operations& operations, std::uint64_t id,
                                           std::optional<std::uint32_t> user) {
    auto const operation = operations.get(id, user);
    if (!operation) co_return operation.error();
    rpc::GetOperation::Reply reply{to_rpc(*operation)};
    co_return reply;
}

task<Result<rpc::CancelOperation::Reply>> cancel(engine::Operations& operations, std::uint64_t id) {
    auto const operation = operations.cancel(id);
    if (!operation) co_return operation.error();
    rpc::CancelOperation::Reply reply{to_rpc(*operation)};
    co_return reply;
}

}  // namespace

void register_disk_handlers(control::Server& server, DiskParts const& parts) {
    auto& operations = parts.operations;
    server.on<rpc::ShowDisks>([&parts](rpc::ShowDisks::Params params, Caller caller) {
        return show_disks(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::CloneDisk>([&parts](rpc::CloneDisk::Params params, Caller caller) {
        return clone_disk(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::UploadDiskImage>([&parts](rpc::UploadDiskImage::Params params, Caller caller) {
        return upload_disk_image(parts, std::move(params), std::move(caller));
    });
    server.on<rpc::GetOperation>([&operations](rpc::GetOperation::Params params, Caller caller) {
        return get(operations, params.operation, caller.peer.uid);
    });
    server.on<rpc::CancelOperation>(
        [&operations](rpc::CancelOperation::Params params, Caller) { return cancel(operations, params.operation); });
}

}  // namespace sb::api
