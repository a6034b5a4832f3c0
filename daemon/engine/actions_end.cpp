// After the task has finished: no result counts before it has been inspected.
#include "common/text/duration_text.hpp"
#include "daemon/core/export_manifest.hpp"
#include "daemon/core/file_proof.hpp"
#include "daemon/core/resolve.hpp"
#include "daemon/core/restored_vm.hpp"
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

/// A read error says nothing about the files.
char const* what_failed(Error const& inspection) {
    bool const is_known = inspection.code == Errc::incomplete_backup || inspection.code == Errc::damaged_backup;
    return is_known ? "the cluster reported the export as complete, but its files are not a complete backup"
                    : "the cluster reported the export as complete, but its files could not be inspected";
}

/// The files are not those that the manifest lists.
bool is_broken(Error const& error) {
    return error.code == Errc::incomplete_backup || error.code == Errc::damaged_backup;
}

Error replaced_manifest(std::string const& name) {
    return {Errc::damaged_backup, "the manifest in '" + name +
                                      "' is not the one that this export wrote: something else writes to LocalPath. "
                                      "Find out what does, and back the VM up again"};
}

}  // namespace

/// A share that is mounted from another machine is seen through a cache, which may show the last files a minute late.
task<Milliseconds> Actions::time_to_appear(Errc missing) {
    constexpr Milliseconds cache_of_a_mount = 60s;
    auto const boot = co_await dependencies_.catalog.boot_of_disk();
    if (boot.empty()) co_return std::max(limits_.share_delay, cache_of_a_mount);
    co_return missing == Errc::share_not_visible ? limits_.share_delay : limits_.share_delay / 10;
}

/// Its landing folder, or the backup's: it may have got its name, and only the record of that is lost.
task<std::string> Actions::folder_to_inspect(LiveJob& live) {
    auto folder = folder_of(live.job);
    auto const is_there = co_await dependencies_.catalog.exists(folder);
    if (!is_there || *is_there) co_return folder;
    auto const found = co_await dependencies_.catalog.find_manifest(folder, live.job.backup);
    if (!found || !*found) co_return folder;
    co_return (*found)->backup;
}

/// Whatever manifest is there: only that of a job whose inspection is in the journal is known to be this daemon's.
task<Event> Actions::inspect_backup(LiveJob& live) {
    if (live.job.attempt.empty()) {
        auto const written = co_await has_manifest(live.job);
        if (written && *written) co_return InspectionPassed{};
    }
    if (live.may_lack_data) co_return DataMayBeMissing{may_lack_data()};
    auto folder = co_await folder_to_inspect(live);
    live.has_written = false;
    live.is_named = folder != folder_of(live.job);
    ports::Expectation const expected{std::move(folder), live.job.definition_file, live.job.disks};
    auto const started = dependencies_.time.steady_now();
    Milliseconds pause = 500ms;
    for (;;) {
        auto order = expected;
        auto const files = co_await dependencies_.catalog.inspect(std::move(order));
        if (files) {
            live.files = *files;
            live.job.size_bytes = 0;
            for (auto const& file : *files) live.job.size_bytes += file.size_bytes;
            live.verified = with_verification(std::nullopt, Level::structure, dependencies_.time.now());
            InspectionPassed passed;
            passed.inspected = inspected_text(*files);
            co_return passed;
        }
        auto error = while_doing(files.error(), what_failed(files.error()));
        bool const may_appear = error.code == Errc::share_not_visible || error.code == Errc::incomplete_backup;
        if (!may_appear) co_return Failed{std::move(error)};
        auto const limit = co_await time_to_appear(error.code);
        if (dependencies_.time.steady_now() - started >= limit) {
            error.context += " (the daemon waited " + length_text(limit) + " for it: [Timeouts] ShareDelay)";
            co_return Failed{std::move(error)};
        }
        co_await sleep(pause);
        pause = std::min<Milliseconds>(pause * 2, 5s);
    }
}

/// How the only VM that the restore can have made differs from its backup; empty if it does not.
task<std::string> Actions::difference_of(LiveJob& live, Vm vm) {
    auto difference = live.job.disks.empty() ? std::string() : how_it_differs(live.job, vm);
    if (!difference.empty() || !is_found_by_search(live.job)) co_return difference;
    auto const defined = co_await dependencies_.catalog.defined_vm(live.job.backup, live.job.definition_file);
    if (!defined) co_return std::string();
    co_return how_it_differs(*defined, vm);
}

