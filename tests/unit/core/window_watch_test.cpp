#include "daemon/core/window_watch.hpp"

#include "schedule_samples.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

namespace {

struct WindowWatchTest : ::testing::Test {
    RuleZone zone = berlin();
    WindowWatch watch;

    std::optional<ClosedWindow> look(char const* civil, DailyWindow window = nightly) {
        return watch.check(window, at(civil, zone), zone);
    }
};

}  // namespace

TEST_F(WindowWatchTest, NoticesEachEndOnce) {
    EXPECT_FALSE(look("2026-11-23 12:00"));
    EXPECT_FALSE(watch.is_waiting());
    EXPECT_FALSE(look("2026-11-23 17:00"));
    EXPECT_TRUE(watch.is_waiting());
    EXPECT_FALSE(look("2026-11-24 05:59"));
    auto const ended = look("2026-11-24 06:10");
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->opened, at("2026-11-23 17:00", zone));
    EXPECT_EQ(ended->closed, at("2026-11-24 06:00", zone));
    EXPECT_FALSE(watch.is_waiting());
    EXPECT_FALSE(look("2026-11-24 06:20"));
}

TEST_F(WindowWatchTest, NoticesAnEndThatPassedDuringASuspend) {
    look("2026-11-23 18:00");
    auto const ended = look("2026-11-24 18:00");
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->closed, at("2026-11-24 06:00", zone));
    EXPECT_TRUE(watch.is_waiting()) << "the next one is open already";
}

TEST_F(WindowWatchTest, ContinuesAfterARestart) {
    watch.resume(at("2026-11-23 17:00", zone));
    ASSERT_TRUE(look("2026-11-24 07:00"));
}

TEST_F(WindowWatchTest, AClockThatIsSetBackEndsNoWindow) {
    look("2026-11-23 18:00");
    EXPECT_FALSE(look("2026-11-20 18:00"));
    EXPECT_FALSE(look("2026-11-20 12:00"));
}

TEST_F(WindowWatchTest, AWindowThatIsAlwaysOpenHasNoEnd) {
    look("2026-11-23 18:00");
    EXPECT_FALSE(look("2026-11-24 18:00", {17h, 17h}));
    EXPECT_FALSE(watch.is_waiting());
}

// In autumn 02:00 to 03:00 comes twice: a window until 02:30 closes, and is open again.
TEST_F(WindowWatchTest, TheRepeatedHourIsReportedOnce) {
    DailyWindow const window{17h, 2h + 30min};
    look("2026-10-24 18:00", window);
    auto const first = at("2026-10-25 02:30", zone);
    EXPECT_TRUE(watch.check(window, first, zone));
    EXPECT_FALSE(watch.check(window, first + 45min, zone));
    EXPECT_FALSE(watch.check(window, first + 2h, zone));
}

TEST_F(WindowWatchTest, HandsOverWhatWasHeldBackAndForgetsIt) {
    watch.note_held_back({"nothing is open"});
    look("2026-11-23 17:00");
    watch.note_held_back({"a", "b"});
    watch.note_held_back({"b"});
    auto const ended = look("2026-11-24 06:00");
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->held_back, (std::vector<std::string>{"b"}));
    look("2026-11-24 17:00");
    auto const next = look("2026-11-25 06:00");
    ASSERT_TRUE(next);
    EXPECT_FALSE(next->held_back);
}
