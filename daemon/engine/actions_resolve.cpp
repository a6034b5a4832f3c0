// When the answer to the POST or the task's tag is lost: finds the task, or what it has made, without a second request.
#include "common/text/duration_text.hpp"
#include "daemon/core/resolve.hpp"
#include "daemon/engine/actions.hpp"
#include "daemon/engine/silence.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

VmUuid only_vm_named(std::vector<Vm> const& vms, std::string const& name) {
    VmUuid uuid;
    for (auto const& vm : vms) {
        if (vm.name != name) continue;
        if (!uuid.empty()) return VmUuid{};
        uuid = vm.uuid;
    }
    return uuid;
}

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

/// Of both, each task once.
std::vector<TaskReport> merged(std::vector<TaskReport> tasks, std::vector<TaskReport> const& more) {
    for (auto const& task : more)
        if (std::ranges::find(tasks, task.tag, &TaskReport::tag) == tasks.end()) tasks.push_back(task);
    return tasks;
}

}  // namespace

std::optional<Error> Actions::refused_login(LiveJob& live) {
    cluster_of(live);  // a reload may have brought another password
    if (!is_at_present_cluster(live)) return login_elsewhere(live).refusal_by_clock(dependencies_.time.steady_now());
    return dependencies_.vms.login_refused_by_clock();
}

task<Actions::TaskSearch> Actions::search(LiveJob& live) {
    TaskSearch search;
    if (auto const refused = refused_login(live)) {
        search.unanswered = refused->context;
        co_return search;
    }
    auto const out_of_reach = co_await why_out_of_reach(live);
    if (out_of_reach) {
        search.found = Failed{*out_of_reach};
        co_return search;
    }
    search = co_await search_task(live);
    co_return search;
}

task<Actions::TaskSearch> Actions::search_task(LiveJob& live) {
    auto const vms = co_await vms_of(live, VmList::requested_now);
    TaskSearch search;
    if (!vms && vms.error().code == Errc::credentials_refused) {  // the same login
        search.unanswered = vms.error().context;
        co_return search;
    }
    auto const tasks = co_await cluster_of(live).list_tasks();
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
    auto const taken = dependencies_.tags_of_others(live.job.id);
    if (live.job.kind == JobKind::backup) {
        // First those of the VMs, whose objects are known.
        search.possible = possible_tasks(live.job, merged(std::move(vm_tasks), all), taken);
        search.is_complete = tasks && std::ranges::all_of(search.possible, [&](TaskReport const& each) {
                                 return std::ranges::find(all, each.tag, &TaskReport::tag) != all.end();
                             });
        co_return search;
    }
    // An import is identified by its description; only the list of VMs shows whether it is our VM.
    if (!vms) co_return search;
    for (auto* known : {&all, &vm_tasks})
        std::erase_if(*known, [&](TaskReport const& report) { return makes_another_vm(live.job, report, *vms); });
    // Of an import whose answer was lost, the new VM shows by its name which object the task works on.
    auto job = live.job;
    if (job.vm.empty()) job.vm = only_vm_named(*vms, job.vm_name);
    auto found = find_task(job, all, taken);
    if (!found) found = find_task(job, vm_tasks, taken);
    if (!found) co_return search;

    TaskFound mine{found->tag, VmUuid{found->object_uuid}};
    auto const named = only_vm_named(*vms, live.job.vm_name);
    if (!named.empty()) mine.created = named;
    search.found = std::move(mine);
    co_return search;
}

namespace {

bool has_working_task(Vm const& vm) { return vm.last_task && is_working(*vm.last_task); }

}  // namespace

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
        // Whatever its disks look like: the import has not ended.
        if (has_working_task(vm)) co_return Error{Errc::refused, "a task of the cluster works on VM '" + vm.name + "'"};
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

std::string text_of(TaskReport const& task) {
    return "task " + task.tag.text() + ", which is " + task.state_word +
           (task.message.empty() ? "" : ": " + task.message);
}

/// Why exports of the same VM were not taken for the job's.
std::string why_not_its_own(std::vector<TaskReport> const& possible, std::string const& folder, bool folder_exists) {
    if (possible.empty()) return {};
    auto text = "; the cluster also exported the VM in " + text_of(possible.front());
    for (std::size_t i = 1; i < possible.size(); ++i) text += ", " + text_of(possible[i]);
    if (folder_exists) return text + ", and which of them was this job's is not known";
    return text + ", but this job's folder '" + folder + "' has not appeared in LocalPath";
}

bool have_all_failed(std::vector<TaskReport> const& possible) {
    auto const has_failed = [](TaskReport const& task) { return task.state == TaskState::error; };
    return !possible.empty() && std::ranges::all_of(possible, has_failed);
}

}  // namespace