/// Nothing: the VM is this restore's, and as in its backup.
task<std::optional<Error>> Actions::why_not_restored(LiveJob& live, ports::Vms vms) {
    auto const found = possibly_made_by(live.job, vms);
    if (found.empty())
        co_return Error{Errc::task_failed,
                        "the cluster reported the import as complete, but shows no VM '" + live.job.vm_name + "'"};
    if (found.size() > 1)
        co_return not_surely_restored(live.job, "there are " + std::to_string(found.size()) + " VMs with that name");
    auto const& vm = found.front();
    auto const difference = co_await difference_of(live, vm);
    if (is_found_by_search(live.job)) co_return not_surely_restored(live.job, difference);
    if (!difference.empty()) co_return Error{Errc::task_failed, "VM '" + vm.name + "' was created, but " + difference};
    live.job.vm = vm.uuid;
    co_return std::nullopt;
}

task<Event> Actions::inspect_restore(LiveJob& live) {
    auto const out_of_reach = co_await why_out_of_reach(live);
    if (out_of_reach) co_return Failed{*out_of_reach};
    auto const started = dependencies_.time.steady_now();
    Milliseconds pause = 1s;
    for (;;) {
        auto const refused = refused_login(live);
        Result<ports::Vms> vms = refused.value_or(Error());
        if (!refused) vms = co_await vms_of(live, VmList::requested_now);
        std::optional<Error> problem;
        if (vms) problem = co_await why_not_restored(live, *vms);
        else problem = while_doing(vms.error(), "looking for the restored VM");
        if (!problem) co_return InspectionPassed{};
        // No further look shows who made it.
        if (vms && problem->code == Errc::outcome_unknown) co_return Failed{*problem};
        auto const limit = vms ? limits_.share_delay : limits_.resolving;
        if (dependencies_.time.steady_now() - started >= limit) co_return Failed{*problem};
        co_await sleep(pause);
        pause = std::min<Milliseconds>(pause * 2, 15s);
    }
}

/// Whether the folder has a manifest of this attempt, also one that another program wrote.
task<Result<bool>> Actions::has_manifest(Job job) {
    if (job.attempt.empty()) {  // an export of an earlier version, which went into the folder with the backup's name
        auto const backup = co_await dependencies_.catalog.find(job.backup);
        co_return backup && backup->manifest && backup->manifest->job == job.id &&
            backup->manifest->vm_uuid == job.vm && backup->manifest->task_tag == job.tag;
    }
    auto const found = co_await dependencies_.catalog.find_manifest(folder_of(job), job.backup);
    if (!found) co_return found.error();
    co_return found->has_value();
}

/// It may have been written before a restart, and the backup protected since: it is not written again.
task<Result<bool>> Actions::has_own_manifest(Job job) {
    if (job.attempt.empty()) co_return co_await has_manifest(job);
    auto const found = co_await dependencies_.catalog.find_manifest(folder_of(job), job.backup);
    if (!found && !is_broken(found.error())) co_return found.error();
    bool const is_own = found && *found && is_manifest_of(job, **found);
    co_return is_own;
}

task<Result<void>> Actions::write_manifest(LiveJob& live) {
    auto const& job = live.job;
    InspectedExport inspected;
    inspected.files = live.files;
    inspected.verified = live.verified;
    inspected.vm_tags = live.vm_tags;
    // After a restart with another cluster configured, only the job knows it.
    bool const is_elsewhere = !live.cluster && dependencies_.identity.origin_of(job.cluster) == ClusterOrigin::other;
    inspected.cluster_host = is_elsewhere ? job.cluster.host : cluster_of(live).host();
    inspected.completed = dependencies_.time.now();
    inspected.program = "scale-backupd " SB_VERSION;
    auto manifest = export_manifest(job, std::move(inspected));
    auto const written = co_await dependencies_.catalog.write_manifest(folder_of(job), std::move(manifest));
    if (written) co_return written;
    // It may exist anyway: the folder's state and the job's outcome must agree.
    auto const exists = co_await has_own_manifest(job);
    if (!exists || !*exists) co_return while_doing(written.error(), "writing the manifest");
    spdlog::error("job {}: the export is complete, but it may not survive a power failure: {}", job.id,
                  written.error().context);
    co_return boost::system::in_place_value;
}

