#pragma once
// Which fields each struct of methods.hpp has in JSON: the one list that writing and reading share. Seen by
// codec.cpp alone. `required`: reading fails without it. `optional`: may be absent, and keeps its default then;
// fields that later versions add are optional, so that they can talk to this one.

#include "common/rpc/methods.hpp"

#include <concepts>
#include <type_traits>

namespace sb::rpc {

/// T is Struct or Struct const: one list serves the writer and the reader.
template <class T, class Struct>
concept Like = std::same_as<std::remove_const_t<T>, Struct>;

/// Parameters of methods that have none.
template <class Visitor, class T>
requires std::is_empty_v<T>
void fields(Visitor&, T&) {}

template <class Visitor>
void fields(Visitor& visit, Like<DiskInfo> auto& disk) {
    visit.required("uuid", disk.uuid);
    visit.required("type", disk.type);
    visit.required("capacity_bytes", disk.capacity_bytes);
    visit.required("allocation_bytes", disk.allocation_bytes);
}

template <class Visitor>
void fields(Visitor& visit, Like<VmInfo> auto& vm) {
    visit.required("uuid", vm.uuid);
    visit.required("name", vm.name);
    visit.required("tags", vm.tags);
    visit.required("state", vm.state);
    visit.required("disks", vm.disks);
    visit.required("eligible", vm.eligible);
    visit.optional("reason", vm.reason);
}

template <class Visitor>
void fields(Visitor& visit, Like<VerifiedInfo> auto& verified) {
    visit.required("level", verified.level);
    visit.required("at", verified.at);
}

template <class Visitor>
void fields(Visitor& visit, Like<BackupInfo> auto& backup) {
    visit.required("name", backup.name);
    visit.required("vm", backup.vm);
    visit.required("vm_uuid", backup.vm_uuid);
    visit.required("state", backup.state);
    visit.required("scheduled", backup.scheduled);
    visit.required("protected", backup.is_protected);
    visit.required("started", backup.started);
    visit.required("completed", backup.completed);
    visit.required("size_bytes", backup.size_bytes);
    visit.required("verified", backup.verified);
    visit.optional("problem", backup.problem);
}

template <class Visitor>
void fields(Visitor& visit, Like<JobInfo> auto& job) {
    visit.required("id", job.id);
    visit.required("kind", job.kind);
    visit.required("vm", job.vm);
    visit.required("vm_uuid", job.vm_uuid);
    visit.required("backup", job.backup);
    visit.optional("level", job.level);
    visit.optional("scheduled", job.scheduled);
    visit.required("state", job.state);
    visit.required("phase", job.phase);
    visit.required("percent", job.percent);
    visit.required("task_tag", job.task_tag);
    visit.required("error", job.error);
    visit.optional("error_code", job.error_code);
    visit.optional("warnings", job.warnings);
    visit.optional("cancel_requested", job.cancel_requested);
    visit.optional("expected_bytes", job.expected_bytes);
    visit.required("queued", job.queued);
    visit.required("started", job.started);
    visit.required("finished", job.finished);
}

template <class Visitor>
void fields(Visitor& visit, Like<Version::Reply> auto& reply) {
    visit.required("version", reply.version);
    visit.required("protocol", reply.protocol);
}

template <class Visitor>
void fields(Visitor& visit, Like<Status::Cluster::Node> auto& node) {
    visit.required("host", node.host);
    visit.required("in_use", node.in_use);
    visit.required("answers", node.answers);
    visit.optional("wrong_certificate", node.wrong_certificate);
    visit.optional("problem", node.problem);
}

template <class Visitor>
void fields(Visitor& visit, Like<Status::Cluster> auto& cluster) {
    visit.required("host", cluster.host);
    visit.required("reachable", cluster.reachable);
    visit.required("error", cluster.error);
    visit.optional("nodes", cluster.nodes);
}

template <class Visitor>
void fields(Visitor& visit, Like<Status::Window> auto& window) {
    visit.required("configured", window.configured);
    visit.required("open", window.open);
    visit.required("opens", window.opens);
    visit.required("closes", window.closes);
}

template <class Visitor>
void fields(Visitor& visit, Like<Status::Jobs> auto& jobs) {
    visit.required("queued", jobs.queued);
    visit.required("running", jobs.running);
}

template <class Visitor>
void fields(Visitor& visit, Like<Status::Backups> auto& backups) {
    visit.required("count", backups.count);
    visit.required("size_bytes", backups.size_bytes);
}

template <class Visitor>
void fields(Visitor& visit, Like<Status::Storage> auto& storage) {
    visit.required("path", storage.path);
    visit.required("free_bytes", storage.free_bytes);
    visit.required("total_bytes", storage.total_bytes);
}

template <class Visitor>
void fields(Visitor& visit, Like<RunInfo> auto& run);

template <class Visitor>
void fields(Visitor& visit, Like<Status::Reply> auto& reply) {
    visit.required("version", reply.version);
    visit.required("pid", reply.pid);
    visit.required("uptime_seconds", reply.uptime_seconds);
    visit.required("cluster", reply.cluster);
    visit.required("window", reply.window);
    visit.required("paused", reply.paused);
    visit.required("jobs", reply.jobs);
    visit.required("last_success", reply.last_success);
    visit.optional("last_run", reply.last_run);
    visit.required("behind", reply.behind);
    visit.optional("problems", reply.problems);
    visit.required("backups", reply.backups);
    visit.required("storage", reply.storage);
}

template <class Visitor>
void fields(Visitor& visit, Like<ListVms::Reply> auto& reply) {
    visit.required("vms", reply.vms);
}

template <class Visitor>
void fields(Visitor& visit, Like<ListBackups::Reply> auto& reply) {
    visit.required("backups", reply.backups);
}

template <class Visitor>
void fields(Visitor& visit, Like<ListJobs::Params> auto& params) {
    visit.optional("limit", params.limit);
}

template <class Visitor>
void fields(Visitor& visit, Like<ListJobs::Reply> auto& reply) {
    visit.required("jobs", reply.jobs);
}

template <class Visitor>
void fields(Visitor& visit, Like<StartBackup::Params> auto& params) {
    visit.required("vm", params.vm);
    visit.required("backup", params.backup);
}

template <class Visitor>
void fields(Visitor& visit, Like<StartBackup::Reply> auto& reply) {
    visit.required("job", reply.job);
}

template <class Visitor>
void fields(Visitor& visit, Like<StartRestore::Params> auto& params) {
    visit.required("backup", params.backup);
    visit.required("vm", params.vm);
    visit.optional("force", params.force);
}

template <class Visitor>
void fields(Visitor& visit, Like<StartRestore::Reply> auto& reply) {
    visit.required("job", reply.job);
}

template <class Visitor>
void fields(Visitor& visit, Like<CancelJob::Params> auto& params) {
    visit.required("job", params.job);
}

template <class Visitor>
void fields(Visitor& visit, Like<CancelJob::Reply> auto& reply) {
    visit.required("job", reply.job);
    visit.optional("note", reply.note);
}

template <class Visitor>
void fields(Visitor& visit, Like<SubscribeJobs::Params> auto& params) {
    visit.optional("job", params.job);
}

template <class Visitor>
void fields(Visitor& visit, Like<SubscribeJobs::Reply> auto& reply) {
    visit.required("jobs", reply.jobs);
}

template <class Visitor>
void fields(Visitor& visit, Like<JobChanged::Params> auto& params) {
    visit.required("job", params.job);
}

}  // namespace sb::rpc

#include "common/rpc/doctor_fields.hpp"
#include "common/rpc/disk_fields.hpp"
#include "common/rpc/adopt_fields.hpp"
#include "common/rpc/schedule_fields.hpp"
#include "common/rpc/service_fields.hpp"
#include "common/rpc/verify_fields.hpp"
