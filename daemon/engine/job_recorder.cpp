#include "daemon/engine/job_recorder.hpp"

#include "daemon/async/failure.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <string>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

void report_retry_crash(std::exception_ptr failure) {
    spdlog::error("the journal's retries ended: {}", internal_error(exception_text(failure)).context);
}

}  // namespace

JobRecorder::JobRecorder(asio::any_io_executor executor, ports::Journal& journal, ports::Time& time,
                         ConditionRegistry& conditions)
    : journal_(journal), time_(time), conditions_(conditions), group_(executor, report_retry_crash) {}

/// One sequence for all: the record of a change that was requested later has the higher revision, whichever is written
/// first. `recorded` is of this job or run, perhaps by an earlier process.
std::uint64_t JobRecorder::next_revision(std::uint64_t recorded) {
    last_revision_ = std::max(last_revision_, recorded) + 1;
    return last_revision_;
}

task<Result<void>> JobRecorder::add(Job& job) {
    job.revision = next_revision(job.revision);
    auto const id = co_await journal_.add(job);
    if (!id) refuse(job, id.error());
    if (!id) co_return id.error();
    job.id = *id;
    co_return boost::system::in_place_value;
}

task<Result<void>> JobRecorder::add(Job& job, Run& run) {
    job.revision = next_revision(job.revision);
    auto changed = run;
    changed.revision = next_revision(run.revision);
    auto const ids = co_await journal_.add_to_run(job, changed);
    if (!ids) refuse(job, ids.error());
    if (!ids) co_return ids.error();
    job.id = ids->job;
    run.id = ids->run;
    run.revision = changed.revision;
    run.jobs.push_back(job.id);
    co_return boost::system::in_place_value;
}

/// As few as matter: while the journal fails, each order of a client adds one.
void JobRecorder::refuse(Job job, Error const& why) {
    constexpr std::size_t max_refused = 1000;
    if (refused_.size() >= max_refused) refused_.pop_front();
    job.error = why;
    refused_.push_back(std::move(job));
    retry_soon();
}

/// A refused job is recognised by its revision, which no other job of this process has, and by what was ordered.
task<void> JobRecorder::end_refused() {
    auto const refused = refused_;
    if (refused.empty()) co_return;
    auto const recorded = co_await journal_.unfinished();
    if (!recorded) co_return;
    bool all_ended = true;
    for (auto const& job : *recorded) {
        auto const is_it = [&](Job const& other) {
            return other.revision == job.revision && other.kind == job.kind && other.backup == job.backup &&
                   other.vm_name == job.vm_name && other.queued == job.queued;
        };
        auto const order = std::ranges::find_if(refused, is_it);
        if (order == refused.end() || job.phase != Phase::queued) continue;
        auto ended = step(job, Failed{*order->error}, time_.now()).job;
        ended.revision = next_revision(job.revision);
        auto const saved = co_await save(std::move(ended));
        if (saved) spdlog::info("job {}: ended, because its order was refused", job.id);
        else all_ended = false;
    }
    if (all_ended)
        std::erase_if(refused_, [&](Job const& job) {
            return std::ranges::find(refused, job.revision, &Job::revision) != refused.end();
        });
}

task<Result<void>> JobRecorder::save(Job job) {
    Result<void> saved = boost::system::in_place_value;
    try {
        saved = co_await journal_.save(job);
    } catch (std::exception const& e) {
        if (is_stop(e)) throw;
        saved = internal_error(e.what());
    }
    conditions_.note_journal(saved);
    // An older change need not be written any more.
    auto const waiting = jobs_.find(job.id);
    if (saved && waiting != jobs_.end() && waiting->second.revision <= job.revision) jobs_.erase(waiting);
    co_return saved;
}

task<void> JobRecorder::record(Job job) {
    job.revision = next_revision(job.revision);
    auto const saved = co_await save(job);
    if (saved) co_return;
    spdlog::error("job {}: phase {} could not be recorded; retrying: {}", job.id, name_of(job.phase),
                  saved.error().context);
    keep(std::move(job));
}

task<Result<void>> JobRecorder::record_now(Job job) {
    job.revision = next_revision(job.revision);
    co_return co_await save(std::move(job));
}

task<std::optional<Event>> JobRecorder::record_intent(Job job) {
    bool const is_scheduled = job.scheduled;
    auto const recorded = co_await record_now(std::move(job));
    std::optional<Event> refused;
    if (recorded) {
        refused_intents_ = 0;
        co_return refused;
    }
    auto error = while_doing(recorded.error(), "recording the intent before the export");
    if (!is_scheduled) {
        refused = Failed{std::move(error)};
        co_return refused;
    }
    // If the journal refuses only this record, the schedule orders the job again in the same moment.
    constexpr int most_doublings = 6;
    Milliseconds const pause = 1s * (1 << std::min(refused_intents_, most_doublings));
    ++refused_intents_;
    auto const wake = time_.steady_now() + pause;
    co_await time_.sleep_until(wake);
    refused = Withdrawn{Error{Errc::cancelled, "it was not ordered: " + error.context}};
    co_return refused;
}

