#include "common/text/time_of_day.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using sb::parse_time_of_day;
using sb::time_of_day_text;

TEST(TimeOfDay, ReadsEverySpellingOfFiveInTheAfternoon) {
    for (auto const* text :
         {"5:00 PM", "5 PM", "17:00", "5:00pm", "5:00PM", "5:00 pm", "05:00 Pm", " 5pm ", "5 : 00  PM", "5:00 p.m."}) {
        auto const time = parse_time_of_day(text);
        ASSERT_TRUE(time) << text << ": " << time.error().context;
        EXPECT_EQ(*time, 17h) << text;
    }
}

TEST(TimeOfDay, KnowsNoonAndMidnight) {
    EXPECT_EQ(*parse_time_of_day("12:00 AM"), 0h);
    EXPECT_EQ(*parse_time_of_day("12 AM"), 0h);
    EXPECT_EQ(*parse_time_of_day("12:30 PM"), 12h + 30min);
    EXPECT_EQ(*parse_time_of_day("0:00"), 0h);
    EXPECT_EQ(*parse_time_of_day("23:59"), 23h + 59min);
}

TEST(TimeOfDay, RejectsInvalidTimes) {
    for (auto const* text :
         {"",         " ",     "banana",   "25:00", "17",      "5",      "17:60",   "17:5",   "17:005", "13 PM", "0 AM",
          "17:00 PM", "24:00", "17:00:00", "-5:00", "5:00 xm", "1 7:00", "5.30 PM", "100:00", ":30",    "noon"}) {
        auto const time = parse_time_of_day(text);
        EXPECT_FALSE(time) << text;
        if (!time) EXPECT_FALSE(time.error().context.empty());
    }
}

TEST(TimeOfDay, PrintsOnTheTwentyFourHourClock) {
    EXPECT_EQ(time_of_day_text(17h), "17:00");
    EXPECT_EQ(time_of_day_text(5min), "00:05");
    EXPECT_EQ(time_of_day_text(23h + 59min), "23:59");
}