task<Event> Actions::commit_refused(LiveJob& live, Error error) {
    // The folder or its files may only seem to be gone: LocalPath is not mounted.
    if (error.code == Errc::not_found || error.code == Errc::incomplete_backup) {
        auto const storage = co_await dependencies_.check_storage();
        if (!storage) error = Error{Errc::share_not_visible, storage.error().context};
    }
    constexpr Milliseconds first_pause = 1s;
    constexpr Milliseconds longest_pause = 5min;
    live.commit_pause = std::clamp(live.commit_pause * 2, first_pause, longest_pause);
    if (!live.commit_refused) live.commit_refused = dependencies_.time.steady_now();
    co_return CommitRefused{std::move(error)};
}

task<Event> Actions::commit(LiveJob& live) {
    if (live.commit_pause > 0ms) co_await sleep(live.commit_pause);
    bool const is_inspected = !live.files.empty();
    bool is_written = false;
    // Directly after the inspection it is written whatever is there.
    if (!is_inspected || live.has_written || live.is_named) {
        auto const known = co_await has_own_manifest(live.job);
        if (!known) {
            auto error = while_doing(known.error(), "looking for its manifest");
            co_return co_await commit_refused(live, std::move(error));
        }
        is_written = *known;
    }
    bool const is_repeated = !is_inspected || live.commit_pause > 0ms;  // after a restart, or a refusal
    if (!is_written && is_repeated) {
        // The manifest may only seem to be missing: LocalPath is not mounted.
        auto const storage = co_await dependencies_.check_storage();
        if (!storage) {
            auto error = storage.error();
            co_return co_await commit_refused(live, std::move(error));
        }
    }
    if (!is_written && !is_inspected) co_return NothingToCommit{};
    if (!is_written && live.is_named) co_return Failed{replaced_manifest(live.job.backup)};
    if (!is_written) {
        auto const written = co_await write_manifest(live);
        if (!written) co_return Failed{written.error()};
        live.has_written = true;
    }
    if (!is_inspected) live.is_as_inspected = co_await is_as_inspected(live.job);
    auto backup = live.job.backup;
    if (live.job.attempt.empty()) co_return co_await named(live, std::move(backup));
    auto name = co_await dependencies_.catalog.commit(folder_of(live.job), std::move(backup));
    if (!name) {
        auto error = name.error();
        co_return co_await commit_refused(live, std::move(error));
    }
    co_return co_await named(live, std::move(*name));
}

/// After a restart, of an export that waits for its name: whether its files are those that were inspected before.
task<bool> Actions::is_as_inspected(Job job) {
    if (job.inspected.empty()) co_return false;
    ports::Expectation expected{folder_of(job), job.definition_file, job.disks};
    auto const files = co_await dependencies_.catalog.inspect(std::move(expected));
    co_return files&& inspected_text(*files) == job.inspected;
}

/// Its manifest may have been replaced after it was checked and before the folder was renamed.
task<Event> Actions::named(LiveJob& live, std::string name) {
    Committed done;
    done.name = name;
    bool const are_known = !live.files.empty() || live.is_as_inspected;
    if (are_known) done.proof = co_await proof_of_backup(name);
    if (live.job.attempt.empty()) co_return done;
    auto const found = co_await dependencies_.catalog.find_manifest(folder_of(live.job), live.job.backup);
    if (found && *found && !is_manifest_of(live.job, **found)) co_return Failed{replaced_manifest(name)};
    if (!found || !*found) done.proof.clear();
    co_return done;
}

/// Empty if its files cannot be examined.
task<std::string> Actions::proof_of_backup(std::string name) {
    auto const states = co_await dependencies_.catalog.file_states(name);
    if (states) co_return proof_of(*states);
    spdlog::warn("backup '{}' has no proof of its files: {}", name, states.error().context);
    co_return std::string();
}

task<Event> Actions::discard(LiveJob& live) {
    auto const discarded = co_await dependencies_.catalog.discard(folder_of(live.job));
    if (!discarded) co_return Failed{while_doing(discarded.error(), "deleting the folder of the cancelled export")};
    if (!discarded->remains.empty()) spdlog::warn("job {}: {}", live.job.id, discarded->remains);
    co_return Discarded{};
}

}  // namespace sb::engine
