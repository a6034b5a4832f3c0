#include "simulator/api/handlers.hpp"
#include "simulator/handlers/transfer_specs.hpp"
#include "simulator/world/read_vm.hpp"

namespace sb::sim::handlers {
namespace {

/// What is exported: the current VM, or a snapshot of it.
struct Subject {
    Vm vm;
    std::string snapshot;  ///< "" = the current state
};

std::uint64_t exported_size(Simulator const& sim, BlockDevice const& device) {
    static constexpr std::uint64_t mib = 1U << 20U;
    auto const capacity = static_cast<std::uint64_t>(device.capacity);
    return sim.behaviour.round_images_to_mib ? (capacity + mib - 1) / mib * mib : capacity;
}

/// The worker reads files that no longer change, whatever the guest, a retention or a deletion does meanwhile.
Result<std::vector<ExportDisk>> freeze_disks(Simulator& sim, Subject const& subject, std::string const& group) {
    std::vector<ExportDisk> disks;
    for (auto const& device : subject.vm.devices) {
        if (!device.is_disk()) continue;
        auto const from =
            subject.snapshot.empty() ? sim.disks.disk(device.uuid) : sim.disks.frozen(subject.snapshot, device.uuid);
        if (auto kept = sim.disks.keep(from, group, device.uuid); !kept) return kept.error();
        disks.push_back({sim.disks.frozen(group, device.uuid), device.uuid + ".qcow2", exported_size(sim, device)});
    }
    return disks;
}

Response start_export(Simulator& sim, Request const& request, Subject const& subject, ExportSpec spec) {
    auto const& vm = subject.vm;
    auto task = sim.task_for(request, "export", "Export Virtual Machine %@", vm.name, vm.uuid);
    if (!vm.node_uuid.empty()) task.nodes = {vm.node_uuid};
    TransferJob job;
    job.tag = sim.tasks.enter(std::move(task));
    auto const group = "export-" + job.tag;
    auto disks = freeze_disks(sim, subject, group);
    if (!disks) {
        sim.tasks.fail(job.tag, disks.error().context, {});
        return result(job.tag);
    }
    spec.disks = std::move(*disks);
    job.spec = std::move(spec);
    job.on_end = [&sim, group] { sim.disks.release(group); };
    auto const tag = job.tag;
    add_faults(sim, job, "export", vm.name, vm.uuid);
    sim.desk.enqueue(std::move(job));
    return result(tag);
}

}  // namespace

Response vm_export(Simulator& sim, Request& request) {
    auto const* vm = sim.world.vm(request.parameters.front());
    if (!vm) return no_such("Virtual machine", request.parameters.front());
    auto const target = request.json["target"];
    auto place = read_place(sim, target);
    if (!place) return refuse(400, "target.pathURI: " + place.error().context);
    auto const format = target["format"].text();
    if (!format.empty() && format != "qcow2") return refuse(400, "target.format: unsupported format " + format);

    Subject subject{*vm, request.json["snapUUID"].text()};
    if (!subject.snapshot.empty()) {
        auto const* snapshot = sim.world.snapshot(subject.snapshot);
        if (!snapshot || snapshot->vm_uuid != vm->uuid) return no_such("Snapshot", subject.snapshot);
        subject.vm = snapshot->domain;
    } else if (sim.behaviour.changing) {
        if (auto written = sim.mutate(*vm, sim.behaviour.changing_share); !written)
            return refuse(500, written.error().context);
    }
    ExportSpec spec;
    spec.place = std::move(*place);
    Vm described = subject.vm;
    read_into(described, request.json["template"]);
    spec.definition = definition_of(described);
    spec.compress = target["compress"].boolean().value_or(false);
    spec.compat = target["compat"].text();
    std::int64_t bytes = 0;
    for (auto const& device : subject.vm.devices)
        if (device.is_disk()) bytes += device.capacity;
    spec.duration_ms = duration_ms(sim, bytes);

    if (!sim.behaviour.smb_errors_fail_post) return start_export(sim, request, subject, std::move(spec));
    ProbeSpec const probe{spec.place, false};
    auto const session = request.session_id;
    auto const accepted = [&sim, session, subject, spec] {
        Request late;
        late.session_id = session;
        return start_export(sim, late, subject, spec);
    };
    answer_after_probe(sim, request, probe, accepted);
    return {};
}

}  // namespace sb::sim::handlers
