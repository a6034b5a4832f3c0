#include "daemon/control/call_limits.hpp"

#include <gmock/gmock.h>

namespace sb::control {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

CallLimits::Time const call_start{1000h};

CallLimits::Terms few() {
    CallLimits::Terms terms;
    terms.calls = 10;
    terms.calls_per_second = 2;
    terms.heavy_of_reader = 2;
    terms.unread_of_reader = 1000;
    return terms;
}

int admitted_in_a_row(CallLimits& limits, CallLimits::User user, CallLimits::Time now) {
    int count = 0;
    while (count < 1000 && limits.admit_line(user, Rank::reader, 100, now)) ++count;
    return count;
}

TEST(CallLimits, AReaderMayMakeSomeCallsInARowAndThenAsManyAsTimeAllows) {
    CallLimits limits(few());
    EXPECT_EQ(admitted_in_a_row(limits, 7, call_start), 10);
    EXPECT_EQ(admitted_in_a_row(limits, 7, call_start + 2s), 4);
    EXPECT_EQ(admitted_in_a_row(limits, 7, call_start + 1h), 10) << "no more is saved up";
    auto const refused = limits.admit_line(7U, Rank::reader, 100, call_start + 1h);
    EXPECT_EQ(refused.error().code, Errc::refused);
    EXPECT_THAT(refused.error().context, HasSubstr("try again in 1 s"));
}

TEST(CallLimits, OneUserDoesNotUseUpTheCallsOfAnother) {
    CallLimits limits(few());
    admitted_in_a_row(limits, 7, call_start);
    EXPECT_EQ(admitted_in_a_row(limits, 8, call_start), 10);
    EXPECT_EQ(admitted_in_a_row(limits, std::nullopt, call_start), 10);
}

TEST(CallLimits, LongLinesAndLongAnswersCountAsManyCalls) {
    CallLimits limits(few());
    limits.charge(7, Rank::reader, 16UL * 1024 * 20, call_start);
    EXPECT_FALSE(limits.admit_line(7, Rank::reader, 100, call_start));
    EXPECT_FALSE(limits.admit_line(7, Rank::reader, 100, call_start + 4s));
    EXPECT_TRUE(limits.admit_line(7, Rank::reader, 100, call_start + 6s));
    limits.admit_line(8, Rank::reader, 64UL * 1024, call_start);
    EXPECT_LE(admitted_in_a_row(limits, 8, call_start), 5);
}

TEST(CallLimits, EachCallOfABatchCounts) {
    CallLimits limits(few());
    EXPECT_TRUE(limits.admit_line(7, Rank::reader, 100, call_start));
    limits.charge_calls(7, Rank::reader, 31, call_start);
    EXPECT_FALSE(limits.admit_line(7, Rank::reader, 100, call_start + 10s));
    EXPECT_TRUE(limits.admit_line(7, Rank::reader, 100, call_start + 12s));
    limits.charge_calls(8, Rank::admin, 1000, call_start);
    EXPECT_TRUE(limits.admit_line(8, Rank::admin, 100, call_start));
}

TEST(CallLimits, WhoMayChangeSomethingIsNotSlowedDown) {
    CallLimits limits(few());
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limits.admit_line(7, Rank::admin, 60'000, call_start));
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(limits.admit_line(0, Rank::root, 60'000, call_start));
}

TEST(CallLimits, LongCallsAtTheSameTimeAreLimited) {
    CallLimits limits(few());
    EXPECT_TRUE(limits.begin_heavy(7, Rank::reader, call_start));
    EXPECT_TRUE(limits.begin_heavy(7, Rank::reader, call_start));
    EXPECT_THAT(limits.begin_heavy(7, Rank::reader, call_start).error().context, HasSubstr("2 long calls in progress"));
    EXPECT_TRUE(limits.begin_heavy(8, Rank::reader, call_start));
    limits.end_heavy(7);
    EXPECT_TRUE(limits.begin_heavy(7, Rank::reader, call_start));
}

TEST(CallLimits, LongCallsCountAsManyCalls) {
    auto terms = few();
    terms.heavy_costs = 5;
    CallLimits limits(terms);
    for (int i = 0; i < 2; ++i) {
        EXPECT_TRUE(limits.begin_heavy(7, Rank::reader, call_start));
        limits.end_heavy(7);
    }
    EXPECT_FALSE(limits.admit_line(7, Rank::reader, 100, call_start));
    EXPECT_TRUE(limits.begin_heavy(8, Rank::admin, call_start));
    EXPECT_TRUE(limits.admit_line(8, Rank::admin, 100, call_start));
}

TEST(CallLimits, WhoDoesNotReadItsAnswersGetsNoMore) {
    CallLimits limits(few());
    limits.hold(7, 1001);
    EXPECT_THAT(limits.admit_line(7, Rank::reader, 100, call_start).error().context, HasSubstr("read them first"));
    EXPECT_TRUE(limits.admit_line(7, Rank::admin, 100, call_start)) << "its limit is higher";
    EXPECT_FALSE(limits.check_unread(7, Rank::reader));
    EXPECT_TRUE(limits.check_unread(7, Rank::admin));
    EXPECT_TRUE(limits.check_unread(8, Rank::reader));
    limits.release(7, 1001);
    EXPECT_TRUE(limits.admit_line(7, Rank::reader, 100, call_start));
}

TEST(CallLimits, UsersWhoAreGoneAreForgotten) {
    CallLimits limits(few());
    for (std::uint32_t uid = 0; uid < 5000; ++uid)
        EXPECT_TRUE(limits.admit_line(uid, Rank::reader, 100, call_start + std::chrono::seconds(uid)));
    EXPECT_LE(limits.known_users(), 1001U);
}

}  // namespace
}  // namespace sb::control
