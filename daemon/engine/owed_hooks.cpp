#include "daemon/engine/owed_hooks.hpp"

#include "daemon/async/failure.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <exception>
#include <utility>

namespace sb::engine {

using namespace core;

void OwedHooks::lease(OwedHook const& hook) {
    if (ended_.contains(hook.job) || held_.contains(hook.job)) return;
    if (auto lease = leases_.share(hook.backup)) held_.emplace(hook.job, Held{std::move(*lease), hook});
    else spdlog::warn("job {}: backup '{}' is deleted before its delayed PostBackup hook", hook.job, hook.backup);
}

void OwedHooks::release(OwedHook const& hook) {
    held_.erase(hook.job);
    if (surplus_.erase(hook.backup) > 0) judge_surplus();
}

void OwedHooks::note_surplus(std::vector<std::string> const& in_use, UtcTime now) {
    constexpr auto long_time = std::chrono::hours(24);
    surplus_.clear();
    for (auto const& [job, held] : held_) {
        bool const is_kept = std::ranges::find(in_use, held.hook.backup) != in_use.end();
        if (is_kept && now - held.hook.since > long_time) surplus_.emplace(held.hook.backup, held.hook);
    }
    judge_surplus();
}

void OwedHooks::judge_surplus() {
    if (surplus_.empty()) return conditions_.clear(ConditionKind::surplus_waits_for_hooks);
    auto const oldest =
        std::ranges::min_element(surplus_, {}, [](auto const& kept) -> UtcTime const& { return kept.second.since; });
    auto text =
        std::to_string(surplus_.size()) + (surplus_.size() == 1 ? " surplus backup waits" : " surplus backups wait");
    conditions_.raise(ConditionKind::surplus_waits_for_hooks, text + " for the delayed PostBackup hook; the one of '" +
                                                                  oldest->first + "' is owed since " +
                                                                  format_rfc3339(oldest->second.since));
}

void OwedHooks::note(Job const& finished) {
    if (auto const hook = owed_hook_of(finished)) lease(*hook);
}

task<void> OwedHooks::load() {
    auto const owed = co_await journal_.owed_hooks();
    if (!owed) co_return;  // run_next() reports it
    for (auto const& hook : *owed) lease(hook);
}

task<std::optional<EndedHook>> OwedHooks::run_next() {
    co_await settle_ended();
    auto const owed = co_await journal_.owed_hooks();
    if (!owed) {
        spdlog::error("the delayed PostBackup hooks are not known: {}", owed.error().context);
        co_return std::nullopt;
    }
    auto const next = std::ranges::find_if(*owed, [&](OwedHook const& hook) { return !ended_.contains(hook.job); });
    if (next == owed->end()) co_return std::nullopt;
    EndedHook ended;
    ended.hook = *next;
    if (hooks_.is_set(HookKind::post_backup)) ended.problem = co_await run(*next);
    else
        spdlog::warn("job {}: the delayed PostBackup hook of backup '{}' is dropped: PostBackup is no longer set",
                     next->job, next->backup);
    release(*next);
    if (!ended.problem.empty()) spdlog::warn("job {}: {}", next->job, ended.problem);
    ended_.insert_or_assign(next->job, ended.problem);
    co_await settle_ended();
    co_return ended;
}

task<std::string> OwedHooks::run(OwedHook hook) {
    struct Running {
        std::optional<OwedHook>& hook;
        ~Running() { hook.reset(); }
    };
    running_ = hook;
    Running const until_the_end{running_};
    std::string problem;
    try {
        ports::HookVariables variables{hook.vm_name, hook.backup};
        problem = co_await hooks_.run(HookKind::post_backup, std::move(variables));
    } catch (std::exception const& e) {
        if (is_stop(e)) throw;
        problem = "PostBackup: " + internal_error(e.what()).context;
    }
    co_return problem;
}

task<void> OwedHooks::settle_ended() {
    auto const ended = ended_;
    for (auto const& [job, problem] : ended) {
        auto const settled = co_await journal_.settle_hook(job, problem);
        if (settled) ended_.erase(job);
        else
            spdlog::error("job {}: the end of its delayed PostBackup hook could not be recorded; retrying: {}", job,
                          settled.error().context);
    }
}

}  // namespace sb::engine
