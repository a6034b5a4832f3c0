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
void fields(Visitor& visit, Like<OperationInfo> auto& operation) {
    visit.required("id", operation.id);
    visit.required("kind", operation.kind);
    visit.required("state", operation.state);
    visit.required("phase", operation.phase);
    visit.required("done_bytes", operation.done_bytes);
    visit.required("total_bytes", operation.total_bytes);
    visit.required("created", operation.created);
    visit.required("error", operation.error);
    visit.optional("error_code", operation.error_code);
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
    visit.required("operation", reply.operation);
    visit.required("from", reply.from);
    visit.required("vm", reply.vm);
    visit.required("vm_uuid", reply.vm_uuid);
}

template <class Visitor>
void fields(Visitor& visit, Like<UploadDiskImage::Params> auto& params) {
    visit.required("name", params.name);
    visit.optional("wait", params.wait);
}

template <class Visitor>
void fields(Visitor& visit, Like<UploadDiskImage::Reply> auto& reply) {
    visit.required("operation", reply.operation);
}

template <class Visitor>
void fields(Visitor& visit, Like<GetOperation::Params> auto& params) {
    visit.required("operation", params.operation);
}

template <class Visitor>
void fields(Visitor& visit, Like<GetOperation::Reply> auto& reply) {
    visit.required("operation", reply.operation);
}

template <class Visitor>
void fields(Visitor& visit, Like<CancelOperation::Params> auto& params) {
    visit.required("operation", params.operation);
}

template <class Visitor>
void fields(Visitor& visit, Like<CancelOperation::Reply> auto& reply) {
    visit.required("operation", reply.operation);
}

}  // namespace sb::rpc
