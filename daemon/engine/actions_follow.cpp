// While the cluster works: following the task, and finding it again when its answer or its tag was lost.
#include "daemon/core/resolve.hpp"
#include "daemon/engine/actions.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

std::string words(Milliseconds length) {
    auto const minutes = std::chrono::duration_cast<std::chrono::minutes>(length).count();
    if (minutes >= 120) return std::to_string(minutes / 60) + " hours";
    if (minutes >= 2) return std::to_string(minutes) + " minutes";
    return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(length).count()) + " seconds";
}

bool is_strange(TaskState state) { return state == TaskState::uninitialized || state == TaskState::unknown; }

}  // namespace

task<Event> Actions::follow(LiveJob& live) {
    Cadence cadence{world_.time.steady_now()};
    auto last_readable = world_.time.steady_now();
    std::optional<SteadyTime> strange_since;
    Milliseconds backoff = 1s;
    for (;;) {
        auto const wake = cadence.next(world_.time.steady_now());
        co_await world_.time.sleep_until(wake);
        auto const tag = live.job.tag;
        auto const report = co_await world_.cluster.get_task(tag);
        auto const now = world_.time.steady_now();

        if (!report) {
            // Cancelled: the daemon stops, and the next co_await ends this.
            if (report.error().code != Errc::cancelled)
                spdlog::warn("job {}: task {} cannot be read: {}", live.job.id, tag.text(), report.error().context);
            if (now - last_readable >= limits_.unreadable) {
                auto what = "gave up on task " + tag.text() + " after " + words(limits_.unreadable) + " without an answer";
                co_return FollowingFailed{while_doing(report.error(), what)};
            }
            co_await sleep(backoff);
            backoff = std::min<Milliseconds>(backoff * 2, 30s);
            continue;
        }
        last_readable = now;
        backoff = 1s;
        cadence.seen(now, report->state, report->percent);

        bool const goes_on = report->state == TaskState::queued || report->state == TaskState::running || is_strange(report->state);
        if (!goes_on) co_return TaskSeen{*report};

        if (is_strange(report->state)) {
            if (!strange_since) spdlog::warn("job {}: task {} is in state {}", live.job.id, tag.text(), report->state_word);
            if (!strange_since) strange_since = now;
            if (now - *strange_since >= limits_.strange_state) {
                Error error{Errc::task_failed, "task " + tag.text() + " has been in state '" + report->state_word + "' for " +
                                                   words(limits_.strange_state) + "; what became of it is not known"};
                co_return FollowingFailed{std::move(error)};
            }
        } else {
            strange_since.reset();
        }
        if (report->state == TaskState::running && now - cadence.unchanged_since() >= limits_.standstill) {
            Error error{Errc::task_failed, "task " + tag.text() + " has stood still at " + std::to_string(report->percent) +
                                               " % for " + words(limits_.standstill) + "; look at the cluster"};
            co_return FollowingFailed{std::move(error)};
        }
        if (report->percent != live.job.percent && !is_strange(report->state)) {
            live.job.percent = report->percent;
            world_.progressed(live.job);
        }
    }
}

task<std::optional<Event>> Actions::look_for_task(LiveJob& live) {
    // A tag that was ours and is gone: the VM itself remembers its last task.
    auto const vms = co_await world_.vms.fresh();
    if (vms && !live.job.tag.empty()) {
        for (auto const& vm : *vms)
            if (vm.last_task && vm.last_task->tag == live.job.tag && vm.last_task->state != TaskState::absent)
                co_return TaskSeen{*vm.last_task};
        co_return std::nullopt;
    }
    auto const tasks = co_await world_.cluster.list_tasks();
    auto const taken = world_.tags_of_others(live.job.id);
    std::optional<TaskReport> found;
    if (tasks) found = find_task(live.job, *tasks, taken);
    if (!found && vms) {
        std::vector<TaskReport> last_tasks;
        for (auto const& vm : *vms)
            if (vm.last_task) last_tasks.push_back(*vm.last_task);
        found = find_task(live.job, last_tasks, taken);
    }
    if (!found) co_return std::nullopt;

    TaskFound mine{found->tag, VmUuid{}};
    if (live.job.kind == JobKind::restore) {
        mine.created = VmUuid{found->object_uuid};
        if (vms)
            for (auto const& vm : *vms)
                if (vm.name == live.job.vm_name) mine.created = vm.uuid;
    }
    co_return mine;
}

task<Event> Actions::resolve(LiveJob& live) {
    auto const begun = world_.time.steady_now();
    bool const had_tag = !live.job.tag.empty();
    // A tag that has expired does not come back; a POST whose answer was lost may show up late.
    auto const give_up_after = had_tag ? Milliseconds{10s} : limits_.resolving;
    Milliseconds pause = 1s;
    for (;;) {
        auto const found = co_await look_for_task(live);
        if (found) co_return *found;
        if (world_.time.steady_now() - begun >= give_up_after) break;
        co_await sleep(pause);
        pause = std::min<Milliseconds>(pause * 2, 15s);
    }
    std::string what;
    if (had_tag) what = "the cluster no longer knows task " + live.job.tag.text() + ", so how it ended is not known";
    else what = "the request was sent, its answer never came, and no task of the cluster shows what became of it";
    if (live.job.kind == JobKind::backup) {
        auto const there = co_await world_.catalog.exists(live.job.backup);
        if (there && *there) what += "; what lies in folder '" + live.job.backup + "' is not a backup until it is proven to be one";
    } else {
        what += "; look at the cluster whether VM '" + live.job.vm_name + "' is there";
    }
    auto code = Errc::outcome_unknown;
    if (live.job.error) what += " (" + live.job.error->context + ")";
    Error error{code, what};
    co_return NothingFound{std::move(error)};
}

}  // namespace sb::engine
