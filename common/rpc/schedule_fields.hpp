#pragma once
// The fields of schedule_methods.hpp; see fields.hpp, which includes this.

#include "common/rpc/schedule_methods.hpp"

namespace sb::rpc {

template <class Visitor>
void fields(Visitor& visit, Like<RunInfo> auto& run) {
    visit.required("id", run.id);
    visit.required("trigger", run.trigger);
    visit.required("state", run.state);
    visit.required("phase", run.phase);
    visit.required("started", run.started);
    visit.required("finished", run.finished);
    visit.required("jobs", run.jobs);
    visit.required("succeeded", run.succeeded);
    visit.required("failed", run.failed);
    visit.required("deleted", run.deleted);
    visit.required("behind", run.behind);
    visit.required("problems", run.problems);
}

template <class Visitor>
void fields(Visitor& visit, Like<QueueEntry> auto& entry) {
    visit.required("vm", entry.vm);
    visit.required("vm_uuid", entry.vm_uuid);
    visit.required("last_backup", entry.last_backup);
    visit.required("age_seconds", entry.age_seconds);
    visit.required("reason", entry.reason);
    visit.optional("due", entry.due);
    visit.optional("behind", entry.behind);
}

template <class Visitor>
void fields(Visitor& visit, Like<VerdictInfo> auto& verdict) {
    visit.required("name", verdict.name);
    visit.required("vm", verdict.vm);
    visit.required("vm_uuid", verdict.vm_uuid);
    visit.required("keep", verdict.keep);
    visit.required("reason", verdict.reason);
}

template <class Visitor>
void fields(Visitor& visit, Like<NightInfo::Served> auto& served) {
    visit.required("vm", served.vm);
    visit.required("starts", served.starts);
    visit.required("ends", served.ends);
}

template <class Visitor>
void fields(Visitor& visit, Like<NightInfo> auto& night) {
    visit.required("opens", night.opens);
    visit.required("closes", night.closes);
    visit.required("served", night.served);
    visit.required("left_over", night.left_over);
    visit.required("deleted", night.deleted);
    visit.required("free_bytes", night.free_bytes);
}

template <class Visitor>
void fields(Visitor& visit, Like<StartRun::Reply> auto& reply) {
    visit.required("run", reply.run);
    visit.required("joined", reply.joined);
}

template <class Visitor>
void fields(Visitor& visit, Like<GetRun::Params> auto& params) {
    visit.optional("run", params.run);
}

template <class Visitor>
void fields(Visitor& visit, Like<GetRun::Reply> auto& reply) {
    visit.required("run", reply.run);
}

template <class Visitor>
void fields(Visitor& visit, Like<ListRuns::Params> auto& params) {
    visit.optional("limit", params.limit);
}

template <class Visitor>
void fields(Visitor& visit, Like<ListRuns::Reply> auto& reply) {
    visit.required("runs", reply.runs);
}

template <class Visitor>
void fields(Visitor& visit, Like<ShowQueue::Reply> auto& reply) {
    visit.required("queue", reply.queue);
}

template <class Visitor>
void fields(Visitor& visit, Like<Why::Params> auto& params) {
    visit.required("vm", params.vm);
}

template <class Visitor>
void fields(Visitor& visit, Like<Why::Reply> auto& reply) {
    visit.required("vm", reply.vm);
    visit.required("vm_uuid", reply.vm_uuid);
    visit.required("sentences", reply.sentences);
}

template <class Visitor>
void fields(Visitor& visit, Like<Forecast::Params> auto& params) {
    visit.optional("days", params.days);
}

template <class Visitor>
void fields(Visitor& visit, Like<Forecast::Reply> auto& reply) {
    visit.required("nights", reply.nights);
    visit.required("disk_full", reply.disk_full);
    visit.required("warnings", reply.warnings);
}

template <class Visitor>
void fields(Visitor& visit, Like<Pause::Params> auto& params) {
    visit.optional("paused", params.paused);
}

template <class Visitor>
void fields(Visitor& visit, Like<Pause::Reply> auto& reply) {
    visit.required("paused", reply.paused);
}

template <class Visitor>
void fields(Visitor& visit, Like<Prune::Params> auto& params) {
    visit.optional("yes", params.yes);
}

template <class Visitor>
void fields(Visitor& visit, Like<Prune::Reply> auto& reply) {
    visit.required("deleted", reply.deleted);
    visit.required("problems", reply.problems);
}

template <class Visitor>
void fields(Visitor& visit, Like<ShowRetention::Reply> auto& reply) {
    visit.required("verdicts", reply.verdicts);
    visit.required("needs_confirmation", reply.needs_confirmation);
}

template <class Visitor>
void fields(Visitor& visit, Like<Protect::Params> auto& params) {
    visit.required("backup", params.backup);
    visit.optional("protected", params.is_protected);
}

template <class Visitor>
void fields(Visitor& visit, Like<Protect::Reply> auto& reply) {
    visit.required("backup", reply.backup);
}

template <class Visitor>
void fields(Visitor& visit, Like<TestMail::Reply> auto& reply) {
    visit.required("recipients", reply.recipients);
}

}  // namespace sb::rpc
