#include "daemon/app/present.hpp"

namespace sb::app {

rpc::VmInfo present(core::Vm const& vm) {
    rpc::VmInfo info;
    info.uuid = vm.uuid.text();
    info.name = vm.name;
    info.tags = vm.tags;
    info.state = vm.state;
    for (auto const& disk : vm.disks)
        info.disks.push_back({disk.uuid.text(), disk.type, disk.capacity_bytes, disk.allocation_bytes});
    info.reason = core::why_not_eligible(vm);
    info.eligible = info.reason.empty();
    return info;
}

rpc::BackupInfo present(core::Backup const& backup) {
    rpc::BackupInfo info;
    info.name = backup.name;
    info.state = core::name_of(backup.state);
    info.size_bytes = backup.size_bytes;
    info.problem = backup.problem;
    if (backup.manifest) {
        auto const& manifest = *backup.manifest;
        info.vm = manifest.vm_name;
        info.vm_uuid = manifest.vm_uuid.text();
        info.scheduled = manifest.scheduled;
        info.is_protected = manifest.is_protected;
        info.started = manifest.started;
        info.completed = manifest.completed;
        if (manifest.verified) info.verified = rpc::VerifiedInfo{manifest.verified->level, manifest.verified->at};
    }
    return info;
}

namespace {

std::string state_of(core::Job const& job) {
    if (job.phase == core::Phase::finished) return std::string(core::name_of(job.outcome));
    return job.phase == core::Phase::queued ? "queued" : "running";
}

}  // namespace

rpc::JobInfo present(core::Job const& job) {
    rpc::JobInfo info;
    info.id = job.id;
    info.kind = core::name_of(job.kind);
    info.vm = job.vm_name;
    info.vm_uuid = job.vm.text();
    info.backup = job.backup;
    info.scheduled = job.scheduled;
    info.warnings = job.warnings;
    info.state = state_of(job);
    info.phase = core::name_of(job.phase);
    // Before the cluster took the order there is nothing to have a percentage of.
    if (!job.tag.empty()) info.percent = job.percent;
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

}  // namespace sb::app
