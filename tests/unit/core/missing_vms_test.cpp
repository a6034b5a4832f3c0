#include "daemon/core/missing_vms.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

UtcTime const start{2'000'000'000s};
VmUuid const a{"a"}, b{"b"};

}  // namespace

TEST(MissingVm, OnlyAVmMissingForAWeekIsGone) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({b}, {a, b}, start);
    EXPECT_FALSE(missing_vms.is_gone(a, start)) << "one answer says nothing";
    missing_vms.note_complete_list({b}, {a, b}, start + 24h * 7 - 1s);
    EXPECT_FALSE(missing_vms.is_gone(a, start + 24h * 7 - 1s));
    EXPECT_TRUE(missing_vms.is_gone(a, start + 24h * 7));
    EXPECT_FALSE(missing_vms.is_gone(b, start + 24h * 70));
}

TEST(MissingVm, SeeingItOnceRestartsTheWeek) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({b}, {a}, start);
    missing_vms.note_present({a});
    missing_vms.note_complete_list({b}, {a}, start + 24h * 8);
    EXPECT_FALSE(missing_vms.is_gone(a, start + 24h * 8));
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
    missing_vms.note_complete_list({b}, {a}, start);
    EXPECT_TRUE(missing_vms.is_gone(a, start + 24h * 7));
}

TEST(MissingVm, ItSurvivesAsTextAndUnreadableLinesAreSkipped) {
    MissingVms missing_vms;
    missing_vms.note_complete_list({}, {a, VmUuid{"with a space"}}, start);
    EXPECT_EQ(MissingVms::from_text(missing_vms.text()), missing_vms);
    EXPECT_EQ(MissingVms::from_text("x\n\n2033-05-18T03:33:20Z\n2033-05-18T03:33:20Z \nnonsense a\n"), MissingVms());
    EXPECT_EQ(MissingVms::from_text(""), MissingVms());
}
