// While the cluster works: following the task, and finding it again when its answer or its tag was lost.
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
    std::optional<SteadyTime> strange_since;
    Milliseconds backoff = 1s;
    bool tag_is_to_be_checked = true;
    for (;;) {
        auto const wake = poll_interval.next(dependencies_.time.steady_now());
        co_await dependencies_.time.sleep_until(wake);
        auto const tag = live.job.tag;
        auto const report = co_await dependencies_.cluster.get_task(tag);
        auto const now = dependencies_.time.steady_now();

        if (!report) {
            // Cancelled: the daemon stops, and the next co_await ends this.
            if (report.error().code != Errc::cancelled)
                spdlog::warn("job {}: task {} cannot be read: {}", live.job.id, tag.text(), report.error().context);
            if (now - last_readable >= limits_.cluster_unreachable) {
                auto what = "gave up on task " + tag.text() + " after " + length_text(limits_.cluster_unreachable) +
                            " without an answer";
                co_return FollowingFailed{while_doing(report.error(), what)};
            }
            co_await sleep(backoff);
            backoff = std::min<Milliseconds>(backoff * 2, 30s);
            continue;
        }
        last_readable = now;
        backoff = 1s;
        poll_interval.seen(now, report->state, report->percent);

        if (tag_is_to_be_checked) {
            auto const checked = *report;
            bool const is_of_other = co_await is_of_other_vm(live.job, checked);
            if (is_of_other) {
                Error error{Errc::outcome_unknown,
                            "task " + tag.text() + " is work on another VM (" + checked.object_uuid + ")"};
                co_return TaskOfOther{std::move(error)};
            }
            tag_is_to_be_checked = false;
        }
        bool const goes_on =
            report->state == TaskState::queued || report->state == TaskState::running || is_unexpected(report->state);
        if (!goes_on) co_return TaskSeen{*report};

        if (is_unexpected(report->state)) {
            if (!strange_since)
                spdlog::warn("job {}: task {} is in state {}", live.job.id, tag.text(), report->state_word);
            if (!strange_since) strange_since = now;
            if (now - *strange_since >= limits_.strange_state) {
                Error error{Errc::task_failed, "task " + tag.text() + " has been in state '" + report->state_word +
                                                   "' for " + length_text(limits_.strange_state) +
                                                   "; what became of it is not known"};
                co_return FollowingFailed{std::move(error)};
            }
        } else {
            strange_since.reset();
        }
        if (report->state == TaskState::running && now - poll_interval.unchanged_since() >= limits_.standstill) {
            Error error{Errc::task_failed, "task " + tag.text() + " has stood still at " +
                                               std::to_string(report->percent) + " % for " +
                                               length_text(limits_.standstill) + "; look at the cluster"};
            co_return FollowingFailed{std::move(error)};
        }
        if (report->percent != live.job.percent && !is_unexpected(report->state)) {
            live.job.percent = report->percent;
            dependencies_.progressed(live.job);
        }
    }
}

task<bool> Actions::is_of_other_vm(Job const& job, TaskReport const& report) {
    // What a cluster writes there for exports is not documented, so only the uuid of another VM counts.
    if (job.kind != JobKind::backup || report.object_uuid.empty() || report.object_uuid == job.vm.text())
        co_return false;
    auto const vms = co_await dependencies_.vms.get(limits_.other_vm_list_age);
    if (!vms) co_return false;
    co_return std::ranges::any_of(*vms, [&](Vm const& vm) { return vm.uuid.text() == report.object_uuid; });
}

