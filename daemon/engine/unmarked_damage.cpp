// The mark of damage stands in the backup's manifest. A share that takes no writing just now must not make it
// forgotten: it is kept here, shown to everybody, and tried again.
#include "daemon/engine/verifier.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// Without the folder or a manifest that can be read there is nothing to write a mark into; the last is listed as
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

task<void> Verifier::mark_what_waits() {
    if (unmarked_.empty() || dependencies_.time.steady_now() < next_marking_) co_return;
    std::vector<std::pair<std::string, Damage>> waiting;
    for (auto const& [backup, unmarked] : unmarked_) waiting.emplace_back(backup, unmarked.damage);
    for (auto const& [backup, damage] : waiting) {
        auto const marked = co_await dependencies_.verification.record_damage(backup, damage);
        if (!marked && !can_never_be_marked(marked.error())) continue;
        if (marked) spdlog::warn("backup '{}' is marked as damaged now", backup);
        co_await settle_mark(backup);
    }
    marking_pause_ = std::min<Milliseconds>(marking_pause_ * 2, 30s);
    next_marking_ = dependencies_.time.steady_now() + marking_pause_;
}

/// Nothing waits to be written there any more: the jobs have ended for the journal too.
task<void> Verifier::settle_mark(std::string backup) {
    auto const settled = unmarked_.extract(backup);
    if (settled.empty()) co_return;
    dependencies_.set_damage(backup, std::nullopt);
    for (auto const& job : settled.mapped().jobs) co_await dependencies_.record(job);
    dependencies_.backups_changed();
}

task<void> Verifier::forget_mark_cleared_by(std::string backup, Level held) {
    auto const unmarked = unmarked_.find(backup);
    if (unmarked != unmarked_.end() && clears(unmarked->second.damage, held)) co_await settle_mark(backup);
}

}  // namespace sb::engine
