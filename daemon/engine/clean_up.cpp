// Applies retention, and answers questions about the schedule.
#include "daemon/engine/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

std::string objection_to_the_clock(std::string const& doubt) {
    if (doubt.empty()) return {};
    return "the clock may be wrong: " + doubt +
           ". Check the clock and NTP; if it is right: scale-backupctl clock accept";
}

std::string objection_to_deleting(RetentionFacts const& facts) {
    return facts.storage_problem.empty() ? objection_to_the_clock(facts.clock_doubt) : facts.storage_problem;
}

}  // namespace

task<Result<GatheredFacts>> Scheduler::gather() {
    snapshots_.reread_folders();  // they may have been changed manually a moment ago
    auto const opening = present_opening();
    constexpr Milliseconds vm_age = 5s;
    auto snapshot = co_await snapshots_.take(opening, vm_age);
    if (!snapshot) co_return snapshot.error();
    co_await record_missing_vms();
    GatheredFacts gathered;
    gathered.snapshot = std::move(*snapshot);
    gathered.settings = settings_now(gathered.snapshot);
    gathered.policy = dependencies_.settings().policy;
    co_return gathered;
}

task<Result<std::vector<std::string>>> Scheduler::why(Vm vm) {
    auto gathered = co_await gather();
    if (!gathered) co_return gathered.error();
    auto const facts = forecast_facts(std::move(*gathered));
    std::optional<LastFailure> failure;
    if (auto const job = snapshots_.history().last_failure(vm.uuid))
        failure = LastFailure{job->finished.value_or(UtcTime{}), job->error ? job->error->context : std::string()};
    constexpr int days_ahead = 60;
    co_return core::why(vm.uuid, facts, failure, days_ahead, dependencies_.zone);
}

task<Result<RetentionResult>> Scheduler::evaluate_retention() {
    auto const gathered = co_await gather();
    if (!gathered) co_return gathered.error();
    RetentionResult retention;
    retention.policy = gathered->policy;
    retention.objection = objection_to_deleting(gathered->snapshot.retention);
    retention.backups = gathered->snapshot.retention.backups;
    retention.verdicts = core::evaluate_retention(gathered->snapshot.retention, retention.policy, dependencies_.zone);
    co_return retention;
}

/// Removes from `to_delete` what is now kept; adds nothing. Returns why nothing more may be deleted, if so.
task<std::string> Scheduler::evaluate_again(std::set<std::string>& to_delete, std::uint64_t& evaluated_version) {
    while (evaluated_version != snapshots_.version()) {
        evaluated_version = snapshots_.version();
        auto const again = co_await evaluate_retention();
        if (!again) co_return again.error().context;
        if (!again->objection.empty()) co_return again->objection;
        std::set<std::string> still;
        for (auto const& verdict : again->verdicts) {
            if (!verdict.keep && to_delete.contains(verdict.backup)) still.insert(verdict.backup);
            if (verdict.keep && to_delete.contains(verdict.backup))
                spdlog::info("backup '{}' is {}", verdict.backup, explain(verdict, again->policy));
        }
        to_delete = std::move(still);
    }
    co_return std::string();
}

/// Deleting may take hours. Meanwhile disks may be changed, and the clock be set.
task<std::string> Scheduler::why_stop_deleting() {
    auto const right_place = co_await dependencies_.engine.check_storage();
    if (!right_place) co_return right_place.error().context;
    co_await dependencies_.clock.check();
    co_return objection_to_the_clock(dependencies_.clock.doubt());
}