namespace {

/// The last task of each VM; a cluster that leaves out what a task works on still says whose it was.
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

task<Actions::Look> Actions::look_for_task(LiveJob& live) {
    auto const vms = co_await dependencies_.vms.fresh();
    auto const tasks = co_await dependencies_.cluster.list_tasks();
    Look look;
    // A list of tasks that is refused for good is no list; the VMs tell of their last tasks.
    if (!vms) look.unanswered = vms.error().context;
    else if (!tasks && is_transient(tasks.error().code)) look.unanswered = tasks.error().context;
    std::vector<TaskReport> all;
    if (tasks) all = *tasks;
    std::vector<TaskReport> of_vms;
    if (vms) of_vms = last_tasks(*vms);

    if (!live.job.tag.empty()) {  // it was ours and is gone: the list, or the VM, may know it longer
        for (auto const* known : {&all, &of_vms})
            for (auto const& report : *known)
                if (!look.found && report.tag == live.job.tag && report.state != TaskState::absent)
                    look.found = TaskSeen{report};
        co_return look;
    }
    // An import is known by its text; whether that means our VM, only the list of VMs tells.
    if (live.job.kind == JobKind::restore && !vms) co_return look;
    if (vms)
        for (auto* known : {&all, &of_vms})
            std::erase_if(*known, [&](TaskReport const& report) { return makes_another_vm(live.job, report, *vms); });
    auto const taken = dependencies_.tags_of_others(live.job.id);
    auto found = find_task(live.job, all, taken);
    if (!found) found = find_task(live.job, of_vms, taken);
    if (!found) co_return look;

    TaskFound mine{found->tag, VmUuid{}};
    if (live.job.kind == JobKind::restore) {
        mine.created = VmUuid{found->object_uuid};
        for (auto const& vm : *vms)
            if (vm.name == live.job.vm_name) mine.created = vm.uuid;
    }
    look.found = std::move(mine);
    co_return look;
}

task<Result<ports::FolderStats>> Actions::traces_of(LiveJob& live) {
    if (live.job.kind == JobKind::backup) {
        auto folder = live.job.backup;
        co_return co_await dependencies_.catalog.folder_stats(std::move(folder));
    }
    auto const vms = co_await dependencies_.vms.fresh();
    if (!vms) co_return vms.error();
    ports::FolderStats stats;
    for (auto const& vm : *vms) {
        bool const is_it = live.job.vm.empty() ? vm.name == live.job.vm_name : vm.uuid == live.job.vm;
        if (!is_it) continue;
        stats.exists = true;
        stats.files = vm.disks.size();
        for (auto const& disk : vm.disks) stats.bytes += disk.allocation_bytes;
    }
    co_return stats;
}

namespace {

std::string why_nothing_is_known(Job const& job) {
    if (!job.tag.empty())
        return "the cluster no longer knows task " + job.tag.text() + ", so how it ended is not known";
    return "the request was sent, its answer never came, and no task of the cluster shows what became of it";
}

}  // namespace

task<Event> Actions::resolve(LiveJob& live) {
    auto const begun = dependencies_.time.steady_now();
    bool const had_tag = !live.job.tag.empty();
    // A tag that has expired does not come back; a POST whose answer was lost may show up late.
    // A refusal in doubt is believed sooner.
    bool const refused = live.job.error && live.job.error->code == Errc::maybe_rejected;
    auto give_up_after = limits_.resolving;
    if (had_tag) give_up_after = std::min<Milliseconds>(give_up_after, 10s);
    if (refused) give_up_after = std::min<Milliseconds>(give_up_after, 5s);
    Milliseconds pause = 1s;
    ports::FolderStats seen;
    auto unchanged_since = begun;
    std::optional<SteadyTime> told_nothing_since;
    std::string cannot_tell;  // why the last look says nothing, in words
    bool was_told = false;
    for (;;) {
        auto const look = co_await look_for_task(live);
        if (look.found) co_return *look.found;
        // While something grows, the cluster is at work, whatever it tells. What cannot be seen may grow, too.
        auto const stats = co_await traces_of(live);
        auto const now = dependencies_.time.steady_now();
        if (!stats || *stats != seen) unchanged_since = now;
        if (stats) seen = *stats;
        // A cluster that does not answer has not said that it knows of nothing.
        bool const could_tell = cannot_tell.empty();
        cannot_tell = look.unanswered;
        if (!stats) cannot_tell = stats.error().context;
        if (could_tell && !cannot_tell.empty())
            spdlog::warn("job {}: what became of its order cannot be found out now: {}", live.job.id, cannot_tell);
        if (!cannot_tell.empty()) told_nothing_since.reset();
        else if (!told_nothing_since) told_nothing_since = now;
        bool const at_rest = stats && (!seen.exists || now - unchanged_since >= limits_.resolving);
        was_told = told_nothing_since && now - *told_nothing_since >= give_up_after && at_rest;
        if (was_told || now - begun >= limits_.cluster_unreachable) break;
        co_await sleep(pause);
        pause = std::min<Milliseconds>(pause * 2, 15s);
    }
    auto what = why_nothing_is_known(live.job);
    if (!was_told) what += "; the search was given up after " + length_text(limits_.cluster_unreachable);
    if (!cannot_tell.empty()) what += ": " + cannot_tell;
    if (live.job.kind == JobKind::backup) {
        if (seen.exists)
            what += "; what lies in folder '" + live.job.backup + "' is not a backup until it is proven to be one";
    } else {
        what += "; look at the cluster whether VM '" + live.job.vm_name + "' is there";
    }
    if (live.job.error) what += " (" + live.job.error->context + ")";
    Error error{Errc::outcome_unknown, what};
    co_return NothingFound{std::move(error), was_told && seen.exists, !was_told};
}

}  // namespace sb::engine
