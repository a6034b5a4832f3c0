#include "daemon/engine/verifier.hpp"

#include "daemon/async/let_others_run.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <string>

namespace sb::engine {

using namespace core;

Verifier::Verifier(Dependencies dependencies)
    : dependencies_(std::move(dependencies)),
      wake_up_(dependencies_.executor, dependencies_.time, dependencies_.max_sleep),
      rate_(std::nullopt) {}

task<Result<void>> Verifier::start() {
    auto const unfinished = co_await dependencies_.journal.unfinished();
    if (!unfinished) co_return unfinished.error();
    for (auto const& job : *unfinished) {
        if (job.kind != JobKind::verify) continue;
        if (job.error) {  // it finished with damage that could not be recorded in the manifest
            auto ended = job;
            ended.phase = Phase::finished;
            ended.outcome = Outcome::failed;
            ended.finished = dependencies_.time.now();
            mark_later(ended, Damage{job.level, dependencies_.time.now(), job.error->context});
            continue;
        }
        spdlog::info("job {}: resumed; verification of '{}' was {}", job.id, job.backup, name_of(job.phase));
        auto const resumed = step_verify(job, Restarted{}, dependencies_.time.now()).job;
        add_live(resumed);
    }
    co_return boost::system::in_place_value;
}

task<void> Verifier::run() {
    for (;;) {
        co_await retry_marks();
        auto const live = next_in_queue();
        if (live) {
            co_await work(live);
            continue;
        }
        auto wake = co_await queue_due();
        if (next_in_queue()) continue;
        if (!unmarked_.empty())
            wake = std::min(wake.value_or(UtcTime::max()),
                            dependencies_.time.now() + (next_marking_ - dependencies_.time.steady_now()));
        co_await wake_up_.wait_until(wake);
    }
}

/// Requested verifications come first.
Verifier::LiveJob Verifier::next_in_queue() const {
    for (bool const automatic : {false, true})
        for (auto const& [id, job] : live_)
            if (job->phase == Phase::queued && job->scheduled == automatic && may_read_now(*job)) return job;
    return nullptr;
}

bool Verifier::may_read_now(Job const& job) const {
    if (!job.scheduled) return true;
    bool const requested_waits = std::ranges::any_of(live_, [](auto const& entry) { return !entry.second->scheduled; });
    return !requested_waits && may_read(dependencies_.settings().times, dependencies_.time.now(), dependencies_.zone);
}

/// Queues the next verification that the configuration makes due; returns when to check again.
task<std::optional<UtcTime>> Verifier::queue_due() {
    auto const settings = dependencies_.settings();
    auto const now = dependencies_.time.now();
    auto const change = next_reading_change(settings.times, now, dependencies_.zone);
    bool const nothing_configured =
        !settings.policy.structure && !settings.policy.content && !settings.policy.reread_every;
    if (nothing_configured || !live_.empty() || !may_read(settings.times, now, dependencies_.zone)) co_return change;
    auto const backups = co_await dependencies_.catalog.list();
    if (!backups) {
        spdlog::warn("cannot determine what to verify: {}", backups.error().context);
        co_return now + std::chrono::minutes(5);
    }
    std::vector<VerifyCandidate> candidates;
    for (auto const& backup : *backups) {
        if (!backup.manifest) continue;
        candidates.push_back(verify_candidate_of(backup));
        if (auto const failed = not_before_.find(backup.name); failed != not_before_.end())
            candidates.back().not_before = failed->second;
    }
    auto const plan = plan_verification(candidates, settings.policy, now, dependencies_.zone);
    if (!plan.next) {
        if (!plan.wake_at) co_return change;
        co_return change ? std::min(*change, *plan.wake_at) : *plan.wake_at;
    }
    auto const due = std::ranges::find(*backups, plan.next->backup, &Backup::name);
    auto const level = plan.next->level;
    auto const queued = co_await enqueue(*due, level, true);
    if (queued) co_return std::nullopt;
    spdlog::error("the verification of '{}' could not be queued: {}", due->name, queued.error().context);
    co_return now + std::chrono::minutes(1);
}

std::optional<Error> Verifier::objection_to(Backup const& backup, Level level) const {
    auto const subject = "backup '" + backup.name + "'";
    if (!backup.manifest && backup.state != BackupState::damaged)
        return Error{Errc::refused, subject + " is " + std::string(name_of(backup.state)) + " (" + backup.problem +
                                        "): it has no manifest to verify it against"};
    bool const verified = backup.manifest && content_verified_at(backup.manifest->verified);
    if (level == Level::reread && !verified)
        return Error{Errc::refused, subject +
                                        ": its content has never been verified, so there is nothing to compare with; "
                                        "verify it with --level content first"};
    auto const job = find_live(backup.name);
    if (job && job->level != name_of(level))
        return Error{Errc::refused,
                     subject + ": job " + std::to_string(job->id) + " is already verifying it (" + job->level + ")"};
    return std::nullopt;
}

task<Result<std::vector<Job>>> Verifier::submit(std::vector<std::string> names, Level level) {
    std::vector<Backup> chosen;
    if (names.empty()) {
        auto const all = co_await dependencies_.catalog.list();
        if (!all) co_return all.error();
        for (auto const& backup : *all)
            if (!objection_to(backup, level)) chosen.push_back(backup);
    }
    for (auto const& name : names) {
        auto const found = co_await dependencies_.catalog.find(name);
        if (!found) co_return found.error();
        if (auto const objection = objection_to(*found, level)) co_return *objection;
        if (std::ranges::find(chosen, name, &Backup::name) == chosen.end()) chosen.push_back(*found);
    }
    std::vector<Job> jobs;
    for (auto const& backup : chosen) {
        constexpr std::size_t some = 1000;  // of ten thousand: they take longer than another caller may wait
        if (jobs.size() % some == some - 1) co_await let_others_run();
        auto const same = find_live(backup.name);  // also one that another call has queued meanwhile
        if (same) {
            same->scheduled = false;  // a client waits for it now
            jobs.push_back(*same);
            continue;
        }
        auto const job = co_await enqueue(backup, level, false);
        if (!job) co_return job.error();
        jobs.push_back(*job);
    }
    wake_up_.poke();
    co_return jobs;
}

void Verifier::add_live(Job const& job) {
    live_[job.id] = std::make_shared<Job>(job);
    live_of_.insert_or_assign(job.backup, job.id);
}

void Verifier::remove_live(JobId id) {
    auto const job = live_.find(id);
    if (job == live_.end()) return;
    auto const named = live_of_.find(job->second->backup);
    if (named != live_of_.end() && named->second == id) live_of_.erase(named);
    live_.erase(job);
}

Verifier::LiveJob Verifier::find_live(std::string const& backup) const {
    auto const named = live_of_.find(backup);
    if (named == live_of_.end()) return nullptr;
    auto const job = live_.find(named->second);
    return job == live_.end() ? nullptr : job->second;
}

task<Result<Job>> Verifier::enqueue(Backup backup, Level level, bool automatic) {
    Job job;
    job.kind = JobKind::verify;
    job.backup = backup.name;
    job.level = name_of(level);
    job.scheduled = automatic;
    job.expected_bytes = backup.size_bytes;
    if (backup.manifest) {
        job.vm = backup.manifest->vm_uuid;
        job.vm_name = backup.manifest->vm_name;
    }
    job.queued = dependencies_.time.now();
    auto const added = co_await dependencies_.recorder.add(job);
    if (!added) co_return while_doing(added.error(), "recording the job");
    add_live(job);
    spdlog::info("job {}: verification of '{}' ({}) queued", job.id, job.backup, job.level);
    dependencies_.on_change(job);
    co_return job;
}

task<Result<Job>> Verifier::cancel(JobId id) {
    for (;;) {
        auto const it = live_.find(id);
        if (it == live_.end()) {
            if (auto const ended = find(id)) co_return *ended;
            co_return Error{Errc::not_found, "there is no unfinished verify job " + std::to_string(id)};
        }
        auto const live = it->second;
        auto const before = live->phase;
        if (before == Phase::finished) co_return *live;  // its end is being recorded
        auto const cancelled = step_verify(*live, CancelRequested{}, dependencies_.time.now()).job;
        auto const recorded = co_await dependencies_.recorder.record_now(cancelled);
        if (live->phase != before) continue;  // the record of its new phase does not have the cancellation
        if (!recorded) {
            dependencies_.recorder.record_later(*live);
            co_return cancellation_not_recorded(id, recorded.error());
        }
        if (before != Phase::queued) {
            live->cancel_requested = true;
            dependencies_.on_change(*live);
            co_return *live;
        }
        *live = cancelled;
        remove_live(id);
        dependencies_.on_change(cancelled);
        wake_up_.poke();
        co_return cancelled;
    }
}

std::optional<Job> Verifier::find(JobId id) const {
    auto const it = live_.find(id);
    if (it != live_.end()) return *it->second;
    for (auto const& [backup, unmarked] : unmarked_)
        if (auto const job = std::ranges::find(unmarked.jobs, id, &Job::id); job != unmarked.jobs.end()) return *job;
    return std::nullopt;
}

std::vector<Job> Verifier::unfinished_jobs() const {
    std::vector<Job> jobs;
    for (auto const& [id, job] : live_) jobs.push_back(*job);
    for (auto const& [backup, unmarked] : unmarked_)
        jobs.insert(jobs.end(), unmarked.jobs.begin(), unmarked.jobs.end());
    return jobs;
}

}  // namespace sb::engine
