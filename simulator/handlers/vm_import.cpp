#include "simulator/api/handlers.hpp"
#include "simulator/handlers/transfer_specs.hpp"
#include "simulator/world/read_vm.hpp"

#include <algorithm>

namespace sb::sim::handlers {
namespace {

/// Only these two parts of a template are known to be used.
struct Wanted {
    std::string uuid;
    std::string name;
    CloudInit cloud_init;
};

void set_boot_devices(Vm& vm, VmDefinition const& definition) {
    std::vector<std::pair<int, std::string>> order;
    for (std::size_t i = 0; i < definition.disks.size(); ++i)
        if (definition.disks[i].boot_order > 0) order.emplace_back(definition.disks[i].boot_order, vm.devices[i].uuid);
    std::sort(order.begin(), order.end());
    vm.boot_devices.clear();
    for (auto const& [position, uuid] : order) vm.boot_devices.push_back(uuid);
}

/// The VM appears with all its disks or not at all.
bool add_imported(Simulator& sim, Wanted const& wanted, Done const& done) {
    if (!done.definition) return false;
    Vm vm = vm_from(*done.definition, sim.world);
    vm.uuid = wanted.uuid;
    if (!wanted.name.empty()) vm.name = wanted.name;
    vm.cloud_init = wanted.cloud_init;
    add_firmware_devices(vm);
    if (!vm.cloud_init.empty()) {
        BlockDevice medium;
        medium.type = "IDE_CDROM";
        medium.name = "cloud-init.iso";
        medium.capacity = 1LL << 20;
        vm.devices.push_back(std::move(medium));
    }
    sim.world.complete(vm, sim.now());
    auto file = done.files.begin();
    for (auto& device : vm.devices) {
        if (!device.is_disk()) continue;
        while (file != done.files.end() && file->raw_file.empty()) ++file;
        if (file == done.files.end()) return false;
        device.capacity = static_cast<std::int64_t>(file->capacity);
        if (!sim.disks.adopt(file->raw_file, device.uuid, device.capacity)) return false;
        ++file;
    }
    set_boot_devices(vm, *done.definition);
    sim.world.vms.push_back(std::move(vm));
    return true;
}

Response start_import(Simulator& sim, Request const& request, Wanted const& wanted, ImportSpec spec) {
    auto task = sim.task_for(request, "import", "Import Virtual Machine %@", wanted.name, wanted.uuid);
    TransferJob job;
    job.tag = sim.tasks.enter(std::move(task));
    auto const folder = sim.disks.incoming("import-" + job.tag);
    spec.target_dir = folder;
    job.spec = std::move(spec);
    job.on_done = [&sim, wanted](Done const& done) { return add_imported(sim, wanted, done); };
    job.on_end = [folder] {
        std::error_code ignored;
        std::filesystem::remove_all(folder, ignored);
    };
    auto const tag = job.tag;
    add_faults(sim, job, "import", wanted.name, wanted.uuid);
    sim.desk.enqueue(std::move(job));
    return result(tag, wanted.uuid);
}

}  // namespace

Response vm_import(Simulator& sim, Request& request) {
    auto place = read_place(sim, request.json["source"]);
    if (!place) return refuse(400, "source.pathURI: " + place.error().context);
    auto const overrides = request.json["template"];
    Wanted wanted{sim.world.random.uuid(), overrides["name"].text(), {}};
    set(wanted.cloud_init.user_data, overrides["cloudInitData"]["userData"]);
    set(wanted.cloud_init.meta_data, overrides["cloudInitData"]["metaData"]);
    ImportSpec spec;
    spec.place = std::move(*place);
    spec.duration_ms = duration_ms(sim, 0);
    if (!sim.behaviour.smb_errors_fail_post) return start_import(sim, request, wanted, std::move(spec));
    ProbeSpec const probe{spec.place, true};
    auto const session = request.session_id;
    auto const accepted = [&sim, session, wanted, spec] {
        Request late;
        late.session_id = session;
        return start_import(sim, late, wanted, spec);
    };
    answer_after_probe(sim, request, probe, accepted);
    return {};
}

}  // namespace sb::sim::handlers
