// A lost job may have left an export that is still running at the cluster. The schedule does not start a second export
// of the same VM; a manual backup does, so that a dead task does not block the VM forever.
#include "daemon/core/resolve.hpp"
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;

void Engine::remember_outcome(Job const& job) {
    if (job.kind != JobKind::backup) return;
    if (job.outcome == Outcome::succeeded) abandoned_.erase(job.vm);
    bool const is_elsewhere = ports_.identity.origin_of(job.cluster) == ClusterOrigin::other;
    if (job.outcome == Outcome::lost && !job.tag.empty() && !is_elsewhere) abandoned_[job.vm].insert(job.tag);
}

task<Result<void>> Engine::check_not_exporting(Job job, Vm vm) {
    if (!job.scheduled) co_return boost::system::in_place_value;
    std::set<TaskTag> tags;
    if (auto const known = abandoned_.find(vm.uuid); known != abandoned_.end()) tags = known->second;
    // An export without a job: the answer to its request was lost, or another program started it.
    bool const has_other_job = std::ranges::any_of(unfinished_jobs(), [&](Job const& other) {
        return other.id != job.id && other.kind == JobKind::backup && other.vm == vm.uuid;
    });
    if (!has_other_job && vm.last_task && is_export(*vm.last_task) && is_working(*vm.last_task))
        tags.insert(vm.last_task->tag);
    for (auto const& tag : tags) {
        auto const report = co_await ports_.cluster.get_task(tag);
        if (!report && is_transient(report.error().code))
            co_return while_doing(report.error(),
                                  "checking whether task " + tag.text() + " is still exporting VM " + vm.name);
        // A tag of another cluster can be that of another task here.
        bool const is_about_it =
            report && !is_of_other_kind(job, *report) &&
            (report->object_uuid.empty() || report->object_uuid == vm.uuid.text() || !vms_.knows(report->object_uuid));
        if (is_about_it && is_working(*report)) {
            Error still_exporting{
                Errc::refused,
                "task " + tag.text() + " of the cluster is still exporting VM " + vm.name + " (" +
                    std::to_string(report->percent) +
                    " %), so no second export is started. Check the cluster. The schedule tries again automatically; "
                    "if the task is dead, back up the VM manually: scale-backupctl backup"};
            co_return still_exporting;
        }
        if (auto const known = abandoned_.find(vm.uuid); known != abandoned_.end()) known->second.erase(tag);
    }
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