task<Pruned> Scheduler::delete_expired(RetentionResult retention, std::uint64_t evaluated_version) {
    Pruned pruned;
    std::set<std::string> to_delete;
    for (auto const& verdict : retention.verdicts)
        if (!verdict.keep) to_delete.insert(verdict.backup);
    for (auto const& verdict : retention.verdicts) {
        if (!to_delete.contains(verdict.backup)) continue;
        auto const jobs = dependencies_.engine.unfinished_jobs();
        if (std::ranges::any_of(jobs, [&](Job const& job) { return job.backup == verdict.backup; })) {
            pruned.problems.push_back("'" + verdict.backup + "' is in use by a job; skipped until the next clean-up");
            continue;
        }
        auto objection = co_await why_stop_deleting();
        // A verification may have found a damaged copy.
        if (objection.empty()) objection = co_await evaluate_again(to_delete, evaluated_version);
        if (!objection.empty()) {
            pruned.problems.push_back("nothing more was deleted: " + objection);
            pruned.stopped = true;
            break;
        }
        if (!to_delete.contains(verdict.backup)) continue;
        auto name = verdict.backup;
        auto const removed = co_await dependencies_.catalog.remove(std::move(name));
        if (!removed) {
            pruned.problems.push_back("deleting '" + verdict.backup + "': " + removed.error().context);
            spdlog::error("{}", pruned.problems.back());
            continue;
        }
        pruned.deleted.push_back(verdict.backup);
        spdlog::info("backup '{}' is {}", verdict.backup, explain(verdict, retention.policy));
        if (removed->remains.empty()) continue;
        pruned.problems.push_back("backup '" + verdict.backup + "' is deleted, but not all of it: " + removed->remains);
        spdlog::warn("{}", pruned.problems.back());
    }
    snapshots_.folders_changed();
    dependencies_.backups_changed();
    co_return pruned;
}

task<Result<Pruned>> Scheduler::prune(bool yes) {
    auto const evaluated_version = snapshots_.version();
    auto retention = co_await evaluate_retention();
    if (!retention) co_return retention.error();
    if (!retention->objection.empty()) co_return Error{Errc::refused, "nothing was deleted: " + retention->objection};
    if (needs_confirmation(retention->verdicts) && !yes)
        co_return Error{Errc::refused,
                        "this would delete more than half of all backups; check with scale-backupctl prune --dry-run. "
                        "To delete them anyway: scale-backupctl prune --yes"};
    co_return co_await delete_expired(std::move(*retention), evaluated_version);
}

task<bool> Scheduler::clean_up(Run& run) {
    if (last_plan_) {
        for (auto const& late : last_plan_->behind) run.behind.push_back(late.name);
        dependencies_.alerts.behind_schedule(last_plan_->behind);
    }
    auto const evaluated_version = snapshots_.version();
    auto retention = co_await evaluate_retention();
    if (!retention) {
        run.problems.push_back("clean-up: " + retention.error().context);
        co_return false;
    }
    if (!retention->objection.empty()) {
        run.problems.push_back("clean-up: nothing was deleted: " + retention->objection);
        co_return false;
    }
    auto const unowned = std::ranges::find(retention->verdicts, Reason::some_copy_damaged, &Verdict::reason);
    if (unowned != retention->verdicts.end())
        run.problems.push_back("clean-up: nothing was deleted: backup '" + unowned->blocker +
                               "' is damaged, and neither its manifest, its job nor its definition says which VM it "
                               "belongs to; repair it or delete its folder");
    for (auto const& verdict : retention->verdicts)
        if (verdict.keep && verdict.rule != Rule::none)
            spdlog::info("backup '{}' is {}", verdict.backup, explain(verdict, retention->policy));
    if (needs_confirmation(retention->verdicts)) {
        run.problems.push_back(
            "clean-up: this would delete more than half of all backups, so nothing was deleted; check with "
            "scale-backupctl prune --dry-run. To delete them anyway: scale-backupctl prune --yes");
        co_return true;
    }
    auto const pruned = co_await delete_expired(std::move(*retention), evaluated_version);
    run.deleted = pruned.deleted;
    run.problems.insert(run.problems.end(), pruned.problems.begin(), pruned.problems.end());
    co_return !pruned.stopped;
}

task<void> Scheduler::clean_up_leftovers(Run& run) {
    auto const done = co_await leftovers_.clean_up();
    run.problems.insert(run.problems.end(), done.problems.begin(), done.problems.end());
    if (done.rescued == 0) co_return;
    snapshots_.folders_changed();
    dependencies_.backups_changed();
}

}  // namespace sb::engine
