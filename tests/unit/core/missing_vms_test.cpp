#include "daemon/core/missing_vms.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

UtcTime const start{2'000'000'000s};
VmUuid const a{"a"}, b{"b"};

/// Lists without `a`, one every `pause`; returns the time of the last one.
UtcTime lists_without_a(MissingVms& missing_vms, int lists, UtcTime first, Milliseconds pause = 24h) {
    for (int i = 0; i < lists; ++i) missing_vms.note_complete_list({b}, {a, b}, first + i * pause);
    return first + (lists - 1) * pause;
}

}  // namespace

TEST(MissingVm, OnlyAVmMissingForAWeekIsGone) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({b}, {a, b}, start);
    EXPECT_FALSE(missing_vms.is_gone(a, start)) << "one answer says nothing";
    auto const last = lists_without_a(missing_vms, 7, start);
    EXPECT_EQ(last, start + 24h * 6);
    EXPECT_FALSE(missing_vms.is_gone(a, start + 24h * 7 - 1s));
    EXPECT_TRUE(missing_vms.is_gone(a, start + 24h * 7));
    EXPECT_FALSE(missing_vms.is_gone(b, start + 24h * 70));
}

TEST(MissingVm, AWeekWithFewListsIsNotEnough) {
    MissingVms missing_vms;
    auto const last = lists_without_a(missing_vms, 6, start, 24h * 3);
    EXPECT_FALSE(missing_vms.is_gone(a, last + 24h));
    missing_vms.note_complete_list({b}, {a}, last + 24h * 3);
    EXPECT_TRUE(missing_vms.is_gone(a, last + 24h * 3));
}

TEST(MissingVm, ManyListsInAFewDaysAreNotEnough) {
    MissingVms missing_vms;
    auto const last = lists_without_a(missing_vms, 6 * 24 + 1, start, 1h);
    EXPECT_FALSE(missing_vms.is_gone(a, last));
    EXPECT_FALSE(missing_vms.is_gone(a, start + 24h * 7 - 1s));
}

TEST(MissingVm, AtMostOneListInTwentyHoursCounts) {
    MissingVms missing_vms;
    lists_without_a(missing_vms, 100, start, 1min);
    auto const last = lists_without_a(missing_vms, 5, start + 48h, 48h);
    EXPECT_FALSE(missing_vms.is_gone(a, last)) << "six lists count";
}

TEST(MissingVm, ALongTimeWithoutAListCountsAsTwoDays) {
    MissingVms missing_vms;
    auto const last = lists_without_a(missing_vms, 6, start, 20h);
    missing_vms.note_complete_list({b}, {a}, last + 24h * 400);
    EXPECT_FALSE(missing_vms.is_gone(a, last + 24h * 400)) << "5 * 20 hours and 2 days";
}

TEST(MissingVm, SeeingItOnceRestartsTheWeek) {
    MissingVms missing_vms;
    auto const last = lists_without_a(missing_vms, 8, start);
    EXPECT_TRUE(missing_vms.is_gone(a, last));
    missing_vms.note_present({a});
    missing_vms.note_complete_list({b}, {a}, last + 24h);
    EXPECT_FALSE(missing_vms.is_gone(a, last + 24h));
}

TEST(MissingVm, VmsWithoutCopiesAreNotTracked) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({b}, {a}, start);
    missing_vms.note_complete_list({b}, {}, start + 24h);
    EXPECT_EQ(missing_vms, MissingVms());
}

TEST(MissingVm, AClockThatWasAheadDoesNotKeepAVmForever) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({b}, {a}, start + 24h * 1000);
    auto const last = lists_without_a(missing_vms, 8, start);
    EXPECT_TRUE(missing_vms.is_gone(a, last));
}

TEST(MissingVm, WhileTheClockIsInDoubtNoVmIsGone) {
    MissingVms missing_vms;
    auto const last = lists_without_a(missing_vms, 8, start);
    missing_vms.note_complete_list({b}, {a}, last + 1h, true);
    EXPECT_FALSE(missing_vms.is_gone(a, last + 1h));
    missing_vms.note_complete_list({b}, {a}, last + 2h);
    EXPECT_TRUE(missing_vms.is_gone(a, last + 2h)) << "what counted before the doubt still counts";
}

TEST(MissingVm, DaysInDoubtDoNotCount) {
    MissingVms missing_vms;
    auto const before = lists_without_a(missing_vms, 4, start);
    for (int day = 1; day <= 10; ++day) missing_vms.note_complete_list({b}, {a}, before + day * 24h, true);
    auto const again = before + 24h * 10;
    missing_vms.note_complete_list({b}, {a}, again);
    EXPECT_FALSE(missing_vms.is_gone(a, again));
    lists_without_a(missing_vms, 4, again);
    EXPECT_FALSE(missing_vms.is_gone(a, again + 24h * 4 - 1s));
    EXPECT_TRUE(missing_vms.is_gone(a, again + 24h * 4)) << "three days before, four after";
}

TEST(MissingVm, InDoubtAVmIsNotTakenForMissingButForPresent) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({b}, {a, b}, start, true);
    EXPECT_EQ(missing_vms, MissingVms());
    missing_vms.note_complete_list({b}, {a, b}, start);
    missing_vms.note_complete_list({a, b}, {a, b}, start + 1h, true);
    EXPECT_EQ(missing_vms, MissingVms());
}

TEST(MissingVm, ItSurvivesAsTextAndUnreadableLinesAreSkipped) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({}, {a, VmUuid{"with a space"}}, start);
    EXPECT_EQ(MissingVms::from_text(missing_vms.text()), missing_vms);
    missing_vms.note_complete_list({}, {a, VmUuid{"with a space"}}, start + 25h);
    EXPECT_EQ(MissingVms::from_text(missing_vms.text()), missing_vms);
    missing_vms.note_complete_list({}, {a, VmUuid{"with a space"}}, start, true);
    EXPECT_EQ(MissingVms::from_text(missing_vms.text()), missing_vms);
    EXPECT_EQ(MissingVms::from_text("x\n\n2033-05-18T03:33:20Z\n2033-05-18T03:33:20Z \nnonsense a\n- a\n- 0x5 a\n"
                                    "2033-05-18T03:33:20Z 3x5 \n"),
              MissingVms());
    EXPECT_EQ(MissingVms::from_text(""), MissingVms());
}

TEST(MissingVm, AVmKnownFromAnEarlierVersionStartsWithOneList) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({b}, {a}, start);
    EXPECT_EQ(MissingVms::from_text("2033-05-18T03:33:20Z a\n"), missing_vms);
    auto known = MissingVms::from_text("2033-05-18T03:33:20Z a\n");
    EXPECT_FALSE(known.is_gone(a, start + 24h * 30));
    auto const last = lists_without_a(known, 7, start + 24h);
    EXPECT_TRUE(known.is_gone(a, last));
}
