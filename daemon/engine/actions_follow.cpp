// While the cluster works: polls the task, and finds it again when the answer to the POST or the tag is lost.
#include "common/text/duration_text.hpp"
#include "daemon/core/resolve.hpp"
#include "daemon/engine/actions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

bool is_unexpected(TaskState state) { return state == TaskState::uninitialized || state == TaskState::unknown; }

}  // namespace

task<Event> Actions::follow(LiveJob& live) {
    PollInterval poll_interval{dependencies_.time.steady_now()};
    auto last_readable = dependencies_.time.steady_now();
    std::optional<SteadyTime> unexpected_since;
    Milliseconds backoff = 1s;
    bool check_tag = true;
    for (;;) {
        auto const wake = poll_interval.next(dependencies_.time.steady_now());
        co_await dependencies_.time.sleep_until(wake);
        auto const out_of_reach = co_await why_out_of_reach(live);
        if (out_of_reach) co_return PollingFailed{*out_of_reach};
        auto const tag = live.job.tag;
        auto const report = co_await cluster_of(live).get_task(tag);
        auto const now = dependencies_.time.steady_now();

        if (!report) {
            // Cancelled: the daemon is stopping, and the next co_await ends this.
            if (report.error().code != Errc::cancelled)
                spdlog::warn("job {}: task {} cannot be read: {}", live.job.id, tag.text(), report.error().context);
            if (now - last_readable >= limits_.cluster_unreachable) {
                auto what = "task " + tag.text() + " was abandoned after " + length_text(limits_.cluster_unreachable) +
                            " without an answer";
                co_return PollingFailed{while_doing(report.error(), what)};
            }
            co_await sleep(backoff);
            backoff = std::min<Milliseconds>(backoff * 2, 30s);
            continue;
        }
        last_readable = now;
        backoff = 1s;
        poll_interval.record(now, report->state, report->percent);

        if (check_tag) {
            auto const is_others = co_await is_of_other(live, *report);
            if (is_others && *is_others) {
                auto what = "task " + tag.text() + " belongs to another VM or is of another kind (" +
                            report->object_uuid + ", '" + report->description + "')";
                Error error{Errc::outcome_unknown, std::move(what)};
                co_return TaskOfOtherVm{std::move(error)};
            }
            // Checked again if the VMs could not be listed.
            check_tag = !is_others;
        }
        bool const unfinished =
            report->state == TaskState::queued || report->state == TaskState::running || is_unexpected(report->state);
        if (!unfinished) co_return TaskSeen{*report};

        if (is_unexpected(report->state)) {
            if (!unexpected_since)
                spdlog::warn("job {}: task {} is in state {}", live.job.id, tag.text(), report->state_word);
            if (!unexpected_since) unexpected_since = now;
            if (now - *unexpected_since >= limits_.unexpected_state) {
                Error error{Errc::task_failed, "task " + tag.text() + " has been in state '" + report->state_word +
                                                   "' for " + length_text(limits_.unexpected_state) +
                                                   "; its outcome is unknown"};
                co_return PollingFailed{std::move(error)};
            }
        } else {
            unexpected_since.reset();
        }
        if (report->state == TaskState::running && now - poll_interval.unchanged_since() >= limits_.stalled) {
            Error error{Errc::task_failed, "task " + tag.text() + " has been stuck at " +
                                               std::to_string(report->percent) + " % for " +
                                               length_text(limits_.stalled) + "; check the cluster"};
            co_return PollingFailed{std::move(error)};
        }
        if (report->percent != live.job.percent && !is_unexpected(report->state)) {
            live.job.percent = report->percent;
            dependencies_.progressed(live.job);
        }
    }
}

namespace {

/// The last task of each VM. If a cluster does not report a task's object, its VM is still known this way.
std::vector<TaskReport> last_tasks(std::vector<Vm> const& vms) {
    std::vector<TaskReport> tasks;
    for (auto const& vm : vms) {
        if (!vm.last_task) continue;
        tasks.push_back(*vm.last_task);
        bool const names_a_vm =
            std::ranges::any_of(vms, [&](Vm const& each) { return each.uuid.text() == tasks.back().object_uuid; });
        if (!names_a_vm) tasks.back().object_uuid = vm.uuid.text();
    }
    return tasks;
}

}  // namespace

task<Actions::TaskSearch> Actions::search_task(LiveJob& live) {
    auto const vms = co_await vms_of(live, VmList::requested_now);
    auto const tasks = co_await cluster_of(live).list_tasks();
    TaskSearch search;
    // A permanent refusal of the list of tasks is no answer to wait for: the VMs report their last tasks.
    if (!vms) search.unanswered = vms.error().context;
    else if (!tasks && is_transient(tasks.error().code)) search.unanswered = tasks.error().context;
    std::vector<TaskReport> all;
    if (tasks) all = *tasks;
    std::vector<TaskReport> vm_tasks;
    if (vms) vm_tasks = last_tasks(*vms);

    if (!live.job.tag.empty()) {  // the tag has expired: the list of tasks or the VM may still have it
        for (auto const* known : {&all, &vm_tasks})
            for (auto const& report : *known)
                if (!search.found && report.tag == live.job.tag && report.state != TaskState::absent &&
                    !is_of_other_kind(live.job, report) && !(vms && is_of_other_vm(live.job, report, *vms)))
                    search.found = TaskSeen{report};
        co_return search;
    }
    // An import is identified by its description; only the list of VMs shows whether it is our VM.
    if (live.job.kind == JobKind::restore && !vms) co_return search;
    if (vms)
        for (auto* known : {&all, &vm_tasks})
            std::erase_if(*known, [&](TaskReport const& report) { return makes_another_vm(live.job, report, *vms); });
    auto const taken = dependencies_.tags_of_others(live.job.id);
    auto found = find_task(live.job, all, taken);
    if (!found) found = find_task(live.job, vm_tasks, taken);
    if (!found) co_return search;

    TaskFound mine{found->tag, VmUuid{}};
    if (live.job.kind == JobKind::restore) {
        mine.created = VmUuid{found->object_uuid};
        for (auto const& vm : *vms)
            if (vm.name == live.job.vm_name) mine.created = vm.uuid;
    }
    search.found = std::move(mine);
    co_return search;
}

