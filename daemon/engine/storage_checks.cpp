// Whether LocalPath is still where the backups were written, and has space: checked before every export.
#include "daemon/core/storage_space.hpp"
#include "daemon/core/storage_mark.hpp"
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <set>
#include <utility>

namespace sb::engine {

using namespace core;

namespace {

/// Of the VM's newest complete backup, as the journal knows it; 0 if there is none. What a manifest claims must not
/// make a VM too large to be backed up.
std::uint64_t last_size(std::vector<Backup> const& backups, VmUuid const& vm) {
    std::uint64_t bytes = 0;
    UtcTime newest = UtcTime::min();
    for (auto const& backup : backups) {
        if (backup.state != BackupState::complete || !backup.manifest || backup.manifest->vm_uuid != vm) continue;
        if (backup.is_claim || backup.manifest->started <= newest) continue;
        newest = backup.manifest->started;
        bytes = backup.known_bytes != 0 ? backup.known_bytes : backup.size_bytes;
    }
    return bytes;
}

bool is_finished_backup(Job const& job) { return job.kind == JobKind::backup && job.outcome == Outcome::succeeded; }

}  // namespace

task<Result<StorageFacts>> Engine::storage_facts() {
    // In this order: a mark that is written concurrently is then new and has to be recorded, instead of missing.
    auto const recorded = co_await ports_.journal.fact(storage_mark_fact);
    if (!recorded) co_return recorded.error();
    auto const found = co_await ports_.catalog.storage_mark();
    if (!found) {
        conditions_.raise(ConditionKind::storage_unusable, found.error().context);
        co_return found.error();
    }
    StorageFacts facts;
    facts.path = found->path;
    facts.found = found->id;
    facts.recorded = *recorded;
    facts.has_backups = found->has_backups;
    if (facts.found.empty() && !facts.recorded) {
        auto const jobs = co_await ports_.journal.recent(ports::journal_depth);
        if (!jobs) co_return jobs.error();
        facts.made_backups = std::ranges::any_of(*jobs, is_finished_backup);
    }
    co_return facts;
}

StorageVerdict Engine::judge_storage(StorageFacts const& facts) {
    auto verdict = evaluate_storage(facts);
    if (verdict.state == StorageState::in_doubt) conditions_.raise(ConditionKind::storage_unusable, verdict.text);
    // Unmarked: writing the mark shows whether it can be used.
    else if (verdict.state != StorageState::unmarked) conditions_.clear(ConditionKind::storage_unusable);
    return verdict;
}

task<void> Engine::watch_storage() { co_await is_right_storage(); }

task<bool> Engine::is_right_storage() {
    auto const facts = co_await storage_facts();
    co_return facts&& judge_storage(*facts).state != StorageState::in_doubt;
}

task<Result<std::string>> Engine::mark_storage() {
    marking_storage_ = true;
    ++markings_;
    auto made = co_await ports_.catalog.mark_storage();
    marking_storage_ = false;
    ++markings_;
    if (!made) made = while_doing(made.error(), "writing the mark of LocalPath");
    conditions_.note(ConditionKind::storage_unusable, made);
    co_return made;
}

task<Result<void>> Engine::check_storage() {
    auto const markings_before = markings_;
    auto const facts = co_await storage_facts();
    if (!facts) co_return facts.error();
    auto const verdict = judge_storage(*facts);
    auto mark = facts->found;
    switch (verdict.state) {
        case StorageState::same: co_return boost::system::in_place_value;
        case StorageState::in_doubt: co_return Error{Errc::refused, verdict.text};
        case StorageState::unrecorded: break;
        case StorageState::unmarked: {
            // Another call is writing the mark, or has written it since we checked: two calls must not both write one.
            if (marking_storage_ || markings_ != markings_before) co_return boost::system::in_place_value;
            auto const made = co_await mark_storage();
            if (!made) co_return made.error();
            mark = *made;
        }
    }
    spdlog::info("LocalPath '{}' is now identified by its mark {}", facts->path, mark);
    auto const noted = co_await ports_.journal.set_fact(storage_mark_fact, std::move(mark));
    // The mark is written; it is recorded the next time.
    if (!noted) spdlog::warn("the mark of LocalPath could not be recorded: {}", noted.error().context);
    co_return boost::system::in_place_value;
}

/// Disks may be changed, the cluster be replaced behind its address, another installation be started.
task<std::string> Engine::objection_to_deleting() {
    auto const right_place = co_await check_storage();
    if (!right_place) co_return right_place.error().context;
    constexpr Milliseconds identity_age = std::chrono::seconds(10);
    co_await ports_.identity.check(identity_age);
    co_return co_await ports_.gate.objection_to_deleting();
}

core::StorageSpace Engine::storage_space(ports::Space const& space, JobId except) const {
    core::StorageSpace result;
    result.free_bytes = space.free_bytes;
    result.total_bytes = space.total_bytes;
    result.free_files = space.free_files;
    result.reclaimable_files = ports_.trash.reclaimable_files();
    auto const used = space.total_bytes - std::min(space.total_bytes, space.free_bytes);
    result.reclaimable_bytes = std::min(ports_.trash.reclaimable_bytes(), used);
    result.kept = ports_.trash.copies();
    result.claimed_bytes = abandoned_.expected_bytes();
    for (auto const& [id, live] : live_)
        if (id != except) result.claimed_bytes += still_expected(live->job);
    return result;
}

task<Result<std::uint64_t>> Engine::check_space(Job job, std::vector<Disk> disks) {
    auto const space = co_await ports_.catalog.space();
    if (!space) co_return space.error();
    // An export cannot be much larger than the capacity of the disks. That usually fits, so no folder has to be read.
    auto plain = disks;
    for (auto& disk : plain) disk.allocation_bytes = disk.capacity_bytes;
    std::uint64_t last = 0;
    std::set<VmOfCluster> with_backups;
    auto without_trash = storage_space(*space, job.id);
    without_trash.reclaimable_bytes = 0;
    without_trash.reclaimable_files = 0;
    auto const most = std::max(expected_size(plain, 0), expected_size(disks, 0));
    if (why_no_space(without_trash, most)) {
        auto const backups = co_await ports_.catalog.list();
        if (!backups) co_return backups.error();
        last = last_size(*backups, job.vm);
        with_backups = vms_with_good_backups(*backups, ports_.time.now());
    }
    auto const need = expected_size(disks, last);
    auto with_trash = storage_space(*space, job.id);
    with_trash.kept = last_copies(with_trash.kept, with_backups);
    if (auto reason = why_no_space_for(job.vm, std::move(with_trash), need))
        co_return Error{Errc::no_space, std::move(*reason)};
    auto const roomy = co_await make_room(job.id, *space, need);
    if (!roomy) co_return roomy.error();
    co_return need;
}

/// The room that the trash takes counts only once it is free.
task<Result<void>> Engine::make_room(JobId job, ports::Space space, std::uint64_t need) {
    std::optional<std::string> reason;
    RoomUse use;
    if (auto const live = live_.find(job); live != live_.end()) use.vm = live->second->job.vm;
    // Another export may have claimed the room while it was made.
    constexpr int max_rounds = 3;
    for (int round = 0;; ++round) {
        auto now = storage_space(space, job);
        now.reclaimable_bytes = 0;
        now.reclaimable_files = 0;
        reason = why_no_space(now, need);
        if (!reason || round == max_rounds) break;
        use.listed = ports_.time.steady_now();
        auto const backups = co_await ports_.catalog.list();
        if (!backups) co_return backups.error();
        use.with_backups = vms_with_good_backups(*backups, ports_.time.now());
        auto const made = co_await ports_.trash.make_room(free_bytes_for(now, need), files_of_an_export, use);
        if (!made) co_return made.error();
        auto const after = co_await ports_.catalog.space();
        if (!after) co_return after.error();
        space = *after;
    }
    if (reason) co_return Error{Errc::no_space, *reason};
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