void JobRecorder::record_later(Job job) {
    job.revision = next_revision(job.revision);
    keep(std::move(job));
}

void JobRecorder::keep(Job job) {
    auto& waiting = jobs_[job.id];
    if (waiting.revision <= job.revision) waiting = std::move(job);
    retry_soon();
}

task<Result<RunId>> JobRecorder::save(Run run) {
    Result<void> saved = boost::system::in_place_value;
    auto id = run.id;
    if (id == 0) {  // new, or the journal could not be written when it started
        auto const added = co_await journal_.add_run(run);
        if (added) id = *added;
        else saved = added.error();
    } else {
        saved = co_await journal_.save_run(run);
    }
    conditions_.note_journal(saved);
    if (!saved) co_return saved.error();
    auto const waiting = runs_.find(id);
    if (waiting != runs_.end() && waiting->second.revision <= run.revision) runs_.erase(waiting);
    co_return id;
}

task<void> JobRecorder::record_run(Run& run) {
    run.revision = next_revision(run.revision);
    auto const saved = co_await save(run);
    if (saved) {
        run.id = *saved;
        co_return;
    }
    // A run without a record has no jobs either: they are recorded together.
    if (run.id == 0) {
        spdlog::error("a run has no record yet: {}", saved.error().context);
        co_return;
    }
    spdlog::error("run {}: phase {} could not be recorded; retrying: {}", run.id, name_of(run.phase),
                  saved.error().context);
    runs_.insert_or_assign(run.id, run);
    retry_soon();
}

std::optional<Job> JobRecorder::find(JobId id) const {
    auto const waiting = jobs_.find(id);
    if (waiting == jobs_.end()) return std::nullopt;
    return waiting->second;
}

std::vector<Job> JobRecorder::finished_jobs() const {
    std::vector<Job> finished;
    for (auto const& [id, job] : jobs_)
        if (job.phase == Phase::finished) finished.push_back(job);
    return finished;
}

void JobRecorder::retry_soon() {
    if (retrying_) return;
    retrying_ = true;
    group_.spawn(retry_until_recorded());
}

bool JobRecorder::is_journal_unwritable() const {
    auto const standing = conditions_.all();
    return std::ranges::find(standing, ConditionKind::journal_unwritable, &Condition::kind) != standing.end();
}

/// Whatever was written when the condition ended: what waits here must not wait longer, as the daemon may be killed.
task<void> JobRecorder::wait_for_retry(Milliseconds pause) {
    bool const is_known_unwritable = is_journal_unwritable();
    auto const end = time_.steady_now() + pause;
    for (auto now = time_.steady_now(); now < end; now = time_.steady_now()) {
        auto const wake = std::min<SteadyTime>(now + 1s, end);
        co_await time_.sleep_until(wake);
        if (is_known_unwritable && !is_journal_unwritable()) co_return;
    }
}

task<void> JobRecorder::retry_until_recorded() {
    Milliseconds pause = 1s;
    while (!jobs_.empty() || !runs_.empty() || !refused_.empty()) {
        co_await wait_for_retry(pause);
        // An exception must not end the retries: what waits would be lost at the next restart.
        try {
            co_await retry();
        } catch (std::exception const& e) {
            if (is_stop(e)) throw;
            Result<void> const failed = internal_error(e.what());
            conditions_.note_journal(failed);
            spdlog::error("writing to the journal again: {}", failed.error().context);
        }
        pause = std::min<Milliseconds>(pause * 2, 30s);
    }
    retrying_ = false;
}

/// Each is tried: what keeps one from being recorded must not hold up the others.
task<void> JobRecorder::retry() {
    std::vector<Job> jobs;
    for (auto const& [id, job] : jobs_) jobs.push_back(job);
    for (auto const& job : jobs) {
        auto const waiting = jobs_.find(job.id);
        if (waiting == jobs_.end() || waiting->second.revision != job.revision) continue;  // replaced meanwhile
        auto const saved = co_await save(job);
        if (saved) spdlog::info("job {}: phase {} is now recorded", job.id, name_of(job.phase));
    }
    std::vector<Run> runs;
    for (auto const& [id, run] : runs_) runs.push_back(run);
    for (auto const& run : runs) {
        auto const waiting = runs_.find(run.id);
        if (waiting == runs_.end() || waiting->second.revision != run.revision) continue;
        auto const saved = co_await save(run);
        if (saved) spdlog::info("run {}: phase {} is now recorded", run.id, name_of(run.phase));
    }
    co_await end_refused();
}

Error cancellation_not_recorded(JobId id, Error const& why) {
    return {why.code,
            "job " + std::to_string(id) +
                " is not cancelled and continues, because the cancellation could not be recorded: " + why.context};
}

}  // namespace sb::engine
