#include "daemon/core/job.hpp"

#include "daemon/core/landing.hpp"

#include <utility>

namespace sb::core {
namespace {

Step unchanged(Job job) { return {std::move(job), Action::none}; }

Step go(Job job, Phase phase, Action next) {
    job.phase = phase;
    return {std::move(job), next};
}

Step finish(Job job, Outcome outcome, std::optional<Error> error, UtcTime now) {
    job.phase = Phase::finished;
    job.outcome = outcome;
    job.error = std::move(error);
    job.finished = now;
    return {std::move(job), Action::finish};
}

Step fail(Job job, Error error, UtcTime now) { return finish(std::move(job), Outcome::failed, std::move(error), now); }

/// The cluster exports nothing for it: a person who cancelled the job has what was asked for.
Step fail_unordered(Job job, Error error, UtcTime now) {
    auto const outcome = job.cancel_requested ? Outcome::cancelled : Outcome::failed;
    return finish(std::move(job), outcome, std::move(error), now);
}

/// Nothing has been sent yet, so the job simply starts over.
Step start_over(Job job) {
    job.attempt.clear();  // the name of the folder must be free then
    return go(std::move(job), Phase::queued, Action::wait_for_slot);
}

/// Sends the request, after the pre hook if there is one.
Step submit(Job job, UtcTime now) {
    job.posted = now;
    return go(std::move(job), Phase::posting, Action::post);
}

/// The backup or the restored VM exists; no later failure changes that.
Step succeed(Job job, UtcTime now) {
    if (job.post_hook) return go(std::move(job), Phase::post_hook, Action::run_post_hook);
    return finish(std::move(job), Outcome::succeeded, std::nullopt, now);
}

/// No task showed the outcome. Of a cancelled job nothing is kept that could be lost.
Step lose(Job job, Error error, UtcTime now) {
    auto const outcome = job.kind == JobKind::backup && job.cancel_requested ? Outcome::cancelled : Outcome::lost;
    return finish(std::move(job), outcome, std::move(error), now);
}

/// Its hook, if one is recorded, runs (again), as after any restart.
Step already_made(AlreadyMade const& made, UtcTime now) {
    auto job = made.job;
    auto const completed = std::exchange(job.finished, std::nullopt).value_or(now);
    return succeed(std::move(job), completed);
}

Step in_queued(Job job, Event const& event, UtcTime now) {
    if (auto const* made = std::get_if<AlreadyMade>(&event)) return already_made(*made, now);
    if (auto const* gone = std::get_if<Withdrawn>(&event))
        return finish(std::move(job), Outcome::cancelled, gone->error, now);
    if (std::holds_alternative<SlotFree>(event)) {
        job.started = now;
        return go(std::move(job), Phase::preparing, Action::prepare);
    }
    if (std::holds_alternative<CancelRequested>(event)) {
        job.cancel_requested = true;
        return finish(std::move(job), Outcome::cancelled, std::nullopt, now);
    }
    if (auto const* failed = std::get_if<Failed>(&event)) return fail(std::move(job), failed->error, now);
    if (std::holds_alternative<Restarted>(event)) return {std::move(job), Action::wait_for_slot};
    return unchanged(std::move(job));
}

Step in_preparing(Job job, Event const& event, UtcTime now) {
    if (auto const* made = std::get_if<AlreadyMade>(&event)) return already_made(*made, now);
    if (auto const* gone = std::get_if<Withdrawn>(&event))
        return finish(std::move(job), Outcome::cancelled, gone->error, now);
    if (auto const* prepared = std::get_if<Prepared>(&event)) {
        job.vm = prepared->vm;
        job.vm_name = prepared->vm_name;
        job.attempt = prepared->attempt;
        job.definition_file = prepared->definition_file;
        job.cluster = prepared->cluster;
        job.disks = prepared->disks;
        job.tag_before = prepared->tag_before;
        job.expected_bytes = prepared->expected_bytes;
        for (auto const& disk : job.disks)
            if (prepared->expected_bytes == 0 && is_exported(disk)) job.expected_bytes += disk.allocation_bytes;
        if (job.cancel_requested) return finish(std::move(job), Outcome::cancelled, std::nullopt, now);
        job.pre_hook = prepared->pre_hook;
        job.post_hook = prepared->post_hook;
        job.delayed_hook = prepared->delayed_hook;
        if (job.pre_hook) return go(std::move(job), Phase::pre_hook, Action::run_pre_hook);
        return submit(std::move(job), now);
    }
    if (auto const* failed = std::get_if<Failed>(&event)) return fail_unordered(std::move(job), failed->error, now);
    if (std::holds_alternative<Restarted>(event)) return start_over(std::move(job));
    return unchanged(std::move(job));
}

Step in_pre_hook(Job job, Event const& event, UtcTime now) {
    if (auto const* made = std::get_if<AlreadyMade>(&event)) return already_made(*made, now);
    if (auto const* gone = std::get_if<Withdrawn>(&event))
        return finish(std::move(job), Outcome::cancelled, gone->error, now);
    if (auto const* hook = std::get_if<HookDone>(&event)) {
        if (hook->veto) return fail_unordered(std::move(job), Error{Errc::refused, hook->problem}, now);
        if (!hook->problem.empty()) job.warnings.push_back(hook->problem);
        if (job.cancel_requested) return finish(std::move(job), Outcome::cancelled, std::nullopt, now);
        return submit(std::move(job), now);
    }
    if (auto const* failed = std::get_if<Failed>(&event)) return fail_unordered(std::move(job), failed->error, now);
    if (std::holds_alternative<Restarted>(event)) return start_over(std::move(job));
    return unchanged(std::move(job));
}

Step in_post_hook(Job job, Event const& event, UtcTime now) {
    if (auto const* hook = std::get_if<HookDone>(&event)) {
        if (!hook->problem.empty()) job.warnings.push_back(hook->problem);
        return finish(std::move(job), Outcome::succeeded, std::nullopt, now);
    }
    if (auto const* failed = std::get_if<Failed>(&event)) {
        job.warnings.push_back(failed->error.context);
        return finish(std::move(job), Outcome::succeeded, std::nullopt, now);
    }
    // The daemon's stop ended the hook; it runs again rather than not at all.
    if (std::holds_alternative<Restarted>(event)) return {std::move(job), Action::run_post_hook};
    return unchanged(std::move(job));
}

/// No task reported the outcome, so only the files (or the VM) can show it.
bool is_unconfirmed(Job const& job) { return job.error && job.error->code == Errc::outcome_unknown; }

Step in_posting(Job job, Event const& event, UtcTime now) {
    if (auto const* accepted = std::get_if<Accepted>(&event)) {
        job.tag = accepted->tag;
        if (job.kind == JobKind::restore) job.vm = accepted->created;
        return go(std::move(job), Phase::following, Action::poll);
    }
    if (auto const* lost = std::get_if<PostLost>(&event)) {
        job.error = lost->error;
        return go(std::move(job), Phase::resolving, Action::resolve);
    }
    if (auto const* failed = std::get_if<Failed>(&event)) return fail_unordered(std::move(job), failed->error, now);
    if (auto const* gone = std::get_if<Withdrawn>(&event)) {
        job.posted.reset();
        return finish(std::move(job), Outcome::cancelled, gone->error, now);
    }
    // The POST may have been sent before the daemon died: find out, never send it again blindly.
    if (std::holds_alternative<Restarted>(event)) return go(std::move(job), Phase::resolving, Action::resolve);
    return unchanged(std::move(job));
}

constexpr char const* found_by_search =
    "no answer of the cluster named the task of this export, so it was found by a search, and the end of the export is "
    "not certain";

Step on_task(Job job, TaskReport const& report, UtcTime now) {
    bool const is_found_by_search = job.end == ExportEnd::inferred;
    switch (report.state) {
        case TaskState::complete:
            job.percent = 100;
            if (!is_found_by_search) job.end = ExportEnd::seen;
            else if (job.kind == JobKind::backup) job.warnings.push_back(found_by_search);
            if (job.cancel_requested) return go(std::move(job), Phase::discarding, Action::discard);
            return go(std::move(job), Phase::inspecting, Action::inspect);
        case TaskState::error: {
            job.percent = report.percent;
            job.end = is_found_by_search ? ExportEnd::unknown : ExportEnd::failed;
            auto const reason = report.message.empty() ? std::string("the cluster gave no reason") : report.message;
            job.error = Error{Errc::task_failed, "task " + job.tag.text() + " ended in ERROR: " + reason};
            if (job.cancel_requested) return go(std::move(job), Phase::discarding, Action::discard);
            auto error = *job.error;
            return fail(std::move(job), std::move(error), now);
        }
        case TaskState::absent: return go(std::move(job), Phase::resolving, Action::resolve);
        case TaskState::queued:
        case TaskState::running:
            job.percent = report.percent;
            return go(std::move(job), Phase::following, Action::poll);
        case TaskState::uninitialized:
        case TaskState::unknown: return go(std::move(job), Phase::following, Action::poll);
    }
    return unchanged(std::move(job));
}

Step in_resolving(Job job, Event const& event, UtcTime now) {
    if (auto const* found = std::get_if<TaskFound>(&event)) {
        job.tag = found->tag;
        // Another program may have made what a search finds, and the cluster may have forgotten the job's own task:
        // what this one reports is no proof.
        job.end = ExportEnd::inferred;
        if (job.kind == JobKind::restore && !found->created.empty()) job.vm = found->created;
        job.error.reset();
        return go(std::move(job), Phase::following, Action::poll);
    }
    if (auto const* seen = std::get_if<TaskSeen>(&event); seen && seen->report.state != TaskState::absent) {
        job.error.reset();
        return on_task(std::move(job), seen->report, now);
    }
    if (auto const* nothing = std::get_if<NothingFound>(&event)) {
        // The cluster rejected the request, and nothing shows that it started a task anyway.
        bool const refused = job.error && job.error->code == Errc::maybe_rejected;
        if (refused && !nothing->traces && !nothing->timed_out) {
            auto error = *job.error;
            return fail_unordered(std::move(job), std::move(error), now);
        }
        if (!nothing->traces || job.cancel_requested) return lose(std::move(job), nothing->error, now);
        job.error = Error{Errc::outcome_unknown, nothing->error.context};
        return go(std::move(job), Phase::inspecting, Action::inspect);
    }
    if (auto const* failed = std::get_if<Failed>(&event)) return lose(std::move(job), failed->error, now);
    if (std::holds_alternative<Restarted>(event)) return {std::move(job), Action::resolve};
    return unchanged(std::move(job));
}

Step in_following(Job job, Event const& event, UtcTime now) {
    if (auto const* seen = std::get_if<TaskSeen>(&event)) {
        job.error.reset();  // that it had stalled
        return on_task(std::move(job), seen->report, now);
    }
    if (auto const* stalled = std::get_if<TaskStalled>(&event)) {
        job.error = stalled->error;
        return {std::move(job), Action::poll};
    }
    if (std::holds_alternative<TaskMoves>(event)) {
        job.error.reset();
        return {std::move(job), Action::poll};
    }
    if (auto const* other = std::get_if<TaskOfOtherVm>(&event)) {
        job.tag = TaskTag{};
        job.error = other->error;
        return go(std::move(job), Phase::resolving, Action::resolve);
    }
    if (auto const* abandoned = std::get_if<PollingFailed>(&event)) return lose(std::move(job), abandoned->error, now);
    if (std::holds_alternative<Restarted>(event)) return {std::move(job), Action::poll};
    return unchanged(std::move(job));
}

Step in_inspecting(Job job, Event const& event, UtcTime now) {
    if (auto const* passed = std::get_if<InspectionPassed>(&event)) {
        job.inspected = passed->inspected;
        if (is_unconfirmed(job)) {
            job.end = ExportEnd::inferred;
            job.warnings.push_back("no task reported the outcome (" + job.error->context +
                                   "); the result was inspected and is complete");
        }
        job.error.reset();
        if (job.kind == JobKind::restore) return succeed(std::move(job), now);
        if (job.cancel_requested) return go(std::move(job), Phase::discarding, Action::discard);
        return go(std::move(job), Phase::committing, Action::commit);
    }
    if (auto const* doubt = std::get_if<DataMayBeMissing>(&event)) {
        job.end = ExportEnd::unflushed;
        job.error = doubt->error;
        if (job.cancel_requested) return go(std::move(job), Phase::discarding, Action::discard);
        return fail(std::move(job), doubt->error, now);
    }
    if (auto const* failed = std::get_if<Failed>(&event)) {
        if (is_unconfirmed(job)) {
            Error lost{Errc::outcome_unknown, job.error->context + "; " + failed->error.context};
            return lose(std::move(job), std::move(lost), now);
        }
        // A VM is there, but not surely this restore's: neither a success nor a failure.
        if (failed->error.code == Errc::outcome_unknown) return lose(std::move(job), failed->error, now);
        job.error = failed->error;
        if (job.cancel_requested) return go(std::move(job), Phase::discarding, Action::discard);
        return fail(std::move(job), failed->error, now);
    }
    if (std::holds_alternative<Restarted>(event)) return {std::move(job), Action::inspect};
    return unchanged(std::move(job));
}

/// The folder is gone, or its files have changed since they were inspected: no repetition brings them back.
bool is_final(Error const& refusal) {
    return refusal.code == Errc::not_found || refusal.code == Errc::damaged_backup ||
           refusal.code == Errc::incomplete_backup;
}

Step in_committing(Job job, Event const& event, UtcTime now) {
    if (auto const* committed = std::get_if<Committed>(&event)) {
        if (!committed->name.empty() && committed->name != job.backup) {
            job.warnings.push_back("when the export was complete, the name '" + job.backup +
                                   "' was taken, so the backup is named '" + committed->name + "'");
            job.backup = committed->name;
        }
        job.proof = committed->proof;
        job.error.reset();  // of a refusal
        return succeed(std::move(job), now);
    }
    if (auto const* refused = std::get_if<CommitRefused>(&event)) {
        if (is_final(refused->error)) return fail(std::move(job), refused->error, now);
        job.error = refused->error;
        return {std::move(job), Action::commit};
    }
    if (std::holds_alternative<NothingToCommit>(event)) {
        // The inspection's result was in memory only; inspecting again is cheap and safe.
        job.error.reset();
        return go(std::move(job), Phase::inspecting, Action::inspect);
    }
    if (auto const* failed = std::get_if<Failed>(&event)) return fail(std::move(job), failed->error, now);
    if (std::holds_alternative<Restarted>(event)) return {std::move(job), Action::commit};
    return unchanged(std::move(job));
}

Step in_discarding(Job job, Event const& event, UtcTime now) {
    if (std::holds_alternative<Discarded>(event)) return finish(std::move(job), Outcome::cancelled, std::nullopt, now);
    if (auto const* failed = std::get_if<Failed>(&event))
        return finish(std::move(job), Outcome::cancelled, failed->error, now);
    if (std::holds_alternative<Restarted>(event)) return {std::move(job), Action::discard};
    return unchanged(std::move(job));
}

/// The cluster cannot stop a task. The folder of a running backup is deleted when the export has finished; a running
/// restore creates a VM, and this program never deletes VMs.
bool can_note_cancel(Job const& job) {
    if (job.phase == Phase::preparing || job.phase == Phase::pre_hook) return true;
    if (job.kind == JobKind::restore) return false;
    return job.phase == Phase::posting || job.phase == Phase::resolving || job.phase == Phase::following ||
           job.phase == Phase::inspecting;
}

}  // namespace

Step step(Job job, Event const& event, UtcTime now) {
    if (job.phase == Phase::finished) return unchanged(std::move(job));
    if (std::holds_alternative<CancelRequested>(event) && job.phase != Phase::queued) {
        if (can_note_cancel(job)) job.cancel_requested = true;
        return unchanged(std::move(job));
    }
    switch (job.phase) {
        case Phase::queued: return in_queued(std::move(job), event, now);
        case Phase::preparing: return in_preparing(std::move(job), event, now);
        case Phase::pre_hook: return in_pre_hook(std::move(job), event, now);
        case Phase::posting: return in_posting(std::move(job), event, now);
        case Phase::resolving: return in_resolving(std::move(job), event, now);
        case Phase::following: return in_following(std::move(job), event, now);
        case Phase::inspecting: return in_inspecting(std::move(job), event, now);
        case Phase::committing: return in_committing(std::move(job), event, now);
        case Phase::discarding: return in_discarding(std::move(job), event, now);
        case Phase::post_hook: return in_post_hook(std::move(job), event, now);
        case Phase::reading:  // not a phase of exports and imports
        case Phase::finished: break;
    }
    return unchanged(std::move(job));
}

std::string folder_of(Job const& job) {
    bool const is_backup = job.phase == Phase::post_hook || job.outcome == Outcome::succeeded;
    if (job.kind != JobKind::backup || job.attempt.empty() || is_backup) return job.backup;
    return landing_folder(job.backup, job.attempt);
}

bool is_withdrawn(Job const& job) { return job.outcome == Outcome::cancelled && !job.cancel_requested; }

bool was_not_reached(Job const& job) { return is_withdrawn(job) && job.error && job.error->code == Errc::timed_out; }

bool may_still_be_exported(Job const& job) {
    if (job.kind != JobKind::backup || !job.posted) return false;
    bool const is_open = job.end == ExportEnd::unknown || job.end == ExportEnd::inferred;
    return job.outcome == Outcome::lost || (job.outcome == Outcome::cancelled && is_open);
}

bool is_stalled(Job const& job) { return job.phase == Phase::following && job.error.has_value(); }

bool holds_slot(Job const& job) {
    if (job.kind == JobKind::verify) return false;  // it reads the share and does not use the cluster
    switch (job.phase) {
        case Phase::preparing:
        case Phase::pre_hook:
        case Phase::posting:
        case Phase::resolving: return true;
        case Phase::following: return !is_stalled(job);
        case Phase::inspecting:
        case Phase::post_hook: return job.post_hook;
        // A refused rename may last for days.
        case Phase::committing: return job.post_hook && !job.error;
        case Phase::queued:
        case Phase::discarding:
        case Phase::reading:
        case Phase::finished: return false;
    }
    return false;
}

}  // namespace sb::core
