// Several nodes: the daemon uses one that responds, an impostor never gets the password, and a request is sent once.

#include "tests/e2e/certificate.hpp"
#include "tests/e2e/fixture.hpp"
#include "tests/cluster_faults/fault_fixture.hpp"
#include "tests/cluster_faults/invariants.hpp"
#include "tests/cluster_faults/fault_count.hpp"

namespace sb::test {
namespace {

FaultFixture::Settings two_nodes() {
    return {.options = {"--addresses", "2"}, .adjust = [](DaemonSettings& settings, Simulator const& simulator) {
                settings.more_hosts = {simulator.further().at(0).host};
                settings.more_fingerprints = {simulator.further().at(0).fingerprint};
            }};
}

/// The state of the node with this address in `status`: "in use", "answers", "away", "stranger", "untried".
std::string node_state(FaultFixture const& fixture, std::string const& host) {
    auto const status = fixture.daemon.ctl_json({"status"});
    for (auto const& node : status.root()["cluster"]["nodes"].elements()) {
        if (node["host"].text() != host) continue;
        if (node["wrong_certificate"].boolean() == true) return "stranger";
        if (!node["reachable"].boolean()) return "untried";
        if (node["reachable"].boolean() == false) return "away";
        return node["in_use"].boolean() == true ? "in use" : "answers";
    }
    return "";
}

void take_away_first_node(FaultFixture const& fixture, std::string const& stage) {
    fixture.add_fault(R"("kind":"outage","seconds":30,"text":")" + stage + "\"", R"("call":"ping","node":1)", 1);
    EXPECT_ANY_THROW((void)fixture.simulator.get("/rest/v1/ping")) << "the node is gone";
}

class NodeLost : public ::testing::TestWithParam<char const*> {};

TEST_P(NodeLost, TheOtherOneIsUsedInEveryPhase) {
    SB_NEEDS_CHECKERS();
    FaultFixture fixture(two_nodes());
    auto const pid = fixture.daemon.pid();
    ASSERT_TRUE(wait_until([&] { return node_state(fixture, fixture.simulator.host()) == "in use"; }));
    ASSERT_EQ(fixture.ended(fixture.start({"backup", "VM-C", "base"})).state, "succeeded");
    auto const exporting = fixture.start({"backup", "VM-A", "following"});
    auto const importing = fixture.start({"restore", "base", "IMPORTED"});
    ASSERT_TRUE(wait_until([&] { return !fixture.job(exporting).tag.empty() && !fixture.job(importing).tag.empty(); }));
    take_away_first_node(fixture, GetParam());
    auto const posting = fixture.start({"backup", "VM-B", "posting"});
    EXPECT_EQ(fixture.ended(exporting).state, "succeeded");
    EXPECT_EQ(fixture.ended(importing).state, "succeeded");
    auto const ordered = fixture.ended(posting);
    // A gateway's response leaves open whether the request was executed.
    if (std::string(GetParam()) == "502") EXPECT_TRUE(ordered.state == "succeeded" || ordered.state == "lost");
    else EXPECT_EQ(ordered.state, "succeeded") << ordered.error;
    EXPECT_EQ(node_state(fixture, fixture.simulator.host()), "away");
    EXPECT_EQ(node_state(fixture, fixture.simulator.further()[0].host), "in use");
    EXPECT_EQ(fixture.ended(fixture.start({"restore", "base", "PREPARED"})).state, "succeeded");
    expect_still_working(fixture, pid);
    std::vector<std::string> whole{"base", "following", "afterwards"};
    if (ordered.state == "succeeded") whole.emplace_back("posting");
    expect_only_complete_backups(fixture, whole);
    expect_no_request_twice(fixture, {{"VM-A", 1}, {"VM-B", 1}, {"VM-C", 1}, {"VM-D", 1}});
    expect_no_secret_in_log(fixture);
    FaultCount::count(std::string("node lost: ") + GetParam(), 4);
}

INSTANTIATE_TEST_SUITE_P(Failover, NodeLost, ::testing::Values("refuse", "tls_abort", "hang", "close", "502"),
                         [](auto const& test) {
                             return test.param[0] == '5' ? std::string("BadGateway") : std::string(test.param);
                         });

TEST(Failover, AnImpostorIsReportedSkippedAndNeverGetsAPassword) {
    SB_NEEDS_CHECKERS();
    auto settings = two_nodes();
    settings.adjust = [](DaemonSettings& daemon, Simulator const& simulator) {
        daemon.cluster_host = simulator.further().at(0).host;  // its certificate is not among the pins
        daemon.more_hosts = {simulator.host()};
    };
    FaultFixture fixture(settings);
    EXPECT_EQ(fixture.ended(fixture.start({"backup", "VM-A", "a"})).state, "succeeded");
    auto const stranger = fixture.simulator.further()[0].host;
    ASSERT_TRUE(wait_until([&] { return node_state(fixture, stranger) == "stranger"; }));
    EXPECT_EQ(node_state(fixture, fixture.simulator.host()), "in use");
    EXPECT_THAT(fixture.daemon.ctl({"status"}), EndedWith(0, "wrong certificate"));
    // The log of requests names the node that got each.
    auto const requests = json::Document::parse(fixture.simulator.ask("/sim/requests")).value();
    for (auto const& request : requests.root().elements()) EXPECT_EQ(request["node"].integer(), 1) << request.dump();
    expect_only_complete_backups(fixture, {"a"});
}

TEST(Failover, AnUnusedImpostorIsReportedBeforeItIsNeeded) {
    SB_NEEDS_CHECKERS();
    auto settings = two_nodes();
    settings.adjust = [](DaemonSettings& daemon, Simulator const& simulator) {
        daemon.more_hosts = {simulator.further().at(0).host};
    };
    FaultFixture const fixture(settings);
    EXPECT_TRUE(wait_until([&] { return node_state(fixture, fixture.simulator.further()[0].host) == "stranger"; }));
    EXPECT_EQ(node_state(fixture, fixture.simulator.host()), "in use");
}

TEST(Failover, OnlyImpostorsIsACertificateMismatch) {
    SB_NEEDS_CHECKERS();
    auto settings = two_nodes();
    settings.adjust = [](DaemonSettings& daemon, Simulator const& simulator) {
        daemon.more_hosts = {simulator.further().at(0).host};
        daemon.fingerprint = std::string(64, 'a');
    };
    FaultFixture const fixture(settings);
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).code, 8);
}

