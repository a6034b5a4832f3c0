#include "daemon/core/absence.hpp"

#include <gtest/gtest.h>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;

namespace {

UtcTime const start{2'000'000'000s};
VmUuid const a{"a"}, b{"b"};

}  // namespace

TEST(Absence, OnlyAVmThatNobodySawForAWeekIsGone) {
    Absences absences;
    absences.note_all({b}, {a, b}, start);
    EXPECT_FALSE(absences.is_gone(a, start)) << "one answer says nothing";
    absences.note_all({b}, {a, b}, start + 24h * 7 - 1s);
    EXPECT_FALSE(absences.is_gone(a, start + 24h * 7 - 1s));
    EXPECT_TRUE(absences.is_gone(a, start + 24h * 7));
    EXPECT_FALSE(absences.is_gone(b, start + 24h * 70));
}

TEST(Absence, ASingleSightBeginsTheWeekAnew) {
    Absences absences;
    absences.note_all({b}, {a}, start);
    absences.note_sight({a});
    absences.note_all({b}, {a}, start + 24h * 8);
    EXPECT_FALSE(absences.is_gone(a, start + 24h * 8));
}

TEST(Absence, OfVmsWithoutCopiesNothingIsKept) {
    Absences absences;
    absences.note_all({b}, {a}, start);
    absences.note_all({b}, {}, start + 24h);
    EXPECT_EQ(absences, Absences());
}

TEST(Absence, AClockThatWasAheadDoesNotKeepAVmForEver) {
    Absences absences;
    absences.note_all({b}, {a}, start + 24h * 1000);
    absences.note_all({b}, {a}, start);
    EXPECT_TRUE(absences.is_gone(a, start + 24h * 7));
}

TEST(Absence, ItSurvivesAsTextAndWhatCannotBeReadIsLeftOut) {
    Absences absences;
    absences.note_all({}, {a, VmUuid{"with a blank"}}, start);
    EXPECT_EQ(Absences::from_text(absences.text()), absences);
    EXPECT_EQ(Absences::from_text("x\n\n2033-05-18T03:33:20Z\n2033-05-18T03:33:20Z \nnonsense a\n"), Absences());
    EXPECT_EQ(Absences::from_text(""), Absences());
}