task<bool> Actions::proves_the_end(LiveJob& live) {
    if (live.job.kind == JobKind::backup) {
        if (live.may_lack_data) co_return false;
        ports::Expectation expected{folder_of(live.job), live.job.definition_file, live.job.disks};
        auto const files = co_await dependencies_.catalog.inspect(std::move(expected));
        co_return files.has_value();
    }
    auto const vms = co_await vms_of(live, VmList::requested_now);
    if (!vms || live.job.disks.empty()) co_return false;
    for (auto const& vm : *vms)
        if (vm.uuid == live.job.vm) co_return !has_working_task(vm) && how_it_differs(live.job, vm).empty();
    co_return false;
}

namespace {

NothingFound nothing_found(Job const& job, Silence const& silence, Milliseconds limit, bool answered) {
    auto const& seen = silence.seen();
    auto what = why_outcome_is_unknown(job);
    if (!answered) what += "; the search was abandoned after " + length_text(limit);
    if (!silence.no_answer().empty()) what += ": " + silence.no_answer();
    if (job.kind == JobKind::backup) {
        what += why_not_its_own(silence.possible(), folder_of(job), seen.exists);
        if (seen.exists) what += "; folder '" + folder_of(job) + "' does not count as a backup";
    } else {
        what += "; check the cluster for VM '" + job.vm_name + "'";
    }
    if (job.error) what += " (" + job.error->context + ")";
    Error error{Errc::outcome_unknown, what};
    bool const can_be_inspected = answered && seen.exists && !have_all_failed(silence.possible());
    return NothingFound{std::move(error), can_be_inspected, !answered};
}

}  // namespace

/// A tag that has expired does not come back; a POST whose answer was lost may show up late. An ambiguous refusal is
/// accepted sooner, unless an export of the same VM may be this one.
Milliseconds Actions::search_limit(Job const& job, bool is_any_possible) const {
    bool const is_refused = job.error && job.error->code == Errc::maybe_rejected;
    auto limit = limits_.resolving;
    if (!job.tag.empty()) limit = std::min<Milliseconds>(limit, 10s);
    if (is_refused && !is_any_possible) limit = std::min<Milliseconds>(limit, 5s);
    return limit;
}

task<Event> Actions::resolve(LiveJob& live) {
    auto const started = dependencies_.time.steady_now();
    bool const had_tag = !live.job.tag.empty();
    Milliseconds pause = 1s;
    Silence silence(started);
    std::optional<ports::FolderStats> judged;  // what did not prove the end
    bool answered = false;
    for (;;) {
        auto const found = co_await search(live);
        if (found.found) {
            // Its tag is known again and again, and unknown as soon as it is read.
            if (had_tag) co_await sleep(live.found_pause);
            if (had_tag) live.found_pause = std::clamp<Milliseconds>(live.found_pause * 2, 1s, 1min);
            co_return *found.found;
        }
        // What a restore has made is known from the cluster only.
        Result<ports::FolderStats> traces = Error{Errc::unavailable, found.unanswered};
        bool const can_look = live.job.kind == JobKind::backup || found.unanswered.empty();
        if (can_look) traces = co_await traces_of(live);
        // The only task that fits, while the folder with the random name is there: it is followed. Its end is no proof.
        bool const is_only_one = found.unanswered.empty() && found.is_complete && found.possible.size() == 1;
        bool const is_probable = is_only_one && traces && traces->exists;
        if (is_probable) co_return TaskFound{found.possible.front().tag, VmUuid{}};
        auto const now = dependencies_.time.steady_now();
        bool const had_answer = silence.no_answer().empty();
        silence.note(now, found.possible, found.unanswered, traces);
        if (had_answer && !silence.no_answer().empty())
            spdlog::warn("job {}: the outcome of its request cannot be determined now: {}", live.job.id,
                         silence.no_answer());
        auto const& seen = silence.seen();
        bool const is_silent = silence.has_lasted(now, search_limit(live.job, !silence.possible().empty()));
        answered = is_silent && silence.can_read() && (!seen.exists || silence.is_unchanged(now, limits_.resolving));
        bool const may_prove =
            had_tag && is_silent && seen.exists && silence.is_unchanged(now, limits_.proof) && judged != seen;
        if (!answered && may_prove) {
            answered = co_await proves_the_end(live);
            judged = seen;
        }
        if (answered || now - started >= limits_.cluster_unreachable) break;
        co_await sleep(pause);
        pause = std::min<Milliseconds>(pause * 2, 15s);
    }
    co_return nothing_found(live.job, silence, limits_.cluster_unreachable, answered);
}

}  // namespace sb::engine
