#pragma once
// The fields of adopt_methods.hpp; see fields.hpp, which includes this.

#include "common/rpc/adopt_methods.hpp"

namespace sb::rpc {

template <class Visitor>
void fields(Visitor& visit, Like<AdoptionInfo> auto& folder) {
    visit.required("name", folder.name);
    visit.required("vm", folder.vm);
    visit.required("vm_uuid", folder.vm_uuid);
    visit.required("scheduled", folder.scheduled);
    visit.required("started", folder.started);
    visit.required("size_bytes", folder.size_bytes);
    visit.required("verdict", folder.verdict);
    visit.optional("reason", folder.reason);
    visit.optional("notes", folder.notes);
}

template <class Visitor>
void fields(Visitor& visit, Like<ListOldFolders::Reply> auto& reply) {
    visit.required("folders", reply.folders);
}

template <class Visitor>
void fields(Visitor& visit, Like<InspectOldFolder::Params> auto& params) {
    visit.required("folder", params.folder);
}

template <class Visitor>
void fields(Visitor& visit, Like<InspectOldFolder::Reply> auto& reply) {
    visit.required("folder", reply.folder);
}

template <class Visitor>
void fields(Visitor& visit, Like<AdoptFolder::Params> auto& params) {
    visit.required("folder", params.folder);
    visit.optional("protected", params.is_protected);
}

template <class Visitor>
void fields(Visitor& visit, Like<AdoptFolder::Reply> auto& reply) {
    visit.required("folder", reply.folder);
}

template <class Visitor>
void fields(Visitor& visit, Like<AdoptionPreview::Params> auto& params) {
    visit.optional("folders", params.folders);
}

template <class Visitor>
void fields(Visitor& visit, Like<AdoptionPreview::Reply> auto& reply) {
    visit.required("scheduled", reply.scheduled);
    visit.required("deletions", reply.deletions);
    visit.required("queue", reply.queue);
    visit.required("gone_vms", reply.gone_vms);
    visit.optional("cluster_error", reply.cluster_error);
}

}  // namespace sb::rpc
