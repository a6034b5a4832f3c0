// The oracle is a task that runs at a known pace and is polled whenever PollInterval says so.
#include "daemon/core/poll_interval.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

struct Watched {
    int requests = 0;
    Milliseconds late{0};       ///< from the true end to the answer that showed it
    Milliseconds shortest{1h};  ///< smallest gap between requests while the end was over 15 % (and 2 s) away
};

/// `percent_at` gives the true fraction (0 to 1) at a moment after the start; the task ends when it reaches 1.
Watched watch(Milliseconds length, std::function<double(Milliseconds)> const& fraction_at) {
    SteadyTime const start{1000s};
    PollInterval poll_interval{start};
    Watched seen;
    auto now = start;
    for (;;) {
        auto const asked_at = poll_interval.next(now);
        if (asked_at - start > length * 3 + 1h) ADD_FAILURE() << "never saw the end";
        auto const left = start + length - asked_at;
        if (left > length * 15 / 100 && left > 2s && seen.requests > 0)
            seen.shortest = std::min(seen.shortest, asked_at - now);
        now = asked_at;
        ++seen.requests;
        auto const fraction = fraction_at(now - start);
        if (fraction >= 1) {
            seen.late = now - (start + length);
            return seen;
        }
        poll_interval.record(now, TaskState::running, static_cast<int>(fraction * 100));
    }
}

Watched watch_even(Milliseconds length) {
    return watch(length, [length](Milliseconds t) { return double(t.count()) / double(length.count()); });
}

}  // namespace

TEST(PollInterval, SeesTheEndOfASevenSecondExportImmediatelyWithFourRequests) {
    auto const seen = watch_even(7s);
    EXPECT_LE(seen.requests, 4);
    EXPECT_LE(seen.late, 150ms);
}

TEST(PollInterval, SeesTheEndWithinAFractionOfASecondForAnyLengthWithFewRequests) {
    for (auto length = 700ms; length < 4h; length = length * 5 / 4) {
        auto const seen = watch_even(length);
        EXPECT_LE(seen.late, 600ms) << length.count() << " ms";
        EXPECT_LE(seen.requests, 20 + 40 + static_cast<int>(length / 1min + length / 50s)) << length.count() << " ms";
        if (length > 3min)
            EXPECT_LE(seen.requests * 5000, length.count()) << "no better than asking each 5 s, " << length.count();
    }
}

TEST(PollInterval, AsksAtMostOnceASecondWhileTheEndIsFar) {
    for (auto length = 10s; length < 4h; length = length * 4 / 3)
        EXPECT_GE(watch_even(length).shortest, 1s) << length.count();
}

TEST(PollInterval, FollowsAPaceThatChanges) {
    // Half of the work in a tenth of the time, then slowly; and vice versa.
    auto const quick_first = [](Milliseconds t) {
        double const x = double(t.count()) / 100000;
        return x < 0.1 ? x * 5 : 0.5 + (x - 0.1) / 1.8;
    };
    auto const slow_first = [](Milliseconds t) {
        double const x = double(t.count()) / 100000;
        return x < 0.9 ? x / 1.8 : 0.5 + (x - 0.9) * 5;
    };
    EXPECT_LE(watch(100s, quick_first).late, 1s);
    EXPECT_LE(watch(100s, slow_first).late, 34s) << "the speed-up cannot be foreseen: a third of the elapsed time";
    EXPECT_LE(watch(100s, quick_first).requests, 60);
    EXPECT_LE(watch(100s, slow_first).requests, 60);
}

TEST(PollInterval, SeesTheEndSoonAlsoWithoutPercentages) {
    auto const silent = [](Milliseconds t) { return t >= 60s ? 1.0 : 0.0; };
    auto const seen = watch(60s, silent);
    EXPECT_LE(seen.late, 5s);
    EXPECT_LE(seen.requests, 25);
}

TEST(PollInterval, NeverWaitsLongerThanAMinuteSoThatATagCannotExpireUnseen) {
    SteadyTime const start{0s};
    PollInterval poll_interval{start};
    auto now = start;
    for (int percent = 0; percent < 100; ++percent)
        for (int i = 0; i < 5; ++i) {
            auto const next = poll_interval.next(now);
            ASSERT_GT(next, now);
            ASSERT_LE(next - now, 60s);
            now = next;
            poll_interval.record(now, TaskState::running, percent);
        }
}

TEST(PollInterval, AStuckTaskIsPolledLessAndLess) {
    PollInterval poll_interval{SteadyTime{0s}};
    SteadyTime now{0s};
    int requests = 0;
    while (now < SteadyTime{1h}) {
        now = poll_interval.next(now);
        poll_interval.record(now, TaskState::running,
                             now < SteadyTime{30s} ? static_cast<int>(now.time_since_epoch() / 1s) : 30);
        ++requests;
    }
    EXPECT_LE(requests, 320);
    EXPECT_LE(poll_interval.unchanged_since(), SteadyTime{60s});
}

TEST(PollInterval, PercentagesThatGoBackOrJumpDoNoHarm) {
    PollInterval poll_interval{SteadyTime{0s}};
    SteadyTime now{0s};
    unsigned x = 12345;
    for (int i = 0; i < 10000; ++i) {
        auto const next = poll_interval.next(now);
        ASSERT_GT(next, now);
        ASSERT_LE(next - now, 60s);
        now = next;
        x = x * 1103515245 + 12345;
        poll_interval.record(now, static_cast<TaskState>((x >> 16) % 7), static_cast<int>((x >> 8) % 101));
    }
}
