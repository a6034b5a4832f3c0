#include "daemon/control/peer_log.hpp"

#include <gmock/gmock.h>

namespace sb::control {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

PeerLog::Time const log_start{1000h};

ipc::Peer user(std::uint32_t uid, std::int64_t pid = 1) { return {uid, uid, pid}; }

int lines_of(PeerLog& log, ipc::Peer const& peer, int events, PeerLog::Time now, std::uint64_t allowed = 1) {
    int lines = 0;
    for (int i = 0; i < events; ++i) lines += log.turn(peer, "refused calls", now, allowed).has_line ? 1 : 0;
    return lines;
}

TEST(PeerLog, AUserCausesOneLineAMinute) {
    PeerLog log;
    EXPECT_EQ(lines_of(log, user(7), 1000, log_start), 1);
    EXPECT_EQ(lines_of(log, user(7), 1000, log_start + 59s), 0);
    auto const next = log.turn(user(7), "refused calls", log_start + 60s);
    EXPECT_TRUE(next.has_line);
    EXPECT_EQ(next.left_out, 1999U);
    EXPECT_EQ(log.turn(user(7), "refused calls", log_start + 120s).left_out, 0U);
}

TEST(PeerLog, ManyProcessesAreOneUserAndEachKindHasItsOwnLine) {
    PeerLog log;
    int lines = 0;
    for (int pid = 1; pid <= 100; ++pid) lines += lines_of(log, user(7, pid), 1, log_start);
    EXPECT_EQ(lines, 1);
    EXPECT_TRUE(log.turn(user(7), "disconnected", log_start).has_line);
    EXPECT_TRUE(log.turn(user(8), "refused calls", log_start).has_line);
}

TEST(PeerLog, AKindMayHaveMoreThanOneLine) {
    PeerLog log;
    EXPECT_EQ(lines_of(log, user(7), 1000, log_start, 60), 60);
    EXPECT_EQ(lines_of(log, user(7), 1000, log_start + 61s, 60), 60);
}

TEST(PeerLog, WhatWasLeftOutIsReportedWhenTheUserDoesNotComeAgain) {
    PeerLog log;
    lines_of(log, user(7), 18, log_start);
    lines_of(log, user(8), 1, log_start);
    EXPECT_THAT(log.take_overdue(log_start + 30s), IsEmpty());
    EXPECT_THAT(log.take_overdue(log_start + 60s), ElementsAre("uid 7: refused calls: 17 more lines left out"));
    EXPECT_THAT(log.take_overdue(log_start + 180s), IsEmpty());
}

TEST(PeerLog, ManyUsersShareOneLine) {
    PeerLog log;
    int lines = 0;
    for (std::uint32_t uid = 1; uid <= 5000; ++uid) lines += lines_of(log, user(uid), 1, log_start);
    EXPECT_LE(lines, 1001);
}

}  // namespace
}  // namespace sb::control