task<Result<ports::FolderStats>> Actions::traces_of(LiveJob& live) {
    if (live.job.kind == JobKind::backup) {
        auto stats = co_await dependencies_.catalog.folder_stats(folder_of(live.job));
        if (!stats || stats->exists) co_return stats;
        // It may be a backup already, and only the record of that is lost.
        auto const written = co_await has_manifest(live.job);
        stats->exists = written && *written;
        co_return stats;
    }
    auto const vms = co_await vms_of(live, VmList::requested_now);
    if (!vms) co_return vms.error();
    ports::FolderStats stats;
    for (auto const& vm : *vms) {
        bool const matches = live.job.vm.empty() ? vm.name == live.job.vm_name : vm.uuid == live.job.vm;
        if (!matches) continue;
        stats.exists = true;
        stats.files = vm.disks.size();
        for (auto const& disk : vm.disks) stats.bytes += disk.allocation_bytes;
    }
    co_return stats;
}

namespace {

std::string why_outcome_is_unknown(Job const& job) {
    if (!job.tag.empty()) return "the cluster no longer knows task " + job.tag.text() + ", so its outcome is unknown";
    return "the request was sent, no answer came, and no task of the cluster shows its outcome";
}

}  // namespace

task<Event> Actions::resolve(LiveJob& live) {
    auto const started = dependencies_.time.steady_now();
    bool const had_tag = !live.job.tag.empty();
    // A tag that has expired does not come back; a POST whose answer was lost may show up late. An ambiguous refusal is
    // accepted sooner.
    bool const refused = live.job.error && live.job.error->code == Errc::maybe_rejected;
    auto search_limit = limits_.resolving;
    if (had_tag) search_limit = std::min<Milliseconds>(search_limit, 10s);
    if (refused) search_limit = std::min<Milliseconds>(search_limit, 5s);
    Milliseconds pause = 1s;
    ports::FolderStats seen;
    auto unchanged_since = started;
    std::optional<SteadyTime> nothing_found_since;
    std::string no_answer;  // why the last search got no answer
    bool answered = false;
    for (;;) {
        auto const out_of_reach = co_await why_out_of_reach(live);
        if (out_of_reach) co_return Failed{*out_of_reach};
        auto const search = co_await search_task(live);
        if (search.found) {
            if (had_tag) {
                // Its tag is known again and again, and unknown as soon as it is read.
                co_await sleep(live.found_pause);
                live.found_pause = std::clamp<Milliseconds>(live.found_pause * 2, 1s, 1min);
            }
            co_return *search.found;
        }
        // While something grows, the cluster is working, whatever it reports. What cannot be read may grow, too.
        auto const stats = co_await traces_of(live);
        auto const now = dependencies_.time.steady_now();
        if (!stats || *stats != seen) unchanged_since = now;
        if (stats) seen = *stats;
        // A cluster that does not answer has not confirmed that it has no such task.
        bool const had_answer = no_answer.empty();
        no_answer = search.unanswered;
        if (!stats) no_answer = stats.error().context;
        if (had_answer && !no_answer.empty())
            spdlog::warn("job {}: the outcome of its request cannot be determined now: {}", live.job.id, no_answer);
        if (!no_answer.empty()) nothing_found_since.reset();
        else if (!nothing_found_since) nothing_found_since = now;
        bool const at_rest = stats && (!seen.exists || now - unchanged_since >= limits_.resolving);
        answered = nothing_found_since && now - *nothing_found_since >= search_limit && at_rest;
        if (answered || now - started >= limits_.cluster_unreachable) break;
        co_await sleep(pause);
        pause = std::min<Milliseconds>(pause * 2, 15s);
    }
    auto what = why_outcome_is_unknown(live.job);
    if (!answered) what += "; the search was abandoned after " + length_text(limits_.cluster_unreachable);
    if (!no_answer.empty()) what += ": " + no_answer;
    if (live.job.kind == JobKind::backup) {
        if (seen.exists) what += "; folder '" + folder_of(live.job) + "' does not count as a backup";
    } else {
        what += "; check the cluster for VM '" + live.job.vm_name + "'";
    }
    if (live.job.error) what += " (" + live.job.error->context + ")";
    Error error{Errc::outcome_unknown, what};
    co_return NothingFound{std::move(error), answered && seen.exists, !answered};
}

}  // namespace sb::engine
