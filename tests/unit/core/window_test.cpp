#include "daemon/core/window.hpp"

#include "schedule_samples.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

TEST(Window, AWindowAcrossMidnightIsOpenOnBothSides) {
    auto const zone = berlin();
    EXPECT_FALSE(is_open(nightly, at("2026-11-23 16:59", zone), zone));
    EXPECT_TRUE(is_open(nightly, at("2026-11-23 17:00", zone), zone));
    EXPECT_TRUE(is_open(nightly, at("2026-11-24 05:59", zone), zone));
    EXPECT_FALSE(is_open(nightly, at("2026-11-24 06:00", zone), zone));
}

TEST(Window, ItOpensAndClosesToTheSecond) {
    auto const zone = berlin();
    auto const opening = at("2026-11-23 17:00", zone);
    EXPECT_EQ(next_change(nightly, opening - 1ms, zone), opening);
    EXPECT_EQ(next_change(nightly, opening, zone), at("2026-11-24 06:00", zone));
}

// The predecessor: 'StartTime = EndTime is never open.'
TEST(Window, EqualStartAndEndMeanAlwaysOpen) {
    auto const zone = berlin();
    DailyWindow const always{5h, 5h};
    for (auto time = at("2026-03-28 00:00", zone); time < at("2026-03-30 00:00", zone); time += 30min)
        EXPECT_TRUE(is_open(always, time, zone));
    EXPECT_FALSE(next_change(always, at("2026-03-28 00:00", zone), zone));
    EXPECT_EQ(opening_before(always, at("2026-03-28 04:00", zone), zone), at("2026-03-27 05:00", zone));
}

TEST(Window, AnOpeningInTheSkippedHourIsTheMomentAfterIt) {
    auto const zone = berlin();
    DailyWindow const early{2h + 30min, 4h};
    auto const opens = next_change(early, at("2026-03-29 00:00", zone), zone);
    EXPECT_EQ(opens, at("2026-03-29 03:00", zone));
    EXPECT_EQ(opening_before(early, *opens, zone), *opens);
}

TEST(Window, TheRepeatedHourBelongsToTheSameWindow) {
    auto const zone = berlin();
    auto const first = at("2026-10-25 02:30", zone);
    auto const second = first + 1h;
    EXPECT_EQ(to_civil(first, zone), to_civil(second, zone));
    EXPECT_EQ(opening_before(nightly, first, zone), opening_before(nightly, second, zone));
    DailyWindow const in_it{2h + 15min, 2h + 45min};  // open twice that night, one window
    EXPECT_TRUE(is_open(in_it, second, zone));
    EXPECT_EQ(opening_before(in_it, second, zone), at("2026-10-25 02:15", zone));
}

TEST(Window, AClockThatChangesAtMidnightMovesNoOtherNight) {
    auto const zone = beirut();
    DailyWindow const after_midnight{0min, 3h};
    auto const skipped = next_change(after_midnight, at("2026-03-28 12:00", zone), zone);
    EXPECT_EQ(skipped, at("2026-03-29 01:00", zone));
    EXPECT_EQ(next_change(after_midnight, at("2026-03-29 12:00", zone), zone), at("2026-03-30 00:00", zone));
}

TEST(Window, HalfAnHourIsEnoughToShift) {
    auto const zone = lord_howe();
    DailyWindow const early{2h, 3h};
    EXPECT_EQ(next_change(early, at("2026-10-04 01:00", zone), zone), at("2026-10-04 02:30", zone));
    EXPECT_EQ(*next_change(early, at("2026-10-04 02:30", zone), zone) - at("2026-10-04 02:30", zone), 30min);
}
