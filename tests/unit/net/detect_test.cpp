#include "net_fixture.hpp"

namespace sb::net::test {
namespace {

using Detect = NetTest;

TEST_F(Detect, ReportsTheWholeChainAndSendsNothing) {
    ServerOptions options;
    options.certificate = make_certificate("localhost.localdomain", -2, 40);
    auto const above = make_certificate("Büro CA");
    options.appended = {above};
    start(std::move(options));
    auto const now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
    auto const test = [&]() -> task<void> {
        auto found = co_await detect_fingerprints(io.get_executor(), server->endpoint(), limits);
        EXPECT_TRUE(found.has_value()) << found.error().context;
        EXPECT_EQ(found->size(), 2u);
        EXPECT_EQ(found->at(0).fingerprint, server->pin());
        EXPECT_EQ(found->at(0).subject, "localhost.localdomain");
        EXPECT_EQ(found->at(1).fingerprint, above.fingerprint);
        EXPECT_EQ(found->at(1).subject, "Büro CA");
        auto const hours_off = std::chrono::abs(found->at(0).not_after - now - std::chrono::hours{24 * 40});
        EXPECT_LT(hours_off, std::chrono::hours{1});
        EXPECT_LT(found->at(0).not_before, now - std::chrono::hours{24});
    };
    run(test);
    EXPECT_EQ(server->request_bytes, 0u);
}

TEST_F(Detect, ShowsTheNameOfAStrangersCertificateOnOneLine) {
    ServerOptions options;
    options.certificate = make_certificate("node1\n[Scale]\x1b[2J", -2, 40);
    start(std::move(options));
    auto const test = [&]() -> task<void> {
        auto found = co_await detect_fingerprints(io.get_executor(), server->endpoint(), limits);
        EXPECT_TRUE(found.has_value());
        EXPECT_EQ(found->at(0).subject, "node1 [Scale]\uFFFD[2J");
    };
    run(test);
}

TEST_F(Detect, SaysWhyItFailed) {
    start();
    auto const test = [&]() -> task<void> {
        co_await server->stop();
        auto found = co_await detect_fingerprints(io.get_executor(), server->endpoint(), limits);
        EXPECT_FALSE(found.has_value());
        EXPECT_EQ(found.error().code, Errc::unreachable);
    };
    run(test);
}

TEST(Fingerprint, IsWrittenAsPeopleCompareIt) {
    config::Fingerprint print{};
    print[0] = 0x54;
    print[31] = 0xAF;
    auto const text = to_text(print);
    EXPECT_EQ(text.size(), 95u);
    EXPECT_EQ(text.substr(0, 6), "54:00:");
    EXPECT_EQ(text.substr(92), ":AF");
}

TEST(EndpointText, IsThatOfAUrl) {
    EXPECT_EQ(to_text(Endpoint{"hc3", 443}), "hc3");
    EXPECT_EQ(to_text(Endpoint{"hc3", 8443}), "hc3:8443");
    EXPECT_EQ(to_text(Endpoint{"fd00::1", 443}), "[fd00::1]");
}

}  // namespace
}  // namespace sb::net::test
