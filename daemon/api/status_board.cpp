#include "daemon/api/status_board.hpp"

#include "common/text/shell_word.hpp"
#include "daemon/api/to_rpc.hpp"
#include "daemon/async/let_others_run.hpp"
#include "daemon/engine/rebuild_history.hpp"
#include "daemon/core/rebuild_history.hpp"
#include "daemon/core/retention.hpp"
#include "daemon/core/text.hpp"
#include "daemon/engine/repeat.hpp"
#include "daemon/platform/process.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <chrono>

namespace sb::api {

using namespace std::chrono_literals;

namespace {

/// A hook that runs so long may hang.
constexpr auto long_hook = 1h;

std::string hanging_hook(engine::RunningHook const& hook, core::Zone const& zone) {
    return "PreBackup of job " + std::to_string(hook.job) + " (" + hook.vm_name + ") has been running since " +
           core::moment_text(hook.since, zone) +
           ", so its backup waits, and holds a slot until HookTimeout. To stop it: " +
           suggested_command("cancel", {std::to_string(hook.job)});
}

std::string hanging_hook(engine::Scheduler::DelayedHook const& hook, core::Zone const& zone) {
    return "the delayed PostBackup hook of backup '" + hook.hook.backup + "' has been running since " +
           core::moment_text(hook.since, zone) + "; " + std::to_string(hook.owed) +
           " backups are not deleted before their hook has run. It is stopped after HookTimeout";
}

}  // namespace

rpc::Status::Window StatusBoard::window() const {
    rpc::Status::Window window;
    auto const settings = settings_();
    window.configured = settings.configured;
    if (!settings.configured) return window;
    auto const daily = settings.settings.timing.window;
    auto const now = time_.now();
    window.open = core::is_open(daily, now, zone_);
    auto const change = core::next_change(daily, now, zone_);
    if (!change) return window;  // always open
    auto const change_after = core::next_change(daily, *change, zone_);
    window.opens = window.open ? change_after : change;
    window.closes = window.open ? change : change_after;
    return window;
}

std::optional<bool> StatusBoard::tag_matches_nothing() const {
    auto const settings = settings_();
    auto const& plan = scheduler_.last_plan();
    if (!plan) return std::nullopt;
    return settings.configured && settings.settings.tag && plan->tag_matches_nothing;
}

/// A command may have changed them a moment ago. LocalPath may hang, which must not keep `status` from its answer.
task<void> StatusBoard::wait_for_totals() {
    if (unread_storage_) co_return;
    auto const changes = changes_;
    auto const limit = time_.steady_now() + 2s;
    while (changes_shown_ < changes && time_.steady_now() < limit) {
        wanted_.poke();
        auto const soon = time_.steady_now() + 20ms;
        co_await time_.sleep_until(soon);
    }
}

task<Result<rpc::Status::Reply>> StatusBoard::status() {
    co_await wait_for_totals();
    rpc::Status::Reply reply;
    reply.version = SB_VERSION;
    reply.pid = platform::process_id();
    reply.uptime_seconds = std::chrono::duration_cast<std::chrono::seconds>(time_.steady_now() - started_).count();
    auto const& reachability = engine_.cluster_reachability();
    // Errors of the cluster name the host, which `status` shows beside them.
    auto error = reachability.error;
    auto const prefix = "cluster " + cluster_.host() + ": ";
    if (error.starts_with(prefix)) error.erase(0, prefix.size());
    reply.cluster = {cluster_.host(),
                     reachability.reachable,
                     std::move(error),
                     to_rpc(cluster_.nodes()),
                     engine_.identity().present().uuid,
                     engine_.identity().present().name,
                     reachability.at};
    auto const jobs = engine_.count_jobs();
    reply.jobs = {static_cast<int>(jobs.queued), static_cast<int>(jobs.running)};
    reply.last_success = engine_.last_success();
    if (!reply.last_success) reply.last_success = newest_backup_;
    reply.backups = backups_;
    reply.storage = storage_;
    reply.storage.path = local_path_.string();
    reply.storage.reclaimable_bytes = trash_.reclaimable_bytes();
    reply.backups.deleted_count = trash_.entries().size();
    reply.window = window();
    reply.time_zone = platform::zone_text(time_zone_);
    reply.clock = clock_.remark();
    reply.paused = scheduler_.paused();
    if (auto const& plan = scheduler_.last_plan())
        for (auto const& late : plan->behind) reply.behind.push_back(late.name);
    if (unread_storage_) reply.problems.push_back(*unread_storage_);
    else if (auto problem = why_totals_are_old(); !problem.empty()) reply.problems.push_back(std::move(problem));
    if (time_zone_.problem) reply.problems.push_back(*time_zone_.problem);
    if (tag_matches_nothing().value_or(false))
        reply.problems.push_back("no VM of the cluster has the tag '" + *schedule_tag() + "', so nothing is backed up");
    constexpr auto shown_for = std::chrono::days(7);
    if (journal_replaced_ && time_.now() - journal_replaced_->at < shown_for)
        reply.problems.push_back(journal_replaced_->why);
    auto const delayed = scheduler_.delayed_hook();
    if (delayed) {
        rpc::DelayedHookInfo hook;
        hook.backup = delayed->hook.backup;
        hook.vm = delayed->hook.vm_name;
        hook.since = delayed->since;
        hook.owed = delayed->owed;
        reply.delayed_hook = std::move(hook);
    }
    if (delayed && time_.now() - delayed->since >= long_hook) reply.problems.push_back(hanging_hook(*delayed, zone_));
    for (auto const& hook : engine_.running_hooks())
        if (time_.now() - hook.since >= long_hook) reply.problems.push_back(hanging_hook(hook, zone_));
    for (auto const& condition : conditions_.all()) reply.conditions.push_back(shown(condition));
    reply.last_run = co_await last_run();
    co_return reply;
}

/// Each folder that does not answer takes a listing some seconds, and more than a few are not waited for.
std::string StatusBoard::why_totals_are_old() const {
    constexpr auto long_reading = 1min;
    auto const as_of = backups_.counted
                           ? "; the backups are counted as of " + core::moment_text(*backups_.counted, zone_)
                           : std::string("; the backups have not been counted since the start");
    auto const& why = engine_.why_not_listed();
    if (!why.empty()) return "the backups cannot be listed, so no scheduled backup is made: " + why + as_of;
    if (!reading_since_ || time_.now() - *reading_since_ < long_reading) return {};
    return "LocalPath has not answered since " + core::moment_text(*reading_since_, zone_) + as_of;
}

/// As of a moment after the question.
task<std::optional<rpc::RunInfo>> StatusBoard::last_run() {
    auto const question = ++run_asked_;
    auto const alone = co_await reading_run_.lock();
    if (run_shown_ >= question) co_return last_run_;
    auto const answered = run_asked_;
    auto const runs = co_await scheduler_.runs(1);
    last_run_.reset();
    if (runs && !runs->empty()) last_run_ = to_rpc(runs->front());
    run_shown_ = answered;
    co_return last_run_;
}

void StatusBoard::note_names(std::vector<core::Backup> const& backups) {
    names_in_backups_.clear();
    std::unordered_map<VmUuid, UtcTime> newest;
    for (auto const& backup : backups) {
        if (!backup.manifest || backup.manifest->vm_uuid.empty() || backup.manifest->vm_name.empty()) continue;
        auto const& manifest = *backup.manifest;
        auto const [known, is_first] = newest.try_emplace(manifest.vm_uuid, manifest.started);
        if (!is_first && manifest.started < known->second) continue;
        known->second = manifest.started;
        names_in_backups_[manifest.vm_uuid] = manifest.vm_name;
    }
}

void StatusBoard::note_names(std::vector<core::Vm> const& vms) {
    names_at_cluster_.clear();
    for (auto const& vm : vms) names_at_cluster_[vm.uuid] = vm.name;
}

/// For people with the VM's name, if its subject is a VM.
rpc::Status::Condition StatusBoard::shown(core::Condition const& condition) const {
    auto info = to_rpc(condition);
    VmUuid const vm{condition.subject};
    for (auto const* names : {&names_at_cluster_, &names_in_backups_})
        if (auto const name = names->find(vm); name != names->end()) {
            info.summary = "VM '" + name->second + "': " + info.summary;
            break;
        }
    return info;
}

void StatusBoard::count(std::vector<core::Backup> const& backups, core::PresentCluster const& present) {
    backups_ = rpc::Status::Backups();
    backups_.counted = time_.now();
    newest_backup_.reset();
    std::vector<core::Stored> all;
    for (auto const& backup : backups) all.push_back(core::stored_of(backup, present));
    auto const copied = core::copied_by_hand(all);
    for (std::size_t i = 0; i < all.size(); ++i) {
        auto const& stored = all[i];
        // It is counted once it is there, and so is its size.
        if (stored.state == core::BackupState::exporting) continue;
        // Anyone who can write to the share may have put it there.
        if (stored.is_claim) {
            ++backups_.unknown_count;
            backups_.unknown_bytes += stored.size_bytes;
            continue;
        }
        if (stored.is_unanswered) ++backups_.unanswered_count;
        backups_.size_bytes += stored.size_bytes;
        if (stored.state != core::BackupState::complete) continue;
        if (!copied[i]) ++backups_.count;
        bool const may_be_newest = stored.origin == core::ClusterOrigin::same && stored.started <= time_.now();
        if (may_be_newest) newest_backup_ = std::max(newest_backup_.value_or(stored.started), stored.started);
        if (stored.origin == core::ClusterOrigin::same) continue;
        if (!copied[i]) ++backups_.other_clusters_count;
        backups_.other_clusters_bytes += stored.size_bytes;
    }
}

task<void> StatusBoard::refresh_totals() {
    auto const changes = changes_;
    time_zone_ = platform::zone_info(time_.now());
    reading_since_ = time_.now();
    auto backups = co_await engine_.list_backups();
    auto const space = co_await catalog_.space();
    reading_since_.reset();
    if (space) {
        storage_.free_bytes = space->free_bytes;
        storage_.total_bytes = space->total_bytes;
        storage_.measured = time_.now();
    }
    changes_shown_ = changes;  // what cannot be read now is tried again minutes later
    if (!backups) {
        spdlog::warn("the backups cannot be listed: {}", backups.error().context);
        co_return;
    }
    auto present = engine_.identity().present();
    note_names(*backups);
    co_await let_others_run();  // ten thousand backups take a while
    count(*backups, present);
    co_await let_others_run();
    co_await check_history(std::move(*backups), std::move(present));
}

/// LocalPath may have been mounted after the start. Later on, newer jobs are those of another installation.
task<void> StatusBoard::check_history(std::vector<core::Backup> backups, core::PresentCluster present) {
    std::erase_if(backups, [](core::Backup const& backup) { return backup.is_unanswered; });  // no manifest was read
    if (history_is_complete_) co_return;
    history_is_complete_ = core::newest_job(backups) > 0;
    co_await engine::complete_history(journal_, std::move(backups), std::move(present));
}

task<void> StatusBoard::check_journal() {
    // It may have been lost while the daemon ran, or LocalPath could not be read at the start.
    co_await engine::rebuild_history(journal_, catalog_);
    auto const replaced = co_await journal_.journal_replaced();
    if (!replaced || !*replaced) co_return;
    bool const is_new = !journal_replaced_ || journal_replaced_->at != (*replaced)->at;
    journal_replaced_ = **replaced;
    // A later restart must not report it again.
    constexpr auto fresh = 15min;
    if (is_new && time_.now() - journal_replaced_->at < fresh) journal_was_lost_(journal_replaced_->why);
}

/// A caller that waits is served immediately; other changes are collected for a second.
task<void> StatusBoard::totals_turn() {
    constexpr auto check_every = 1s;
    auto const totals_every = engine_.why_not_listed().empty() ? 5min : 1min;
    bool const is_stale = changes_shown_ != changes_;
    if (is_stale || !totals_at_ || time_.steady_now() - *totals_at_ >= totals_every) {
        totals_at_ = time_.steady_now();
        co_await refresh_totals();
        co_await engine_.watch_storage();
        co_await check_journal();
    }
    auto const next = time_.now() + check_every;
    co_await wanted_.wait_until(next);
}

task<void> StatusBoard::cluster_turn() {
    constexpr Milliseconds recent_enough = 1s;
    auto const jobs = engine_.count_jobs();
    bool const jobs_ask_anyway = jobs.queued + jobs.running > 0 && engine_.cluster_reachability().reachable;
    if (!jobs_ask_anyway) {
        auto const vms = co_await engine_.list_vms_by_clock(recent_enough);
        if (!vms) spdlog::warn("{}", vms.error().context);
        else note_names(*vms);
    }
    co_await cluster_.check_other_nodes();
}

/// The cluster may take long to answer, and LocalPath, too.
task<void> StatusBoard::keep_fresh() {
    using namespace asio::experimental::awaitable_operators;
    constexpr auto after_a_bug = 1min;
    constexpr auto cluster_every = 5min;
    engine::Repetition totals;
    totals.what = "counting the backups";
    totals.after_a_bug = after_a_bug;
    std::function<task<void>()> count = [this] { return totals_turn(); };
    std::function<task<void>()> ask = [this] { return cluster_turn(); };
    auto counting = engine::repeat(time_, std::move(totals), std::move(count));
    auto asking = engine::repeat(time_, cluster_every, "asking the cluster for its VMs", std::move(ask));
    co_await (std::move(counting) && std::move(asking));
}

}  // namespace sb::api
