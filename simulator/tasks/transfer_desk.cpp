#include "simulator/tasks/transfer_desk.hpp"

#include <algorithm>
#include <utility>

namespace sb::sim {
namespace {

/// The export of a VM that was not requested: another identity, with other disks.
void write_another_vm(ExportSpec& spec) {
    auto const other = [](std::string uuid) { return "00000000-" + uuid.substr(uuid.find('-') + 1); };
    spec.definition.uuid = other(spec.definition.uuid);
    spec.definition.name += "-twin";
    for (auto& disk : spec.definition.disks)
        if (!disk.uuid.empty()) disk.uuid = other(disk.uuid);
    for (auto& disk : spec.disks) disk.file_name = other(disk.file_name);
}

}  // namespace

void TransferDesk::arm(WorkerSpec& spec, std::vector<Fault> const& faults) {
    auto const apply = [&faults](TransferFaults& to) {
        for (auto const& fault : faults) {
            if (fault.kind == "disk_truncated") to.truncate_disk = fault.disk;
            if (fault.kind == "disk_missing") to.skip_disk = fault.disk;
            if (fault.kind == "disk_wrong_size") to.wrong_virtual_size = fault.disk;
            if (fault.kind == "xml_missing") to.skip_definition = true;
            if (fault.kind == "xml_garbage") to.garbage_definition = true;
            if (fault.kind == "worker_frozen") to.freeze_at_percent = fault.percent;
        }
    };
    if (auto* exporting = std::get_if<ExportSpec>(&spec)) {
        apply(exporting->faults);
        for (auto const& fault : faults) {
            if (fault.kind == "folder_elsewhere") exporting->place.path_uri += "-elsewhere";
            if (fault.kind == "another_vm") write_another_vm(*exporting);
        }
    }
    if (auto* importing = std::get_if<ImportSpec>(&spec)) apply(importing->faults);
}

void TransferDesk::enqueue(TransferJob job) {
    arm(job.spec, job.faults);
    bool const held = std::ranges::any_of(job.faults, [](Fault const& fault) { return fault.kind == "task_queued"; });
    (held ? held_ : queue_).push_back(std::move(job));
    start_waiting();
}

std::vector<std::string> TransferDesk::release(std::string_view tag) {
    std::vector<std::string> released;
    for (auto job = held_.begin(); job != held_.end();) {
        if (!tag.empty() && job->tag != tag) {
            ++job;
            continue;
        }
        released.push_back(job->tag);
        queue_.push_back(std::move(*job));
        job = held_.erase(job);
    }
    start_waiting();
    return released;
}

void TransferDesk::start_waiting() {
    while (running_.size() < limit_ && !queue_.empty()) {
        std::string const tag = queue_.front().tag;
        auto& running = running_[tag];
        running.job = std::move(queue_.front());
        queue_.pop_front();
        tasks_.run(tag);
        auto const hear = [this, tag](WorkerMessage const& message) { heard(tag, message); };
        running.worker = transfers_.start(running.job.spec, hear);
    }
}

bool TransferDesk::inject(Running& running, int percent) {
    auto& faults = running.job.faults;
    for (auto fault = faults.begin(); fault != faults.end();) {
        if (percent < fault->percent) {
            ++fault;
            continue;
        }
        if (fault->kind == "task_error") {
            tasks_.progress(running.job.tag, fault->percent);
            tasks_.fail(running.job.tag, fault->text, fault->parameters);
            return true;
        }
        if (fault->kind == "worker_killed") {
            tasks_.fail(running.job.tag, "An internal error occurred", {});
            return true;
        }
        if (running.job.on_fault) running.job.on_fault(*fault);
        fault = faults.erase(fault);
    }
    return false;
}

void TransferDesk::heard(std::string const& tag, WorkerMessage const& message) {
    auto const found = running_.find(tag);
    if (found == running_.end()) return;
    auto& running = found->second;
    if (auto const* progress = std::get_if<Progress>(&message)) {
        // A fault at 100 % applies when the transfer is done.
        if (inject(running, std::min(progress->percent, 99))) return end(tag);
        return tasks_.progress(tag, progress->percent);
    }
    if (auto const* failed = std::get_if<Failed>(&message)) {
        tasks_.fail(tag, failed->message, failed->parameters);
    } else if (auto const* done = std::get_if<Done>(&message); done && !inject(running, 100)) {
        if (!running.job.on_done || running.job.on_done(*done)) {
            tasks_.complete(tag);
        } else {
            tasks_.fail(tag, "An internal error occurred", {});
        }
    }
    end(tag);
}

void TransferDesk::end(std::string const& tag) {
    auto const found = running_.find(tag);
    transfers_.kill(found->second.worker);
    auto const on_end = std::move(found->second.job.on_end);
    running_.erase(found);
    if (on_end) on_end();
    start_waiting();
}

}  // namespace sb::sim
