#include "daemon/hypercore/nodes.hpp"

#include <gtest/gtest.h>

namespace sb::hypercore {
namespace {

using namespace std::chrono_literals;
using Health = NodeState::Health;

SteadyTime const start{Milliseconds{1'000'000}};
std::set<std::size_t> const none{};

TEST(Nodes, TheFirstIsUsedFirstAndKeptWhileItWorks) {
    Nodes nodes(3);
    EXPECT_EQ(nodes.next(none, start), 0u);
    nodes.worked(0);
    EXPECT_EQ(nodes.next(none, start + 100h), 0u);
}

TEST(Nodes, ACallGoesThroughAllOfThemOnceAndEnds) {
    Nodes nodes(3);
    nodes.failed(0, NodeFault::away, "refused", start);
    EXPECT_EQ(nodes.next({0}, start), 1u);
    nodes.failed(1, NodeFault::away, "refused", start);
    EXPECT_EQ(nodes.next({0, 1}, start), 2u);
    nodes.failed(2, NodeFault::away, "refused", start);
    EXPECT_EQ(nodes.next({0, 1, 2}, start), std::nullopt);
}

TEST(Nodes, TheOneThatTookOverIsKeptWhenTheFirstIsBack) {
    Nodes nodes(2);
    nodes.failed(0, NodeFault::away, "refused", start);
    nodes.worked(1);
    EXPECT_EQ(nodes.present(), 1u);
    EXPECT_EQ(nodes.next(none, start + 1h), 1u);
    nodes.failed(1, NodeFault::away, "refused", start + 1h);
    EXPECT_EQ(nodes.next({1}, start + 1h), 0u);
}

TEST(Nodes, ANodeThatFailsRepeatedlyIsSkippedForLongerEachTime) {
    Nodes nodes(2);
    nodes.worked(1);
    Milliseconds previous{0};
    for (int round = 0; round < 12; ++round) {
        nodes.failed(0, NodeFault::away, "refused", start);
        auto const pause = nodes.states()[0].out_until - start;
        EXPECT_GE(pause, previous);
        previous = pause;
    }
    EXPECT_EQ(previous, 5min);
    // While it is skipped, it does not delay a call that fails at the current node.
    EXPECT_EQ(nodes.next({1}, start + 1min), std::nullopt);
    EXPECT_EQ(nodes.next({1}, start + 5min), 0u);
}

TEST(Nodes, IfAllAreAwayTheOneWhosePauseEndsFirstIsUsed) {
    Nodes nodes(2);
    nodes.failed(0, NodeFault::away, "refused", start);
    nodes.failed(0, NodeFault::away, "refused", start);
    nodes.failed(1, NodeFault::away, "refused", start);
    EXPECT_EQ(nodes.next(none, start), 1u);
}

TEST(Nodes, ANodeWithAWrongCertificateComesLast) {
    Nodes nodes(2);
    nodes.failed(0, NodeFault::wrong_certificate, "another one", start);
    for (int i = 0; i < 20; ++i) nodes.failed(1, NodeFault::away, "refused", start);
    EXPECT_EQ(nodes.next(none, start), 1u);
    EXPECT_EQ(nodes.states()[0].health, Health::wrong_certificate);
    EXPECT_EQ(nodes.next({1}, start), std::nullopt);
    EXPECT_EQ(nodes.next({1}, start + 1min), 0u) << "an administrator may have mended it";
}

TEST(Nodes, ASuccessClearsAllFailures) {
    Nodes nodes(1);
    for (int i = 0; i < 20; ++i) nodes.failed(0, NodeFault::away, "refused", start);
    nodes.worked(0);
    EXPECT_EQ(nodes.states()[0].failures, 0);
    EXPECT_EQ(nodes.states()[0].problem, "");
    EXPECT_EQ(nodes.states()[0].health, Health::well);
}

TEST(Nodes, ACheckChangesTheStateAndNotTheChoice) {
    Nodes nodes(3);
    nodes.worked(0);
    nodes.checked(1, NodeFault::none, "", start);
    nodes.checked(2, NodeFault::wrong_certificate, "another one", start);
    EXPECT_EQ(nodes.present(), 0u);
    EXPECT_EQ(nodes.states()[1].health, Health::well);
    EXPECT_EQ(nodes.states()[2].health, Health::wrong_certificate);
    EXPECT_EQ(nodes.next(none, start), 0u);
}

TEST(Nodes, AnErrorThatEveryNodeWouldReturnIsNotANodesFault) {
    for (auto const code :
         {Errc::credentials_refused, Errc::forbidden, Errc::rejected, Errc::cancelled, Errc::outcome_unknown})
        EXPECT_EQ(fault_of(code), NodeFault::none) << name_of(code);
    for (auto const code : {Errc::unreachable, Errc::timed_out, Errc::unavailable, Errc::malformed})
        EXPECT_EQ(fault_of(code), NodeFault::away) << name_of(code);
    EXPECT_EQ(fault_of(Errc::pin_mismatch), NodeFault::wrong_certificate);
}

}  // namespace
}  // namespace sb::hypercore
