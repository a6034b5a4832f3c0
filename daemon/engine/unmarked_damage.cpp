// Damage is recorded in the backup's manifest. If the share cannot be written, the damage must not be abandoned: it is
// kept here, shown to everyone, and the write is retried.
#include "daemon/engine/verifier.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// Without a folder or a readable manifest there is nothing to mark; a backup with an unreadable manifest is listed as
/// damaged anyway.
bool can_never_be_marked(Error const& error) {
    return error.code == Errc::not_found || error.code == Errc::refused || error.code == Errc::damaged_backup;
}

}  // namespace

/// False if the mark will be written later.
task<bool> Verifier::mark_as_damaged(Job job) {
    Damage damage{job.level, dependencies_.time.now(), job.error->context};
    auto const backup = job.backup;
    auto const marked = co_await dependencies_.verification.record_damage(backup, damage);
    if (!marked)
        spdlog::error("job {}: backup '{}' could not be marked as damaged: {}", job.id, job.backup,
                      marked.error().context);
    if (marked || can_never_be_marked(marked.error())) {
        co_await settle_mark(backup);
        co_return true;
    }
    mark_later(job, std::move(damage));
    co_return false;
}

void Verifier::mark_later(Job const& found, Damage damage) {
    dependencies_.set_damage(found.backup, damage);
    auto& unmarked = unmarked_[found.backup];
    unmarked.damage = std::move(damage);
    unmarked.jobs.push_back(found);
    marking_pause_ = 1s;
    next_marking_ = dependencies_.time.steady_now() + marking_pause_;
}

task<void> Verifier::retry_marks() {
    if (unmarked_.empty() || dependencies_.time.steady_now() < next_marking_) co_return;
    std::vector<std::pair<std::string, Damage>> waiting;
    for (auto const& [backup, unmarked] : unmarked_) waiting.emplace_back(backup, unmarked.damage);
    for (auto const& [backup, damage] : waiting) {
        auto const marked = co_await dependencies_.verification.record_damage(backup, damage);
        if (!marked && !can_never_be_marked(marked.error())) continue;
        if (marked) spdlog::warn("backup '{}' is now marked as damaged", backup);
        co_await settle_mark(backup);
    }
    marking_pause_ = std::min<Milliseconds>(marking_pause_ * 2, 30s);
    next_marking_ = dependencies_.time.steady_now() + marking_pause_;
}

/// Nothing is left to write: the jobs are now finished for the journal too.
task<void> Verifier::settle_mark(std::string backup) {
    auto const settled = unmarked_.extract(backup);
    if (settled.empty()) co_return;
    dependencies_.set_damage(backup, std::nullopt);
    for (auto const& job : settled.mapped().jobs) co_await dependencies_.recorder.record(job);
    dependencies_.backups_changed();
}

task<void> Verifier::clear_mark(std::string backup, Level passed) {
    auto const unmarked = unmarked_.find(backup);
    if (unmarked != unmarked_.end() && clears(unmarked->second.damage, passed)) co_await settle_mark(backup);
}

}  // namespace sb::engine
