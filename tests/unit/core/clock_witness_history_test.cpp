// Random histories: steps, boots, restarts, and a cluster that comes and goes. When the clock must be in doubt is
// computed here from what happened, not from what the witness was shown.
#include "daemon/core/clock_witness.hpp"

#include "tests/unit/core/witnessed_machine.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

namespace sb::core {
namespace {

using namespace samples;

/// What happened since the last time that was not in doubt.
struct Happened {
    std::optional<UtcTime> trusted;
    bool booted = false;
    Milliseconds steps{0};
    Milliseconds ran{0};
    bool cluster_seen = false;
    Milliseconds small_steps{0};  ///< in sum, while the cluster was seen, since its clock last agreed

    bool is_reason_for_doubt(ClockReading const& now, Milliseconds learned) const {
        if (!trusted) return now.cluster && abs(*now.cluster - now.wall) >= days{1};
        if (booted) return now.wall < *trusted - 5min || now.wall > *trusted + days{1};
        return abs(steps) > 5min || is_contradicted(now, learned);
    }
    void sum_up(ClockReading const& now) {
        if (trusted && !booted && now.cluster && abs(steps) <= 5min) small_steps += steps;
    }

private:
    bool is_contradicted(ClockReading const& now, Milliseconds learned) const {
        if (!now.cluster || abs(small_steps) <= 5min) return false;
        return std::ranges::any_of(std::array{Milliseconds{0}, learned}, [&](Milliseconds usual) {
            auto const off = now.wall + usual - *now.cluster;
            return (off > 0ms) == (small_steps > 0ms) && abs(off - small_steps) <= 10min;
        });
    }
};

/// Something of what happens to machines; mostly, nothing but time passes.
void let_something_happen(WitnessedMachine& machine, Happened& happened, std::mt19937& random, bool with_cluster) {
    auto const below = [&](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    Milliseconds const passed = 1min * below(90);
    machine.pass(passed);
    happened.ran += std::min<Milliseconds>(passed, 1h);
    switch (below(24)) {
        case 0: {
            auto const by = below(2) == 0 ? Milliseconds{1min * (below(20) - 10)} : Milliseconds{1h * (below(90) - 45)};
            machine.step(by);
            happened.steps += by;
            break;
        }
        case 5: [[fallthrough]];
        case 6: {
            Milliseconds const by = 1min * (below(9) - 2);  // mostly ahead
            machine.step(by);
            happened.steps += by;
            break;
        }
        case 1:
            machine.restart_machine(1h * (below(60) - 10));
            happened.booted = true;
            happened.ran -= std::min<Milliseconds>(passed, 1h);  // not seen by the daemon before the boot
            break;
        case 2: machine.cluster_ahead.reset(); break;
        case 3:
            if (with_cluster) machine.cluster_ahead = 0s;
            break;
        case 4:
            if (with_cluster) machine.cluster_ahead = 1h * (below(60) - 30);
            break;
        default: break;
    }
}

TEST(ClockWitnessHistory, WhateverHappensADoubtBeginsAndEndsForAReason) {
    int doubts = 0, agreements = 0, unwitnessed = 0;
    for (unsigned seed = 0; seed < 200; ++seed) {  // every third machine never sees the cluster
        std::mt19937 random(seed);
        WitnessedMachine machine;
        Happened happened;
        for (int i = 0; i < 400; ++i) {
            SCOPED_TRACE("seed " + std::to_string(seed) + ", event " + std::to_string(i));
            let_something_happen(machine, happened, random, seed % 3 != 0);
            auto restarted = ClockWitness::from_text(machine.witness.text());
            ASSERT_EQ(restarted, machine.witness) << "a restart changes nothing";
            bool const was_in_doubt = machine.witness.in_doubt();
            auto const now = machine.reading();
            bool agrees = false;
            auto const learned = machine.witness.learned_offset().value_or(0ms);
            if (!was_in_doubt) happened.sum_up(now);
            for (auto const expected : {Milliseconds{0}, learned})
                if (now.cluster) agrees = agrees || abs(*now.cluster - now.wall - expected) <= 5min;

            auto const change = machine.observe();
            ASSERT_EQ(restarted.observe(now), change);
            happened.cluster_seen = was_in_doubt && (happened.cluster_seen || now.cluster.has_value());
            bool const long_enough = was_in_doubt && happened.ran >= 48h && !happened.cluster_seen;
            auto expected = ClockChange::none;
            if (was_in_doubt && agrees) expected = ClockChange::ended_by_agreement;
            else if (long_enough) expected = ClockChange::ended_unwitnessed;
            else if (!was_in_doubt && !agrees && happened.is_reason_for_doubt(now, learned))
                expected = ClockChange::doubt_began;
            ASSERT_EQ(change, expected);

            doubts += change == ClockChange::doubt_began;
            agreements += change == ClockChange::ended_by_agreement;
            unwitnessed += change == ClockChange::ended_unwitnessed;
            if (change == ClockChange::doubt_began) {
                happened.ran = 0s;
                happened.cluster_seen = now.cluster.has_value();
            }
            if (machine.witness.in_doubt() && random() % 200 == 0) machine.witness.accept(now);
            if (machine.witness.in_doubt()) {
                ASSERT_EQ(machine.witness.record(), happened.trusted) << "a doubtful time is not recorded";
            } else {
                ASSERT_EQ(machine.witness.record(), now.wall);
                bool const starts_over = agrees || was_in_doubt || change == ClockChange::doubt_began;
                happened = {.trusted = now.wall, .small_steps = starts_over ? 0ms : happened.small_steps};
            }
        }
    }
    EXPECT_GT(doubts, 500);
    EXPECT_GT(agreements, 100);
    EXPECT_GT(unwitnessed, 20);
}

}  // namespace
}  // namespace sb::core
