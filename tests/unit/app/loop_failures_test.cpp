#include "daemon/app/loop_failures.hpp"

#include <gtest/gtest.h>

namespace sb::app {
namespace {

LoopFailures::Time after(std::chrono::seconds time) { return LoopFailures::Time{std::chrono::hours(1) + time}; }

TEST(LoopFailures, OneEndsNothingAndHasALine) {
    LoopFailures failures;
    auto const verdict = failures.note(after(std::chrono::seconds(0)));
    EXPECT_TRUE(verdict.has_line);
    EXPECT_FALSE(verdict.gives_up);
}

TEST(LoopFailures, ThatComeAgainAndAgainFillNoLogAndEndTheProcess) {
    LoopFailures failures;
    std::size_t lines = 0, count = 0;
    for (bool gives_up = false; !gives_up; ++count) {
        auto const verdict = failures.note(after(std::chrono::seconds(1)));
        lines += verdict.has_line ? 1 : 0;
        gives_up = verdict.gives_up;
    }
    EXPECT_EQ(lines, LoopFailures::lines_a_minute);
    EXPECT_EQ(count, LoopFailures::most_a_minute + 1);
}

TEST(LoopFailures, AFewEachMinuteAreSurvivedForever) {
    LoopFailures failures;
    for (int minute = 0; minute < 1000; ++minute)
        for (int i = 0; i < 5; ++i) {
            auto const verdict = failures.note(after(std::chrono::minutes(minute)));
            EXPECT_TRUE(verdict.has_line);
            EXPECT_FALSE(verdict.gives_up);
        }
}

}  // namespace
}  // namespace sb::app
