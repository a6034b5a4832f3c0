#include "daemon/engine/situation.hpp"

#include <algorithm>

namespace sb::engine {

using namespace core;

void Observer::note(Job const& job) {
    history_.note(job);
    if (job.phase == Phase::finished) folders_changed();
}

void Observer::remember_time(UtcTime time) { last_recorded_ = std::max(last_recorded_.value_or(time), time); }

task<Result<void>> Observer::read_folders() {
    // Somebody may add or remove folders by hand; what we do ourselves is told by folders_changed().
    constexpr auto good_for = std::chrono::minutes(5);
    auto const now = time_.steady_now();
    if (folders_known_ && now - folders_read_at_ < good_for) co_return boost::system::in_place_value;
    folders_known_ = true;  // a change during the reading clears it again
    auto backups = co_await engine_.list_backups();
    if (!backups) {
        folders_known_ = false;
        co_return backups.error();
    }
    backups_ = std::move(*backups);
    folders_read_at_ = now;
    co_return boost::system::in_place_value;
}

task<Result<Situation>> Observer::look(UtcTime opening, Milliseconds vm_age) {
    auto const read = co_await read_folders();
    if (!read) co_return while_doing(read.error(), "reading the backups");
    auto const vms = co_await engine_.list_vms(vm_age);
    auto const space = co_await catalog_.space();

    Situation situation;
    auto& facts = situation.facts;
    facts.now = time_.now();
    facts.vms_known = vms.has_value();
    if (vms) {
        facts.vms = *vms;
        situation.retention.existing.emplace();
        for (auto const& vm : *vms) {
            situation.retention.existing->insert(vm.uuid);
            first_seen_.emplace(vm.uuid, facts.now);
        }
    } else {
        situation.cluster_error = vms.error();
    }
    for (auto const& backup : backups_) {
        auto const stored = stored_of(backup);
        if (stored.state == BackupState::complete && stored.scheduled) facts.copies.push_back({stored.vm, stored.started});
        situation.retention.backups.push_back(stored);
    }
    if (last_recorded_ && is_behind(facts.now, last_recorded_)) {
        if (!clock_behind_since_) clock_behind_since_ = facts.now;
    } else {
        clock_behind_since_.reset();
    }
    facts.failures = history_.failures_since(opening);
    facts.usual_durations = history_.usual_durations();
    facts.first_seen = first_seen_;
    facts.last_recorded = last_recorded_;
    facts.clock_behind_since = clock_behind_since_;
    situation.retention.now = facts.now;
    situation.retention.last_recorded = last_recorded_;
    for (auto const& job : engine_.unfinished_jobs()) {
        situation.in_hand.push_back(job.kind == JobKind::backup ? job.vm : VmUuid{});
        // One that only looks at its files and writes its manifest is still in hand, but its slot is free.
        if (job.phase != Phase::queued && !holds_slot(job)) ++situation.slotless;
    }
    situation.free_bytes = space ? space->free_bytes : 0;
    co_return situation;
}

}  // namespace sb::engine
