// Retention carried out, and the questions about the schedule that people ask.
#include "daemon/engine/scheduler.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

task<Result<Scheduler::Asked>> Scheduler::ask() {
    snapshots_.read_folders_afresh();  // somebody may have changed them by hand a moment ago
    auto const opening = present_opening();
    constexpr Milliseconds vm_age = 5s;
    auto snapshot = co_await snapshots_.look(opening, vm_age);
    if (!snapshot) co_return snapshot.error();
    co_await record_missing_vms();
    Asked asked;
    asked.snapshot = std::move(*snapshot);
    asked.settings = settings_now(asked.snapshot);
    asked.policy = dependencies_.settings().policy;
    co_return asked;
}

ForecastFacts forecast_facts(Scheduler::Asked asked) {
    ForecastFacts facts;
    facts.schedule = std::move(asked.snapshot.facts);
    facts.settings = asked.settings;
    facts.in_hand = std::move(asked.snapshot.in_hand);
    facts.retention = std::move(asked.snapshot.retention);
    facts.policy = asked.policy;
    facts.free_bytes = asked.snapshot.free_bytes;
    return facts;
}

task<Result<std::vector<std::string>>> Scheduler::why(Vm vm) {
    auto asked = co_await ask();
    if (!asked) co_return asked.error();
    auto const facts = forecast_facts(std::move(*asked));
    std::optional<LastFailure> failure;
    if (auto const job = snapshots_.history().last_failure(vm.uuid))
        failure = LastFailure{job->finished.value_or(UtcTime{}), job->error ? job->error->context : std::string()};
    constexpr int days_ahead = 60;
    co_return core::why(vm.uuid, facts, failure, days_ahead, dependencies_.zone);
}

task<Result<Judged>> Scheduler::judge() {
    auto const asked = co_await ask();
    if (!asked) co_return asked.error();
    Judged judged;
    judged.policy = asked->policy;
    judged.storage_doubt = asked->snapshot.facts.storage_doubt;
    judged.backups = asked->snapshot.retention.backups;
    judged.verdicts = core::judge(asked->snapshot.retention, judged.policy, dependencies_.zone);
    co_return judged;
}

/// Takes back what is not given up any more; adds nothing. Why nothing at all may be deleted any more, if so.
task<std::string> Scheduler::judge_again(std::set<std::string>& condemned, std::uint64_t& judged_at) {
    while (judged_at != snapshots_.news()) {
        judged_at = snapshots_.news();
        auto const again = co_await judge();
        if (!again) co_return again.error().context;
        if (!again->storage_doubt.empty()) co_return again->storage_doubt;
        std::set<std::string> still;
        for (auto const& verdict : again->verdicts) {
            if (!verdict.keep && condemned.contains(verdict.backup)) still.insert(verdict.backup);
            if (verdict.keep && condemned.contains(verdict.backup))
                spdlog::info("backup '{}' is {}", verdict.backup, explain(verdict, again->policy));
        }
        condemned = std::move(still);
    }
    co_return std::string();
}

task<Pruned> Scheduler::delete_judged(Judged judged, std::uint64_t judged_at) {
    Pruned pruned;
    std::set<std::string> condemned;
    for (auto const& verdict : judged.verdicts)
        if (!verdict.keep) condemned.insert(verdict.backup);
    for (auto const& verdict : judged.verdicts) {
        if (!condemned.contains(verdict.backup)) continue;
        auto const jobs = dependencies_.engine.unfinished_jobs();
        if (std::ranges::any_of(jobs, [&](Job const& job) { return job.backup == verdict.backup; })) {
            pruned.problems.push_back("'" + verdict.backup + "' is in use by a job and was left for the next clean-up");
            continue;
        }
        // There may be hours of removals. Disks are changed in them, and a verification finds that a copy is no good.
        auto const right_place = co_await dependencies_.engine.check_storage();
        std::string objection;
        if (right_place) objection = co_await judge_again(condemned, judged_at);
        else objection = right_place.error().context;
        if (!objection.empty()) {
            pruned.problems.push_back("nothing more was deleted: " + objection);
            pruned.stopped = true;
            break;
        }
        if (!condemned.contains(verdict.backup)) continue;
        spdlog::info("backup '{}' is {}", verdict.backup, explain(verdict, judged.policy));
        auto name = verdict.backup;
        auto const removed = co_await dependencies_.catalog.remove(std::move(name));
        if (removed) pruned.deleted.push_back(verdict.backup);
        else pruned.problems.push_back("deleting '" + verdict.backup + "': " + removed.error().context);
    }
    snapshots_.folders_changed();
    dependencies_.backups_removed();
    co_return pruned;
}

task<Result<Pruned>> Scheduler::prune(bool yes) {
    auto const judged_at = snapshots_.news();
    auto judged = co_await judge();
    if (!judged) co_return judged.error();
    if (!judged->storage_doubt.empty()) co_return Error{Errc::refused, "nothing is deleted: " + judged->storage_doubt};
    if (needs_confirmation(judged->verdicts) && !yes)
        co_return Error{Errc::refused,
                        "this would delete more than half of all backups; look at prune --dry-run, then "
                        "scale-backupctl prune --yes"};
    co_return co_await delete_judged(std::move(*judged), judged_at);
}

task<bool> Scheduler::clean_up(Run& run) {
    if (last_plan_) {
        for (auto const& late : last_plan_->behind) run.behind.push_back(late.name);
        dependencies_.alerts.behind_schedule(last_plan_->behind);
    }
    auto const judged_at = snapshots_.news();
    auto judged = co_await judge();
    if (!judged) {
        run.problems.push_back("clean-up: " + judged.error().context);
        co_return false;
    }
    if (!judged->storage_doubt.empty()) {
        run.problems.push_back("clean-up: nothing was deleted: " + judged->storage_doubt);
        co_return false;
    }
    auto const nobodys = std::ranges::find(judged->verdicts, Reason::some_copy_damaged, &Verdict::reason);
    if (nobodys != judged->verdicts.end())
        run.problems.push_back("clean-up: nothing was deleted: backup '" + nobodys->because +
                               "' is damaged, and neither its manifest nor its "
                               "job nor its definition tells of which VM it is; mend it or remove its folder");
    for (auto const& verdict : judged->verdicts)
        if (verdict.keep && verdict.rule != Rule::none)
            spdlog::info("backup '{}' is {}", verdict.backup, explain(verdict, judged->policy));
    if (needs_confirmation(judged->verdicts)) {
        run.problems.push_back(
            "clean-up: more than half of all backups would go, so nothing was deleted; look at "
            "scale-backupctl prune --dry-run, then prune --yes");
        co_return true;
    }
    auto const pruned = co_await delete_judged(std::move(*judged), judged_at);
    run.deleted = pruned.deleted;
    run.problems.insert(run.problems.end(), pruned.problems.begin(), pruned.problems.end());
    co_return !pruned.stopped;
}

}  // namespace sb::engine
