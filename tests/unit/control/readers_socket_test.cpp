// The second socket, for users who may only read: a storm at it is its own affair.
#include "control_fixture.hpp"
#include "daemon/control/accept_pace.hpp"

#include <gmock/gmock.h>

#include <vector>

namespace sb::test {
namespace {

using control::AcceptPace;
using testing::HasSubstr;

AcceptPace::Time at(std::chrono::milliseconds since) { return AcceptPace::Time{std::chrono::hours(1) + since}; }

TEST(AcceptPace, SomeInARowAreAcceptedWithoutWaiting) {
    AcceptPace pace({.in_a_row = 3, .per_second = 100});
    EXPECT_EQ(pace.next_after(at(0ms)), 0ms);
    EXPECT_EQ(pace.next_after(at(0ms)), 0ms);
    EXPECT_EQ(pace.next_after(at(0ms)), 10ms) << "the next one would be the fourth";
}

TEST(AcceptPace, AStormIsAcceptedAtTheGivenRate) {
    AcceptPace pace({.in_a_row = 3, .per_second = 100});
    auto now = at(0ms);
    std::size_t accepted = 0;
    for (; now < at(10'000ms); ++accepted) now += pace.next_after(now);
    EXPECT_GE(accepted, 1000U);
    EXPECT_LE(accepted, 1005U);
}

TEST(AcceptPace, APauseGivesThoseInARowBackAndNoMore) {
    AcceptPace pace({.in_a_row = 2, .per_second = 100});
    auto const accept_until_it_waits = [&](AcceptPace::Time now) {
        std::size_t accepted = 1;
        for (; pace.next_after(now) == 0ms; ++accepted) continue;
        return accepted;
    };
    EXPECT_EQ(accept_until_it_waits(at(0ms)), 2U);
    EXPECT_EQ(accept_until_it_waits(at(3'600'000ms)), 2U);
}

TEST(AcceptPace, AClockThatStandsOrGoesBackGivesNothing) {
    AcceptPace pace({.in_a_row = 1, .per_second = 100});
    EXPECT_EQ(pace.next_after(at(1000ms)), 10ms);
    EXPECT_EQ(pace.next_after(at(0ms)), 20ms);
}

class ReadersSocket : public ControlTest {
protected:
    static constexpr auto order =
        R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":{"vm":"FILE01","backup":"nightly"}})";
};

TEST_F(ReadersSocket, AStormAtItDelaysNoClientOfTheControlSocket) {
    auto options = with_groups();
    options.pace_of_readers = {.in_a_row = 3, .per_second = 0.001};
    start(std::move(options));
    std::vector<Client> storm;
    for (int i = 0; i < 50; ++i) storm.push_back(connect_to_readers_socket({i, readers, 1}));
    for (int i = 0; i < 3; ++i) EXPECT_EQ(storm[static_cast<std::size_t>(i)].ask(ask_version), version_answer);
    EXPECT_EQ(storm[3].ask(ask_version), "no answer") << "it waits for its turn";
    EXPECT_EQ(server->session_count(), 3U);
    for (int i = 0; i < 20; ++i) EXPECT_EQ(connect({2, admins, 1}).ask(ask_version), version_answer);
}

TEST_F(ReadersSocket, WhatAClientMayDoDependsOnWhoItIsAndNotOnTheSocket) {
    start(with_groups());
    EXPECT_THAT(connect_to_readers_socket({5, readers, 1}).ask(order), HasSubstr("may only read"));
    EXPECT_THAT(connect_to_readers_socket({6, admins, 1}).ask(order), HasSubstr(R"("result")"));
    EXPECT_THAT(connect_to_readers_socket({0, 0, 1}).ask(order), HasSubstr(R"("result")"));
    EXPECT_THAT(connect_to_readers_socket({9, 9, 1}).line().value_or(""), HasSubstr("has no access to the daemon"));
    EXPECT_THAT(connect({5, readers, 1}).ask(order), HasSubstr("may only read"));
}

}  // namespace
}  // namespace sb::test
