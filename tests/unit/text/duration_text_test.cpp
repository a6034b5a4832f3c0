#include "common/text/duration_text.hpp"

#include <gtest/gtest.h>

using namespace std::chrono_literals;
using sb::CivilDuration;
using sb::duration_text;
using sb::length_text;
using sb::parse_duration;

namespace {

CivilDuration parsed(std::string_view text) {
    auto const result = parse_duration(text);
    if (!result) {
        ADD_FAILURE() << text << ": " << result.error().context;
        return {};
    }
    return *result;
}

std::string refusal(std::string_view text) {
    auto const result = parse_duration(text);
    if (result) return "taken as " + duration_text(*result);
    EXPECT_EQ(result.error().code, sb::Errc::invalid_params);
    return result.error().context;
}

}  // namespace

TEST(DurationText, ReadsTheFormsOfTheContract) {
    EXPECT_EQ(parsed("7 days"), (CivilDuration{7, 0s}));
    EXPECT_EQ(parsed("1 day 12 hours"), (CivilDuration{1, 12h}));
    EXPECT_EQ(parsed("90 minutes"), (CivilDuration{0, 90min}));
    EXPECT_EQ(parsed("2 weeks"), (CivilDuration{14, 0s}));
    EXPECT_EQ(parsed("7d"), (CivilDuration{7, 0s}));
    EXPECT_EQ(parsed("1 month"), (CivilDuration{30, 0s}));
    EXPECT_EQ(parsed("1 year"), (CivilDuration{365, 0s}));
}

TEST(DurationText, KeepsCalendarDaysApartFromExactHours) {
    EXPECT_EQ(parsed("24 hours"), (CivilDuration{0, 24h}));
    EXPECT_EQ(parsed("1 day"), (CivilDuration{1, 0s}));
    EXPECT_NE(parsed("24 hours"), parsed("1 day"));
}

TEST(DurationText, IgnoresSpacesAndCaseAndKnowsAbbreviations) {
    for (auto const* text :
         {"1 day 12 hours", " 1DAY12HOURS ", "1d12h", "1 d 12 hrs", "12 Hours 1 Day", "\t1  day\t12 h"}) {
        EXPECT_EQ(parsed(text), (CivilDuration{1, 12h})) << text;
    }
    EXPECT_EQ(parsed("5 min"), (CivilDuration{0, 5min}));
    EXPECT_EQ(parsed("3 mo"), (CivilDuration{90, 0s}));
    EXPECT_EQ(parsed("2 wks 1 yr"), (CivilDuration{14 + 365, 0s}));
    EXPECT_EQ(parsed("0 days 5 hours"), (CivilDuration{0, 5h}));
    EXPECT_EQ(parsed("0000000000000007 days"), (CivilDuration{7, 0s}));
}

TEST(DurationText, RejectsWhatThePredecessorReadAsZero) {
    EXPECT_EQ(refusal("banana"), "a number is missing");
    EXPECT_EQ(refusal("0 days"), "a duration must be longer than zero");
    EXPECT_EQ(refusal("-1 day"), "a duration cannot be negative");
    EXPECT_EQ(refusal("1 day -2 hours"), "a duration cannot be negative");
    EXPECT_EQ(refusal("7"), "a unit is missing after 7");
    EXPECT_EQ(refusal(""), "it is empty");
    EXPECT_EQ(refusal("  "), "it is empty");
    EXPECT_EQ(refusal("1.5 days"), "only whole numbers are allowed");
    EXPECT_EQ(refusal("1 day 1 day"), "the unit 'day' appears twice");
    EXPECT_EQ(refusal("1 day 2 days"), "the unit 'days' appears twice");
    EXPECT_EQ(refusal("7 bananas"), "'bananas' is not a unit");
    EXPECT_EQ(refusal("7 \xC3\xA4"), "a unit is missing after 7");
}

TEST(DurationText, RejectsSecondsAndABareM) {
    EXPECT_EQ(refusal("30 s"), "seconds are not supported here");
    EXPECT_EQ(refusal("30 seconds"), "seconds are not supported here");
    EXPECT_EQ(refusal("30 m"), "'m' could mean minutes or months: write 'min' or 'mo'");
}

TEST(DurationText, RefusesOverflow) {
    EXPECT_EQ(refusal("101 years"), "it is longer than 100 years");
    EXPECT_EQ(refusal("999999999999999999999999 days"), "it is longer than 100 years");
    EXPECT_EQ(refusal("999999999 years"), "it is longer than 100 years");
    EXPECT_EQ(refusal("999999999 hours"), "it is longer than 100 years");
    EXPECT_EQ(parsed("100 years"), (CivilDuration{36500, 0s}));
}

TEST(DurationText, WritesWhatItReads) {
    for (auto const& duration : {CivilDuration{1, 12h}, CivilDuration{7, 0s}, CivilDuration{0, 90min},
                                 CivilDuration{0, 1min}, CivilDuration{365, 23h + 59min}, CivilDuration{0, 30h}}) {
        EXPECT_EQ(parsed(duration_text(duration)), duration) << duration_text(duration);
    }
    EXPECT_EQ(duration_text(CivilDuration{1, 12h}), "1 day 12 hours");
    EXPECT_EQ(duration_text(CivilDuration{0, 61min}), "1 hour 1 minute");
}

TEST(DurationText, WritesExactLengths) {
    EXPECT_EQ(duration_text(0s), "0 seconds");
    EXPECT_EQ(duration_text(1s), "1 second");
    EXPECT_EQ(duration_text(245s), "4 minutes 5 seconds");
    EXPECT_EQ(duration_text(std::chrono::seconds{51h}), "2 days 3 hours");
    EXPECT_EQ(duration_text(std::chrono::seconds{48h}), "2 days");
    EXPECT_EQ(duration_text(-90s), "-1 minute 30 seconds");
}

TEST(DurationText, RoundsALengthUnlessItIsAPartOfASecond) {
    EXPECT_EQ(length_text(0ms), "0 seconds");
    EXPECT_EQ(length_text(400ms), "400 ms");
    EXPECT_EQ(length_text(1s), "1 second");
    EXPECT_EQ(length_text(1999ms), "1 second");
    EXPECT_EQ(length_text(2h + 5min + 30s), "2 hours 5 minutes");
}
