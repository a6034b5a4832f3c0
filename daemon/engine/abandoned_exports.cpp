// A job that was lost may have left an export that goes on at the cluster. The schedule does not put another one of the
// same VM beside it; somebody who orders a backup by hand gets one, so that a dead task forbids none for ever.
#include "daemon/core/resolve.hpp"
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>

namespace sb::engine {

using namespace core;

void Engine::note_end(Job const& job) {
    if (job.kind != JobKind::backup) return;
    if (job.outcome == Outcome::succeeded) abandoned_.erase(job.vm);
    if (job.outcome == Outcome::lost && !job.tag.empty()) abandoned_[job.vm].insert(job.tag);
}

task<Result<void>> Engine::check_no_export_goes_on(Job job, Vm vm) {
    if (!job.scheduled) co_return boost::system::in_place_value;
    std::set<TaskTag> tags;
    if (auto const known = abandoned_.find(vm.uuid); known != abandoned_.end()) tags = known->second;
    // One that nobody of us knows of: its order's answer was lost for good, or somebody else ordered it.
    bool const has_other_job = std::ranges::any_of(unfinished_jobs(), [&](Job const& other) {
        return other.id != job.id && other.kind == JobKind::backup && other.vm == vm.uuid;
    });
    if (!has_other_job && vm.last_task && is_export(*vm.last_task) && is_at_work(*vm.last_task))
        tags.insert(vm.last_task->tag);
    for (auto const& tag : tags) {
        auto const report = co_await ports_.cluster.get_task(tag);
        if (!report && is_transient(report.error().code))
            co_return while_doing(report.error(), "whether task " + tag.text() + " still exports VM " + vm.name);
        if (report && is_at_work(*report)) {
            Error goes_on{
                Errc::refused,
                "task " + tag.text() + " of the cluster still exports VM " + vm.name + " (" +
                    std::to_string(report->percent) + " %), so no second export is put beside it. Look at the " +
                    "cluster. The schedule tries again by itself; if the task is dead, order a backup of the VM " +
                    "by hand (scale-backupctl backup)"};
            co_return goes_on;
        }
        if (auto const known = abandoned_.find(vm.uuid); known != abandoned_.end()) known->second.erase(tag);
    }
    co_return boost::system::in_place_value;
}

}  // namespace sb::engine
