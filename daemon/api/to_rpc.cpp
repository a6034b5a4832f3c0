#include "daemon/api/to_rpc.hpp"

#include <algorithm>
#include <array>

namespace sb::api {
namespace {

std::string state_of(core::Job const& job) {
    if (job.phase == core::Phase::finished) return std::string(core::name_of(job.outcome));
    return job.phase == core::Phase::queued ? "queued" : "running";
}

}  // namespace

rpc::VmInfo to_rpc(core::Vm const& vm, std::optional<std::string> const& tag) {
    rpc::VmInfo info;
    info.uuid = vm.uuid.text();
    info.name = vm.name;
    info.tags = vm.tags;
    info.state = vm.state;
    for (auto const& disk : vm.disks)
        info.disks.push_back({disk.uuid.text(), disk.type, disk.capacity_bytes, disk.allocation_bytes});
    info.reason = core::why_not_eligible(vm);
    if (info.reason.empty() && tag && !core::has_tag(vm, *tag))
        info.reason = "it does not have the schedule's tag '" + *tag + "'";
    info.eligible = info.reason.empty();
    return info;
}

rpc::VmDiskInfo to_rpc(core::Disk const& disk) {
    bool const clonable = core::is_exported(disk) && !disk.without_snapshots;
    return {disk.uuid.text(), disk.type, disk.slot, disk.name, disk.capacity_bytes, disk.allocation_bytes, clonable};
}

rpc::BackupInfo to_rpc(core::Backup const& backup, core::PresentCluster const& present,
                       std::vector<core::Job> const& unfinished) {
    rpc::BackupInfo info;
    info.name = backup.name;
    info.folder = backup.folder;
    info.state = core::name_of(backup.state);
    info.size_bytes = backup.size_bytes;
    info.problem = backup.problem;
    info.unanswered = backup.is_unanswered;
    info.known = !backup.is_claim;
    if (backup.manifest) {
        auto const& manifest = *backup.manifest;
        info.vm = manifest.vm_name;
        info.vm_uuid = manifest.vm_uuid.text();
        info.scheduled = manifest.scheduled;
        info.is_protected = manifest.is_protected;
        info.started = manifest.started;
        info.completed = manifest.completed;
        if (manifest.verified) info.verified = rpc::VerifiedInfo{manifest.verified->level, manifest.verified->at};
        info.end_known = backup.state != core::BackupState::complete || core::is_end_known(manifest);
        auto const cluster = core::cluster_of(manifest);
        info.cluster = cluster.name;
        info.cluster_uuid = cluster.uuid;
        info.cluster_host = cluster.host;
        auto const origin = core::origin_of(cluster, present);
        info.other_cluster = origin != core::ClusterOrigin::same;
        info.cluster_uncertain = origin == core::ClusterOrigin::unknown;
    } else if (backup.state == core::BackupState::exporting) {
        auto const writer = std::ranges::find_if(unfinished, [&](core::Job const& job) {
            return job.kind == core::JobKind::backup && core::folder_of(job) == backup.folder;
        });
        if (writer == unfinished.end()) return info;
        info.vm = writer->vm_name;
        info.vm_uuid = writer->vm.text();
        info.scheduled = writer->scheduled;
        info.started = writer->posted;
    }
    return info;
}

rpc::DeletedInfo to_rpc(core::DeletedBackup const& deleted, Milliseconds undelete_for) {
    rpc::DeletedInfo info;
    info.name = deleted.backup;
    info.entry = deleted.entry;
    info.vm = deleted.vm_name;
    info.vm_uuid = deleted.vm.text();
    info.size_bytes = deleted.size_bytes;
    info.deleted = deleted.deleted;
    info.expires = deleted.deleted + undelete_for;
    info.reason = deleted.why;
    return info;
}

rpc::JobInfo to_rpc(core::Job const& job) {
    rpc::JobInfo info;
    info.id = job.id;
    info.kind = core::name_of(job.kind);
    info.vm = job.vm_name;
    info.vm_uuid = job.vm.text();
    info.backup = job.backup;
    bool const has_folder = job.kind == core::JobKind::backup && (!job.attempt.empty() || job.posted);
    if (has_folder) info.folder = core::folder_of(job);
    info.level = job.level;
    info.scheduled = job.scheduled;
    info.warnings = job.warnings;
    info.state = state_of(job);
    info.phase = core::name_of(job.phase);
    // There is no percentage before the cluster has started the task.
    bool const has_percent = !job.tag.empty() || job.kind == core::JobKind::verify;
    if (has_percent) info.percent = job.percent;
    info.task_tag = job.tag.text();
    if (job.error) {
        info.error = job.error->context;
        info.error_code = name_of(job.error->code);
    } else if (job.outcome == core::Outcome::cancelled) {
        info.error_code = name_of(Errc::cancelled);
    }
    info.cancel_requested = job.cancel_requested;
    info.expected_bytes = job.expected_bytes;
    info.queued = job.queued;
    info.started = job.started;
    info.finished = job.finished;
    return info;
}

rpc::Status::Condition to_rpc(core::Condition const& condition) {
    auto const& kind = core::info_of(condition.kind);
    rpc::Status::Condition info;
    info.kind = kind.name;
    info.subject = condition.subject;
    info.severity = core::name_of(kind.severity);
    info.since = condition.since;
    info.confirmed = condition.confirmed;
    info.summary = kind.summary;
    info.reason = condition.reason;
    info.remedy = kind.remedy;
    return info;
}

std::vector<rpc::Status::Node> to_rpc(std::vector<ports::NodeReport> const& nodes) {
    std::vector<rpc::Status::Node> infos;
    for (auto const& node : nodes)
        infos.push_back({node.host, node.in_use, node.answers, node.wrong_certificate, node.problem});
    return infos;
}

rpc::RunInfo to_rpc(core::Run const& run) {
    rpc::RunInfo info;
    info.id = run.id;
    info.trigger = core::name_of(run.trigger);
    info.state = run.phase == core::RunPhase::finished ? "finished" : "running";
    info.phase = core::name_of(run.phase);
    info.started = run.started;
    info.finished = run.finished;
    info.jobs = run.jobs;
    info.succeeded = run.succeeded;
    info.failed = run.failed;
    info.deleted = run.deleted;
    info.behind = run.behind;
    info.problems = run.problems;
    info.not_reached = run.not_reached;
    return info;
}

rpc::Forecast::Reply to_rpc(core::Forecast const& forecast, bool paused) {
    rpc::Forecast::Reply reply;
    std::size_t too_short = 0;
    for (auto const& night : forecast.nights) {
        rpc::NightInfo info;
        info.opens = night.opens;
        info.closes = night.closes;
        for (auto const& backup : night.backed_up) info.backed_up.push_back({backup.name, backup.starts, backup.ends});
        for (auto const& skipped : night.not_reached) info.not_reached.push_back(skipped.name);
        for (auto const& deleted : night.deleted) info.deleted.push_back(deleted.backup);
        info.free_bytes = night.free_bytes;
        if (!night.long_enough()) ++too_short;
        reply.nights.push_back(std::move(info));
    }
    reply.disk_full_at = forecast.disk_full_at;
    if (paused)
        reply.warnings.push_back("scheduled backups are paused: none of this happens before 'scale-backupctl resume'");
    if (too_short > 0)
        reply.warnings.push_back("the window is too short in " + std::to_string(too_short) + " of " +
                                 std::to_string(forecast.nights.size()) + " nights: not every VM is reached");
    if (forecast.disk_full_at) reply.warnings.push_back("the disk will be full");
    return reply;
}

rpc::OperationInfo to_rpc(engine::Operation const& operation) {
    constexpr std::array states{"running", "succeeded", "failed", "cancelled"};
    rpc::OperationInfo info;
    info.id = operation.id;
    info.kind = operation.kind;
    info.state = states.at(static_cast<std::size_t>(operation.state));
    info.phase = operation.phase;
    info.done_bytes = operation.done_bytes;
    info.total_bytes = operation.total_bytes;
    info.created_uuid = operation.created;
    if (operation.error) {
        info.error = operation.error->context;
        info.error_code = name_of(operation.error->code);
    }
    return info;
}

rpc::AdoptionInfo to_rpc(engine::InspectedFolder const& folder) {
    auto const& manifest = folder.adoption.manifest;
    rpc::AdoptionInfo info;
    info.name = manifest.backup;
    info.vm = manifest.vm_name;
    info.vm_uuid = manifest.vm_uuid.text();
    info.scheduled = manifest.scheduled;
    if (!manifest.vm_uuid.empty()) info.started = manifest.started;
    info.size_bytes = folder.size_bytes;
    info.state = core::name_of(folder.adoption.verdict);
    info.reason = folder.adoption.reason;
    info.notes = folder.adoption.notes;
    return info;
}

rpc::CheckHealth::Reply to_rpc(doctor::Findings const& findings) {
    rpc::CheckHealth::Reply reply;
    for (auto const& finding : findings)
        reply.findings.push_back(
            {finding.subject, std::string(doctor::name_of(finding.verdict)), finding.message, finding.remedy});
    if (auto const code = doctor::worst(findings)) reply.error_code = name_of(*code);
    return reply;
}

std::vector<rpc::RetentionInfo> to_rpc(std::vector<core::Stored> const& backups,
                                       std::vector<core::Verdict> const& verdicts,
                                       core::RetentionPolicy const& policy) {
    std::vector<rpc::RetentionInfo> infos;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        auto const& verdict = verdicts[i];
        infos.push_back(
            {verdict.backup, backups[i].vm_name, backups[i].vm.text(), verdict.keep, core::explain(verdict, policy)});
    }
    return infos;
}

