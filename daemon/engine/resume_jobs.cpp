// Takes up the jobs that the journal lists as unfinished. What the start reads of LocalPath may not return for hours;
// meanwhile the tasks of exports and imports are followed, since the cluster forgets them, and nothing else is done.
#include "daemon/core/rebuild_history.hpp"
#include "daemon/engine/engine.hpp"

#include <spdlog/spdlog.h>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <utility>

namespace sb::engine {

using namespace core;

task<Result<void>> Engine::follow_before_start() {
    auto const unfinished = co_await ports_.journal.unfinished();
    if (!unfinished) co_return unfinished.error();
    if (is_started_) co_return boost::system::in_place_value;  // meanwhile
    is_held_until_start_ = true;
    take_up(*unfinished);
    for (auto const& job : *unfinished)
        if (job.phase == Phase::following && not_resumed_.contains(job.id)) resume(job.id, Restarted{});
    co_return boost::system::in_place_value;
}

task<Result<void>> Engine::start(std::set<std::string> unnamed) {
    auto const recent = co_await ports_.journal.recent(ports::journal_depth);
    if (!recent) co_return recent.error();
    for (auto job = recent->rbegin(); job != recent->rend(); ++job) {  // the oldest first
        if (job->is_claim) continue;  // a manifest must not keep a job from finding its task
        abandoned_.note(*job);
        note_tag(*job);
    }
    // By its place, as while the daemon runs: one that was dated in the future must not hide the later ones.
    auto const is_success = [](Job const& job) {
        return job.kind == JobKind::backup && job.outcome == Outcome::succeeded && job.finished && !job.is_claim;
    };
    auto const newest = std::ranges::find_if(*recent, is_success);
    if (newest != recent->end()) last_success_ = newest->finished;

    auto const unfinished = co_await ports_.journal.unfinished();
    if (!unfinished) co_return unfinished.error();
    auto jobs = *unfinished;
    auto const unsynced = co_await unsynced_exports(std::move(jobs));
    if (!unsynced) co_return unsynced.error();
    auto waiting = *unfinished;
    auto const made = co_await already_made(std::move(waiting));
    // Those that have been followed since are further than `unfinished` says, or have ended.
    if (!is_held_until_start_) take_up(*unfinished);
    for (auto const& [id, live] : live_) live->may_lack_data = unsynced->contains(id);
    for (auto const id : std::exchange(not_resumed_, {})) {
        Event first = Restarted{};
        if (auto const ended = made.find(id); ended != made.end()) first = AlreadyMade{ended->second};
        resume(id, std::move(first));
    }
    for (auto const& job : *recent)
        if (!job.is_claim) supersede_exports(job);
    forget_old_commits(unnamed);
    forget_old_stalls();
    is_started_ = true;
    is_held_until_start_ = false;
    start_ended_.cancel();
    co_return boost::system::in_place_value;
}

void Engine::take_up(std::vector<Job> const& unfinished) {
    for (auto const& job : unfinished) {
        if (job.kind == JobKind::verify) continue;  // the verifier's
        if (job.kind == JobKind::backup && job.phase == Phase::following) queued_exports_.expect(job.id);
        auto live = std::make_shared<LiveJob>();
        live->job = job;
        lease_backup(*live);
        live_.emplace(job.id, std::move(live));
        not_resumed_.insert(job.id);
    }
    update_slots();
}

void Engine::resume(JobId id, Event first) {
    auto const live = live_.at(id);
    auto const& job = live->job;
    spdlog::info("job {}: resumed; {} of {} was {}", job.id, name_of(job.kind),
                 job.kind == JobKind::backup ? job.vm_name : job.backup, name_of(job.phase));
    not_resumed_.erase(id);
    spawn(live, std::move(first));
}

task<void> Engine::wait_for_start() {
    while (is_held_until_start_) {
        boost::system::error_code woken;
        co_await start_ended_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (is_held_until_start_) throw boost::system::system_error(woken);  // the daemon stops
    }
}

task<std::map<JobId, Job>> Engine::already_made(std::vector<Job> unfinished) {
    std::map<JobId, Job> made;
    if (std::ranges::none_of(unfinished, was_not_ordered)) co_return made;
    auto listed = co_await ports_.catalog.list();
    if (!listed) co_return made;  // LocalPath cannot be read: such a job fails, because its name is taken
    auto& backups = *listed;
    std::erase_if(backups, [this](Backup const& backup) {
        return !backup.manifest || ports_.identity.origin_of(cluster_of(*backup.manifest)) == ClusterOrigin::other;
    });
    for (auto const& job : unfinished) {
        auto ended = core::already_made(job, backups);
        if (!ended) continue;
        spdlog::warn(
            "job {}: the journal does not know that it was ordered, but the manifest of backup '{}' names this job: an "
            "older journal was put back. The backup counts after: scale-backupctl adopt",
            job.id, ended->backup);
        made.emplace(job.id, std::move(*ended));
    }
    co_return made;
}

}  // namespace sb::engine
