#pragma once
// The fields of disk_methods.hpp; see fields.hpp, which includes this.

#include "common/rpc/disk_methods.hpp"

namespace sb::rpc {

template <class Visitor>
void fields(Visitor& visit, Like<VmDiskInfo> auto& disk) {
    visit.required("uuid", disk.uuid);
    visit.required("type", disk.type);
    visit.required("slot", disk.slot);
    visit.required("name", disk.name);
    visit.required("capacity_bytes", disk.capacity_bytes);
    visit.required("allocation_bytes", disk.allocation_bytes);
    visit.required("clonable", disk.clonable);
}

template <class Visitor>
void fields(Visitor& visit, Like<ErrandInfo> auto& errand) {
    visit.required("id", errand.id);
    visit.required("kind", errand.kind);
    visit.required("state", errand.state);
    visit.required("phase", errand.phase);
    visit.required("done_bytes", errand.done_bytes);
    visit.required("total_bytes", errand.total_bytes);
    visit.required("created", errand.created);
    visit.required("error", errand.error);
    visit.optional("error_code", errand.error_code);
}

template <class Visitor>
void fields(Visitor& visit, Like<ShowDisks::Params> auto& params) {
    visit.required("vm", params.vm);
}

template <class Visitor>
void fields(Visitor& visit, Like<ShowDisks::Reply> auto& reply) {
    visit.required("vm", reply.vm);
    visit.required("vm_uuid", reply.vm_uuid);
    visit.required("disks", reply.disks);
}

template <class Visitor>
void fields(Visitor& visit, Like<CloneDisk::Params> auto& params) {
    visit.required("disk", params.disk);
    visit.required("vm", params.vm);
}

template <class Visitor>
void fields(Visitor& visit, Like<CloneDisk::Reply> auto& reply) {
    visit.required("errand", reply.errand);
    visit.required("from", reply.from);
    visit.required("vm", reply.vm);
    visit.required("vm_uuid", reply.vm_uuid);
}

template <class Visitor>
void fields(Visitor& visit, Like<UploadMedium::Params> auto& params) {
    visit.required("name", params.name);
    visit.optional("wait", params.wait);
}

template <class Visitor>
void fields(Visitor& visit, Like<UploadMedium::Reply> auto& reply) {
    visit.required("errand", reply.errand);
}

template <class Visitor>
void fields(Visitor& visit, Like<LookAtErrand::Params> auto& params) {
    visit.required("errand", params.errand);
}

template <class Visitor>
void fields(Visitor& visit, Like<LookAtErrand::Reply> auto& reply) {
    visit.required("errand", reply.errand);
}

template <class Visitor>
void fields(Visitor& visit, Like<CancelErrand::Params> auto& params) {
    visit.required("errand", params.errand);
}

template <class Visitor>
void fields(Visitor& visit, Like<CancelErrand::Reply> auto& reply) {
    visit.required("errand", reply.errand);
}

}  // namespace sb::rpc
