// After the task has finished: no result counts before it has been inspected.
#include "daemon/core/verification.hpp"
#include "daemon/engine/actions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// The tables of an image may have reached the disk before the guest's data: such an image appears complete.
Error may_lack_data() {
    return {Errc::incomplete_backup,
            "the machine was restarted after this export was requested: data that the cluster had written may not have "
            "been flushed to disk, and it is not known what is missing. The folder does not count as a backup; back "
            "the VM up again"};
}

}  // namespace

task<bool> Actions::is_unsynced(LiveJob const& live) {
    if (!live.may_lack_data) co_return false;
    // A folder with a manifest was flushed to disk before.
    bool const committed = co_await has_manifest_of(live.job);
    co_return !committed;
}

task<Event> Actions::inspect_backup(LiveJob& live) {
    bool const unsynced = co_await is_unsynced(live);
    if (unsynced) co_return Failed{may_lack_data()};
    ports::Expectation const expected{live.job.backup, live.job.definition_file, live.job.disks};
    auto const started = dependencies_.time.steady_now();
    Milliseconds pause = 500ms;
    for (;;) {
        auto order = expected;
        auto const files = co_await dependencies_.catalog.inspect(std::move(order));
        if (files) {
            live.files = *files;
            live.verified = with_verification(std::nullopt, Level::structure, dependencies_.time.now());
            co_return InspectionPassed{};
        }
        // A share that is mounted from another machine may show the last files a little late.
        bool const may_appear =
            files.error().code == Errc::share_not_visible || files.error().code == Errc::incomplete_backup;
        auto const waited = dependencies_.time.steady_now() - started;
        auto const limit =
            files.error().code == Errc::share_not_visible ? limits_.share_delay : limits_.share_delay / 10;
        if (!may_appear || waited >= limit) {
            auto what = "the cluster reported the export as complete, but its files are not a complete backup";
            co_return Failed{while_doing(files.error(), what)};
        }
        co_await sleep(pause);
        pause = std::min<Milliseconds>(pause * 2, 5s);
    }
}

namespace {

/// How the restored VM differs from the one that was backed up; empty if it does not.
std::string what_differs(Job const& job, Vm const& vm) {
    std::vector<std::uint64_t> expected;
    std::vector<std::uint64_t> found;
    for (auto const& disk : job.disks)
        if (is_exported(disk)) expected.push_back(disk.capacity_bytes);
    for (auto const& disk : vm.disks)
        if (is_exported(disk)) found.push_back(disk.capacity_bytes);
    if (expected.size() != found.size())
        return "it has " + std::to_string(found.size()) + " disks instead of " + std::to_string(expected.size());
    std::ranges::sort(expected);
    std::ranges::sort(found);
    for (std::size_t i = 0; i < expected.size(); ++i)
        if (found[i] < expected[i])
            return "a disk of " + std::to_string(expected[i]) + " bytes was restored with " + std::to_string(found[i]) +
                   " bytes";
    return {};
}

}  // namespace

task<Event> Actions::inspect_restore(LiveJob& live) {
    auto const started = dependencies_.time.steady_now();
    Milliseconds pause = 1s;
    Error problem;
    for (;;) {
        auto const vms = co_await dependencies_.vms.fresh();
        if (vms) {
            auto const found = std::ranges::find_if(*vms, [&](Vm const& vm) {
                return live.job.vm.empty() ? vm.name == live.job.vm_name : vm.uuid == live.job.vm;
            });
            if (found != vms->end()) {
                auto const difference = live.job.disks.empty() ? std::string{} : what_differs(live.job, *found);
                if (difference.empty()) {
                    live.job.vm = found->uuid;
                    co_return InspectionPassed{};
                }
                problem = Error{Errc::task_failed, "VM '" + found->name + "' was created, but " + difference};
            } else {
                problem = Error{Errc::task_failed, "the cluster reported the import as complete, but shows no VM '" +
                                                       live.job.vm_name + "'"};
            }
        } else {
            problem = while_doing(vms.error(), "looking for the restored VM");
        }
        auto const limit = vms ? limits_.share_delay : limits_.resolving;
        if (dependencies_.time.steady_now() - started >= limit) co_return Failed{problem};
        co_await sleep(pause);
        pause = std::min<Milliseconds>(pause * 2, 15s);
    }
}

task<bool> Actions::has_manifest_of(Job const& job) {
    auto folder = job.backup;
    auto const backup = co_await dependencies_.catalog.find(std::move(folder));
    co_return backup && backup->manifest && backup->manifest->job == job.id && backup->manifest->vm_uuid == job.vm &&
        backup->manifest->task_tag == job.tag;
}

task<Event> Actions::commit(LiveJob& live) {
    auto const& job = live.job;
    // The daemon died between writing the manifest and recording it: the backup may have been protected meanwhile.
    bool const committed_before = co_await has_manifest_of(job);
    if (committed_before) {
        auto folder = job.backup;
        auto const flushed = co_await dependencies_.catalog.flush(std::move(folder));
        if (!flushed)
            spdlog::error("job {}: backup '{}' may not survive a power failure: {}", job.id, job.backup,
                          flushed.error().context);
        co_return Committed{};
    }

    Manifest manifest;
    manifest.backup = job.backup;
    manifest.vm_uuid = job.vm;
    manifest.vm_name = job.vm_name;
    manifest.vm_tags = live.vm_tags;
    manifest.scheduled = job.scheduled;
    manifest.cluster_host = dependencies_.cluster.host();
    manifest.task_tag = job.tag;
    manifest.job = job.id;
    manifest.started = job.posted.value_or(job.queued);
    manifest.completed = dependencies_.time.now();
    manifest.definition_file = job.definition_file;
    manifest.disks = job.disks;
    manifest.files = live.files;
    manifest.verified = live.verified;
    manifest.program = "scale-backupd " SB_VERSION;
    auto const written = co_await dependencies_.catalog.commit(std::move(manifest));
    if (!written) {
        // The manifest may exist anyway: the folder's state and the job's outcome must agree.
        bool const manifest_exists = co_await has_manifest_of(job);
        if (!manifest_exists) co_return Failed{while_doing(written.error(), "writing the manifest")};
        spdlog::error("job {}: the backup is complete, but it may not survive a power failure: {}", job.id,
                      written.error().context);
    }
    co_return Committed{};
}

task<Event> Actions::discard(LiveJob& live) {
    auto folder = live.job.backup;
    auto const discarded = co_await dependencies_.catalog.discard(std::move(folder));
    if (!discarded) co_return Failed{while_doing(discarded.error(), "deleting the folder of the cancelled export")};
    co_return Discarded{};
}

}  // namespace sb::engine
