// Runs one verify job: asks the state machine, performs the action, reports the event.
#include "daemon/async/failure.hpp"
#include "daemon/engine/verifier.hpp"

#include <spdlog/spdlog.h>

#include <boost/system/system_error.hpp>

namespace sb::engine {

using namespace core;

namespace {

/// Whether the error means that the backup itself is damaged.
bool is_damage(Errc code) { return code == Errc::damaged_backup; }
bool is_damage_found(Job const& job) { return job.phase == Phase::finished && job.error && is_damage(job.error->code); }
/// The finding stays in the job: a restarted daemon continues to mark the backup.
Job without_its_end(Job job, Phase before) {
    job.phase = before;
    job.outcome = Outcome::none;
    job.finished.reset();
    return job;
}
bool concerns_the_backup(Errc code) { return is_damage(code) || code == Errc::incomplete_backup || code == Errc::io; }

}  // namespace

task<void> Verifier::work(LiveJob live) {
    auto const lease = dependencies_.leases.share(live->backup);  // until its end, or until it pauses
    VerifyEvent event = Turn{};
    if (!lease) event = Broken{Error{Errc::refused, "backup '" + live->backup + "' is being deleted"}};
    for (;;) {
        auto const phase = live->phase;
        auto const percent = live->percent;
        auto const advanced = step_verify(*live, event, dependencies_.time.now());
        *live = advanced.job;
        if (live->phase != phase) {
            spdlog::debug("job {}: {} -> {}", live->id, name_of(phase), name_of(live->phase));
            auto const now = *live;
            // Before anyone sees that the job has finished: the backup must then show the damage, and a daemon that is
            // killed here must find it again. The journal records the end when the mark is written.
            bool may_be_recorded = true;
            if (is_damage_found(now)) {
                may_be_recorded = co_await mark_as_damaged(now);
                dependencies_.backups_changed();  // a clean-up may be deleting other copies of this VM right now
            }
            if (now.phase == Phase::finished) co_await note_evidence(now);
            auto recorded = now;
            if (!may_be_recorded) recorded = without_its_end(now, phase);
            co_await dependencies_.recorder.record(recorded);
            if (live->phase == Phase::finished) remove_live(live->id);
        }
        if (live->phase != phase || live->percent != percent) dependencies_.on_change(*live);
        if (advanced.next == VerifyAction::finish) break;
        if (advanced.next == VerifyAction::wait_for_turn) {
            reading_.reset();
            co_return;
        }
        try {
            event = co_await perform(advanced.next, live);
        } catch (std::exception const& e) {
            if (is_stop(e)) throw;
            event = Broken{internal_error(e.what())};
        }
    }
    co_await close(live);
}

task<VerifyEvent> Verifier::perform(VerifyAction action, LiveJob live) {
    if (action == VerifyAction::inspect) co_return co_await inspect(live);
    if (action == VerifyAction::read) co_return co_await read(live);
    co_return Broken{Error{Errc::internal, "no transition from phase " + std::string(name_of(live->phase))}};
}

task<VerifyEvent> Verifier::inspect(LiveJob live) {
    auto const level = level_from_name(live->level).value_or(Level::content);
    auto const backup = live->backup;
    auto const result = co_await dependencies_.verification.check_structure(backup, level);
    if (!result) co_return Broken{result.error()};
    if (level == Level::structure) {
        auto const now = dependencies_.time.now();
        auto const noted = co_await dependencies_.verification.record_structure(backup, now);
        if (!noted) co_return Broken{noted.error()};
        if (*noted)
            spdlog::warn("job {}: backup '{}' passed verification; its damage mark was removed", live->id, backup);
        co_await clear_mark(backup, level);
    }
    co_return StructureVerified{};
}

task<VerifyEvent> Verifier::read(LiveJob live) {
    co_await retry_marks();
    if (!reading_) {
        auto const backup = live->backup;
        auto const started = live->started.value_or(dependencies_.time.now());
        auto reading = co_await dependencies_.verification.begin_reading(backup, started);
        if (!reading) co_return Broken{reading.error()};
        reading_ = std::move(*reading);
    }
    rate_.set_limit(dependencies_.settings().bytes_per_second);
    auto const max_bytes = rate_.slice();
    auto const slice = co_await reading_->advance(max_bytes);
    if (!slice) co_return Broken{slice.error()};
    auto const now = dependencies_.time.steady_now();
    auto const wait = rate_.take(slice->read_bytes, now);
    if (slice->done) co_return co_await end_reading(live);
    if (wait.count() > 0) {
        auto const wake = now + wait;
        co_await dependencies_.time.sleep_until(wake);
    }
    if (!may_read_now(*live) && !live->cancel_requested) {
        auto const kept = co_await reading_->save_progress();
        if (!kept) co_return Broken{kept.error()};
        spdlog::info("job {}: verification of '{}' paused at {} %", live->id, live->backup, live->percent);
        co_return ReadingSuspended{};
    }
    co_return SliceRead{slice->position, slice->total};
}

task<VerifyEvent> Verifier::end_reading(LiveJob live) {
    auto const now = dependencies_.time.now();
    auto result = co_await reading_->finish(now);
    if (!result) co_return Broken{result.error()};
    auto const level = result->level;
    auto const backup = live->backup;
    co_await clear_mark(backup, level);
    for (auto const& note : result->notes) spdlog::warn("job {}: '{}': {}", live->id, live->backup, note);
    if (result->cleared) {
        result->notes.push_back("it was marked as damaged; its content is unchanged, so the mark was removed");
        spdlog::warn("job {}: backup '{}' passed verification; its damage mark was removed", live->id, live->backup);
    }
    ContentVerified event;
    event.notes = std::move(result->notes);
    co_return event;
}

/// After the end: discards the progress of an unfinished reading and reports what was found.
task<void> Verifier::close(LiveJob live) {
    auto const job = *live;
    if (reading_ && job.outcome != Outcome::succeeded) {
        auto const discarded = co_await reading_->discard_progress();
        if (!discarded) spdlog::warn("job {}: {}", job.id, discarded.error().context);
    }
    reading_.reset();
    if (job.outcome == Outcome::succeeded) {
        spdlog::info("job {}: verification of '{}' ({}) succeeded", job.id, job.backup, job.level);
        not_before_.erase(job.backup);
        dependencies_.alerts.verification_passed(job.backup);
    } else if (job.outcome == Outcome::cancelled) {
        spdlog::info("job {}: verification of '{}' was cancelled", job.id, job.backup);
        // A cancelled scheduled verification must not start again immediately.
        if (job.scheduled) not_before_[job.backup] = dependencies_.time.now() + retry_after;
    } else {
        not_before_[job.backup] = dependencies_.time.now() + retry_after;
        co_await report_failure(job);
    }
    dependencies_.backups_changed();
}

/// An I/O error is no damage, but no deletion may rely on such a copy. Where LocalPath as a whole cannot be used, that
/// is no fault of this backup's; the digests are written there, too.
task<void> Verifier::note_evidence(Job job) {
    auto const level = level_from_name(job.level).value_or(Level::content);
    Result<void> outcome;
    if (job.outcome != Outcome::succeeded) {
        if (!job.error || job.error->code != Errc::io) co_return;
        auto const found = co_await dependencies_.catalog.find(job.backup);
        auto const usable = co_await dependencies_.catalog.probe();
        if (!found || !usable) co_return;
        outcome = *job.error;
    }
    dependencies_.evidence.note(job.backup, level, outcome, !job.scheduled);
}

task<void> Verifier::report_failure(Job job) {
    auto const error = job.error.value_or(Error{Errc::internal, "no reason known"});
    spdlog::error("job {}: verification of '{}' failed: {}: {}", job.id, job.backup, name_of(error.code),
                  error.context);
    if (!concerns_the_backup(error.code)) co_return;
    std::string newest_good;
    auto const backups = co_await dependencies_.catalog.list();
    if (backups) {
        Backup const* newest = nullptr;
        for (auto const& other : *backups) {
            if (other.name == job.backup || other.state != BackupState::complete || other.manifest->vm_uuid != job.vm)
                continue;
            if (newest == nullptr || other.manifest->started > newest->manifest->started) newest = &other;
        }
        if (newest != nullptr) newest_good = newest->name;
    }
    dependencies_.alerts.verification_failed(job, newest_good);
}

}  // namespace sb::engine
