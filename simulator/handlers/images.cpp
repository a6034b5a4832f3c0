#include "simulator/api/handlers.hpp"
#include "simulator/disks/image_size.hpp"
#include "simulator/disks/unpack_image.hpp"
#include "simulator/world/read_vm.hpp"
#include "simulator/world/write.hpp"

#include <algorithm>

namespace sb::sim {
namespace {

/// The disk's content as a raw file, for raw and qcow2 uploads; other formats become empty disks.
std::filesystem::path image_file(Simulator const& sim, std::string const& uuid) {
    return sim.disks.frozen("images", uuid);
}

}  // namespace

UploadPlace begin_upload(Simulator& sim, Request const& request, std::string const& call) {
    UploadPlace place;
    auto const uuid = sim.world.random.uuid();
    auto const fresh_file = [&sim, &uuid] { return (sim.disks.incoming("upload-" + uuid) / uuid).string(); };
    if (request.chunked || !request.content_length) {
        place.refusal = refuse(400, "Content-Length is required");
        return place;
    }
    if (call == "iso_data") {
        place.file = fresh_file();
        return place;
    }
    auto const name = request.query.find("filename");
    auto const size = request.query.find("filesize");
    if (name == request.query.end() || name->second.empty() || size == request.query.end()) {
        place.refusal = refuse(400, "filename and filesize are required");
    } else if (image_format(name->second).empty()) {
        place.refusal = refuse(400, "File type is invalid");
    } else if (size->second != std::to_string(*request.content_length)) {
        place.refusal = refuse(400, "filesize does not match Content-Length");
    } else {
        sim.world.virtual_disks.push_back({uuid, "uploading-" + name->second, 0, 0});
        place.file = fresh_file();
    }
    return place;
}

namespace handlers {

Response disk_list(Simulator& sim, Request& request) {
    auto const each = [](json::Writer& out, VirtualDisk const& disk) { write(out, disk); };
    return listed(request, sim.world.virtual_disks, each);
}

Response disk_upload(Simulator& sim, Request& request) {
    std::filesystem::path const file = request.body_file;
    auto const uuid = file.filename().string();
    auto const name = request.query["filename"];
    auto const format = image_format(name);
    auto* disk = find_by_uuid(sim.world.virtual_disks, uuid);
    if (!disk) return internal_error();  // deleted during the upload
    disk->capacity = image_capacity(file, format);
    disk->allocation = static_cast<std::int64_t>(request.body_bytes);
    std::error_code ignored;
    if (disk->capacity == 0) {
        std::filesystem::remove_all(file.parent_path(), ignored);
        std::erase_if(sim.world.virtual_disks, [&uuid](VirtualDisk const& each) { return each.uuid == uuid; });
        return refuse(400, "File is not a valid " + format + " image");
    }
    disk->name = "converting-" + name;
    auto const capacity = disk->capacity;
    auto const rename = [&sim, uuid, name, file, format, capacity] {
        std::error_code error;
        if (auto* found = find_by_uuid(sim.world.virtual_disks, uuid)) {
            found->name = name;
            std::filesystem::path const raw = file.string() + ".raw";
            if (unpack_image(file, format, raw)) {
                std::filesystem::resize_file(raw, static_cast<std::uintmax_t>(capacity), error);
                (void)sim.disks.keep(raw, "images", uuid);
            }
        }
        std::filesystem::remove_all(file.parent_path(), error);
    };
    sim.timeline.after(sim.behaviour.conversion_time, rename);
    auto task = sim.task_for(request, "upload", "Create virtual disk %@", name, uuid);
    return result(sim.small_task(std::move(task), nullptr), uuid);
}

Response disk_attach(Simulator& sim, Request& request) {
    auto const* disk = find_by_uuid(sim.world.virtual_disks, request.parameters.front());
    if (!disk) return no_such("Virtual disk", request.parameters.front());
    BlockDevice device;
    read_into(device, request.json["template"]);
    auto* vm = sim.world.vm(device.vm_uuid);
    if (!vm) return no_such("Virtual machine", device.vm_uuid);
    device.uuid = sim.world.random.uuid();
    device.capacity = std::max(device.capacity, disk->capacity);
    device.slot = -1;
    auto const uuid = device.uuid;
    if (auto const raw = image_file(sim, disk->uuid); device.is_disk() && std::filesystem::exists(raw)) {
        if (auto cloned = sim.disks.clone(raw, uuid); !cloned) return refuse(500, cloned.error().context);
        if (auto grown = sim.disks.grow(uuid, device.capacity); !grown) return refuse(500, grown.error().context);
    }
    vm->devices.push_back(std::move(device));
    sim.world.complete(*vm, sim.now());
    if (auto made = sim.make_disk_files(*vm, 0); !made) return refuse(500, made.error().context);
    auto task = sim.task_for(request, "device", "Attach virtual disk %@", disk->name, vm->uuid);
    return result(sim.small_task(std::move(task), nullptr), uuid);
}

Response disk_delete(Simulator& sim, Request& request) {
    auto const uuid = request.parameters.front();
    if (!find_by_uuid(sim.world.virtual_disks, uuid)) return no_such("Virtual disk", uuid);
    auto const remove = [&sim, uuid] {
        std::error_code ignored;
        std::filesystem::remove(image_file(sim, uuid), ignored);
        std::erase_if(sim.world.virtual_disks, [&uuid](VirtualDisk const& each) { return each.uuid == uuid; });
    };
    // There is no task to wait for; the disk disappears a little later.
    sim.timeline.after(sim.behaviour.task_time, remove);
    return result("");
}

}  // namespace handlers
}  // namespace sb::sim
