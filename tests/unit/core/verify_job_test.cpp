#include "daemon/core/verify_job.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

UtcTime const verify_now{std::chrono::sys_days{std::chrono::year{2026} / 3 / 1} + 22h};
Error const verify_error{Errc::damaged_backup, "'disk.qcow2' is not what it was"};

std::vector<VerifyEvent> const verify_events{Turn{},
                                             StructureVerified{},
                                             SliceRead{50, 100},
                                             SliceRead{0, 0},
                                             ContentVerified{{"a note"}},
                                             ReadingSuspended{},
                                             Broken{verify_error},
                                             CancelRequested{},
                                             Restarted{}};
std::vector<Phase> const verify_phases{Phase::queued,     Phase::preparing,  Phase::pre_hook,   Phase::posting,
                                       Phase::resolving,  Phase::following,  Phase::inspecting, Phase::reading,
                                       Phase::committing, Phase::discarding, Phase::post_hook,  Phase::finished};

Job verify_job_in(Phase phase, std::string level) {
    Job job;
    job.id = 3;
    job.kind = JobKind::verify;
    job.phase = phase;
    job.level = std::move(level);
    return job;
}

}  // namespace

TEST(VerifyJob, EveryPhaseHandlesEveryEventAndKeepsItsRules) {
    for (std::string const level : {"structure", "content", "reread"})
        for (auto phase : verify_phases)
            for (bool cancelled : {false, true})
                for (auto const& event : verify_events) {
                    auto before = verify_job_in(phase, level);
                    before.cancel_requested = cancelled;
                    auto const [after, next] = step_verify(before, event, verify_now);
                    SCOPED_TRACE(level + " " + std::string(name_of(phase)) + " x event " +
                                 std::to_string(event.index()));
                    if (phase == Phase::finished) {
                        EXPECT_EQ(after, before);
                        continue;
                    }
                    EXPECT_EQ(after.phase == Phase::finished, after.outcome != Outcome::none);
                    EXPECT_EQ(after.phase == Phase::finished, next == VerifyAction::finish);
                    EXPECT_EQ(after.phase == Phase::finished, after.finished == verify_now);
                    EXPECT_EQ(after.outcome == Outcome::failed, std::holds_alternative<Broken>(event));
                    EXPECT_EQ(after.outcome == Outcome::failed, after.error.has_value());
                    // Each level succeeds in one way only, and the structure is verified without reading the content.
                    if (after.outcome == Outcome::succeeded) {
                        if (std::holds_alternative<StructureVerified>(event)) {
                            EXPECT_EQ(level, "structure");
                        } else {
                            EXPECT_TRUE(std::holds_alternative<ContentVerified>(event));
                            EXPECT_EQ(phase, Phase::reading);
                        }
                    }
                    if (next == VerifyAction::read && phase == Phase::inspecting) EXPECT_NE(level, "structure");
                    // A cancelled job reads no further slice.
                    if (cancelled && phase == Phase::reading) EXPECT_NE(next, VerifyAction::read);
                    EXPECT_FALSE(holds_slot(after));
                }
}

TEST(VerifyJob, ItKeepsItsIdentityAcrossPausesAndRestarts) {
    auto job = step_verify(verify_job_in(Phase::queued, "content"), Turn{}, verify_now).job;
    EXPECT_EQ(job.started, verify_now);
    job = step_verify(job, StructureVerified{}, verify_now + 1min).job;
    job = step_verify(job, SliceRead{25, 100}, verify_now + 2min).job;
    EXPECT_EQ(job.percent, 25);
    job = step_verify(job, ReadingSuspended{}, verify_now + 3min).job;
    EXPECT_EQ(job.phase, Phase::queued);
    EXPECT_EQ(job.percent, 25) << "what was read stays read";
    job = step_verify(job, Turn{}, verify_now + 10h).job;
    EXPECT_EQ(job.started, verify_now);
    EXPECT_EQ(step_verify(job, Restarted{}, verify_now + 11h).next, VerifyAction::wait_for_turn);
}
