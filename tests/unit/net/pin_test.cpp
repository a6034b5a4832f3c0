#include "net_fixture.hpp"

namespace sb::net::test {
namespace {

class Pin : public NetTest {
protected:
    ServerOptions with(TestCertificate certificate, std::vector<TestCertificate> appended = {}) {
        ServerOptions options;
        options.certificate = std::move(certificate);
        options.appended = std::move(appended);
        return options;
    }
    void expect_refused(std::vector<config::Fingerprint> pins) {
        connect_with(std::move(pins));
        auto const test = [&]() -> task<void> {
            auto result = co_await post();
            EXPECT_FALSE(result.has_value());
            EXPECT_EQ(result.error().sent, Sent::no);
            EXPECT_EQ(result.error().error.code, Errc::pin_mismatch) << result.error().error.context;
            said = result.error().error.context;
        };
        run(test);
        EXPECT_EQ(server->request_bytes, 0u) << "not one byte of a request may leave";
        EXPECT_TRUE(server->requests.empty());
    }
    void expect_accepted(std::vector<config::Fingerprint> pins) {
        connect_with(std::move(pins));
        auto const test = [&]() -> task<void> {
            auto result = co_await get();
            EXPECT_TRUE(result.has_value()) << result.error().error.context;
        };
        run(test);
    }
    std::string said;
};

TEST_F(Pin, TheRightOneIsAccepted) {
    start();
    expect_accepted({server->pin()});
    EXPECT_THAT(server->requests.at(0).head, HasSubstr("GET /rest/v1/VirDomain HTTP/1.1\r\n"));
    EXPECT_THAT(server->requests.at(0).head, HasSubstr("Authorization: Basic c2VjcmV0\r\n"));
}

TEST_F(Pin, AnyOfSeveralIsAccepted) {
    start();
    expect_accepted({make_certificate("other").fingerprint, server->pin()});
}

TEST_F(Pin, AWrongOneIsRefusedBeforeAByteOfTheRequest) {
    auto const other = make_certificate("other");
    start();
    expect_refused({other.fingerprint});
    EXPECT_THAT(said, HasSubstr(to_text(other.fingerprint)));
    EXPECT_THAT(said, HasSubstr(to_text(server->pin())));
    EXPECT_THAT(said, HasSubstr("CertFingerprint"));
}

TEST_F(Pin, AWrongOneIsRefusedInTls12Too) {
    auto options = ServerOptions();
    options.tls12_only = true;
    start(std::move(options));
    expect_refused({make_certificate("other").fingerprint});
}

TEST_F(Pin, NoPinAtAllIsRefused) {
    start();
    expect_refused({});
}

TEST_F(Pin, APinnedCertificateFurtherUpTheChainDoesNotCount) {
    auto const pinned = make_certificate("the cluster");
    start(with(make_certificate("an attacker"), {pinned}));
    expect_refused({pinned.fingerprint});
}

TEST_F(Pin, TheSameNamesDoNotHelpAnAttackerEither) {
    auto const pinned = make_certificate("the cluster");
    start(with(make_certificate("the cluster"), {pinned}));
    expect_refused({pinned.fingerprint});
}

TEST_F(Pin, AnExpiredCertificateWithTheRightPinIsAccepted) {
    start(with(make_certificate("old", -30, -1)));
    expect_accepted({server->pin()});
}

TEST_F(Pin, ACertificateOfTheFutureWithTheRightPinIsAccepted) {
    start(with(make_certificate("new", 5, 30)));
    expect_accepted({server->pin()});
}

TEST_F(Pin, UnrelatedCertificatesInTheChainDoNotDisturb) {
    start(with(make_certificate("the cluster"), {make_certificate("a"), make_certificate("b", -9, -8)}));
    expect_accepted({server->pin()});
}

TEST_F(Pin, ARefusedHandshakeLeavesNoSessionToResume) {
    start();
    connect_with({make_certificate("x").fingerprint});
    auto const test = [&]() -> task<void> {
        for (int i = 0; i < 3; ++i) {
            auto result = co_await get();
            EXPECT_FALSE(result.has_value());
            EXPECT_EQ(result.error().error.code, Errc::pin_mismatch);
        }
    };
    run(test);
    EXPECT_EQ(server->request_bytes, 0u);
    EXPECT_EQ(server->resumed, 0);
}

}  // namespace
}  // namespace sb::net::test
