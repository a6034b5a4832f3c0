#include "daemon/core/verify_job.hpp"

#include <algorithm>
#include <utility>

namespace sb::core {
namespace {

VerifyStep unchanged_verify(Job job) { return {std::move(job), VerifyAction::none}; }

VerifyStep go_verify(Job job, Phase phase, VerifyAction next) {
    job.phase = phase;
    return {std::move(job), next};
}

VerifyStep finish_verify(Job job, Outcome outcome, std::optional<Error> error, UtcTime now) {
    job.phase = Phase::finished;
    job.outcome = outcome;
    job.error = std::move(error);
    job.finished = now;
    return {std::move(job), VerifyAction::finish};
}

VerifyStep succeed_verify(Job job, UtcTime now) {
    job.percent = 100;
    return finish_verify(std::move(job), Outcome::succeeded, std::nullopt, now);
}

VerifyStep in_queued_verify(Job job, VerifyEvent const& event, UtcTime now) {
    if (std::holds_alternative<Turn>(event)) {
        // Cancelled while it was at work, before a restart.
        if (job.cancel_requested) return finish_verify(std::move(job), Outcome::cancelled, std::nullopt, now);
        // The time of the first turn identifies the verification: its saved progress is found by it.
        if (!job.started) job.started = now;
        return go_verify(std::move(job), Phase::inspecting, VerifyAction::inspect);
    }
    if (std::holds_alternative<CancelRequested>(event)) {
        job.cancel_requested = true;
        return finish_verify(std::move(job), Outcome::cancelled, std::nullopt, now);
    }
    if (std::holds_alternative<Restarted>(event)) return {std::move(job), VerifyAction::wait_for_turn};
    return unchanged_verify(std::move(job));
}

VerifyStep at_work(Job job, VerifyEvent const& event, UtcTime now) {
    if (std::holds_alternative<CancelRequested>(event)) {
        job.cancel_requested = true;
        return unchanged_verify(std::move(job));
    }
    if (std::holds_alternative<Restarted>(event) || std::holds_alternative<ReadingSuspended>(event))
        return go_verify(std::move(job), Phase::queued, VerifyAction::wait_for_turn);
    if (std::holds_alternative<StructureVerified>(event) && job.phase == Phase::inspecting) {
        if (job.level == name_of(Level::structure)) return succeed_verify(std::move(job), now);
        if (job.cancel_requested) return finish_verify(std::move(job), Outcome::cancelled, std::nullopt, now);
        return go_verify(std::move(job), Phase::reading, VerifyAction::read);
    }
    if (auto const* slice = std::get_if<SliceRead>(&event); slice && job.phase == Phase::reading) {
        if (job.cancel_requested) return finish_verify(std::move(job), Outcome::cancelled, std::nullopt, now);
        job.expected_bytes = slice->total;
        auto const share = slice->total == 0
                               ? 100.0
                               : 100.0 * static_cast<double>(slice->position) / static_cast<double>(slice->total);
        job.percent = std::clamp(static_cast<int>(share), 0, 100);
        return go_verify(std::move(job), Phase::reading, VerifyAction::read);
    }
    if (auto const* verified = std::get_if<ContentVerified>(&event); verified && job.phase == Phase::reading) {
        job.warnings.insert(job.warnings.end(), verified->notes.begin(), verified->notes.end());
        return succeed_verify(std::move(job), now);
    }
    return unchanged_verify(std::move(job));
}

}  // namespace

VerifyStep step_verify(Job job, VerifyEvent const& event, UtcTime now) {
    if (job.phase == Phase::finished) return unchanged_verify(std::move(job));
    if (auto const* broken = std::get_if<Broken>(&event))
        return finish_verify(std::move(job), Outcome::failed, broken->error, now);
    switch (job.phase) {
        case Phase::queued: return in_queued_verify(std::move(job), event, now);
        case Phase::inspecting:
        case Phase::reading: return at_work(std::move(job), event, now);
        default: break;  // phases of exports and imports
    }
    return unchanged_verify(std::move(job));
}

}  // namespace sb::core