std::vector<rpc::QueueEntry> queue_to_rpc(engine::ScheduleSnapshot const& snapshot, core::Settings const& settings,
                                          core::Zone const& zone) {
    auto const& facts = snapshot.facts;
    auto const plan = core::plan(facts, settings, snapshot.in_progress, zone);
    std::vector<core::Vm const*> eligible;
    for (auto const& vm : facts.vms) {
        bool const tagged = !settings.tag || core::has_tag(vm, *settings.tag);
        if (core::why_not_eligible(vm).empty() && tagged) eligible.push_back(&vm);
    }
    std::vector<rpc::QueueEntry> queue;
    for (auto const& candidate : core::queue(eligible, facts, settings.timing, zone)) {
        rpc::QueueEntry entry;
        entry.vm = candidate.name;
        entry.vm_uuid = candidate.uuid.text();
        entry.last_backup = candidate.last_backup;
        if (candidate.last_backup)
            entry.age_seconds = std::chrono::floor<std::chrono::seconds>(facts.now - *candidate.last_backup).count();
        auto const skipped = std::ranges::find(plan.skipped, candidate.uuid, &core::Skipped::vm);
        entry.reason = skipped == plan.skipped.end() ? "it starts now" : core::explain(*skipped, zone);
        entry.due = !candidate.last_backup || candidate.due <= facts.now;
        if (candidate.last_backup) entry.due_at = candidate.due;
        entry.behind = std::ranges::find(plan.behind, candidate.uuid, &core::Behind::vm) != plan.behind.end();
        queue.push_back(std::move(entry));
    }
    return queue;
}

}  // namespace sb::api