TEST(Failover, AnEmptyPinShowsTheFingerprintsOfAllNodes) {
    SB_NEEDS_CHECKERS();
    FaultFixture fixture(two_nodes());
    fixture.daemon.stop();
    fixture.daemon.settings.fingerprint.clear();
    fixture.daemon.settings.more_fingerprints.clear();
    for (auto const& options : {std::vector<std::string>{}, {"--check-config"}}) {
        fixture.daemon.write_config();
        auto const ended = fixture.daemon.run_to_end(options);
        EXPECT_EQ(ended.code, 78);
        for (auto const& print : {fixture.simulator.fingerprint(), fixture.simulator.further()[0].fingerprint})
            EXPECT_NE((ended.out + ended.err).find(print), std::string::npos) << ended.out << ended.err;
    }
}

TEST(Failover, AnExpiredPinnedCertificateIsAcceptedInEveryPhase) {
    SB_NEEDS_CHECKERS();
    TempDir dir;
    auto const old = make_certificate(dir, "old-cluster", "200201000000Z");
    FaultFixture fixture({.options = {"--cert", old.pem.string(), "--key", old.key.string()}});
    auto const pid = fixture.daemon.pid();
    EXPECT_EQ(fixture.ended(fixture.start({"backup", "VM-A", "a"})).state, "succeeded");
    EXPECT_EQ(fixture.ended(fixture.start({"restore", "a", "IMPORTED"})).state, "succeeded");
    expect_still_working(fixture, pid);
    expect_only_complete_backups(fixture, {"a", "afterwards"});
    FaultCount::count("expired certificate", 4);
}

}  // namespace
}  // namespace sb::test
