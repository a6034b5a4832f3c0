// Against a real SMTP server, and against servers that do not speak SMTP.
#include "daemon/notify/send_smtp.hpp"

#include "daemon/notify/libcurl_internal.hpp"

#include "smtp_server.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

namespace sb::notify {
namespace {

using config::MailSecurity;
using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view mail = "Subject: hello\r\n\r\nfirst\r\n.\r\n..dots\r\nlast\r\n";
constexpr char const* password = "pa$$ wörd";

TEST(LibCurl, AMissingLibraryIsReportedWithWhatToInstall) {
    auto const loaded = load_libcurl("libcurl-that-nobody-has.so.4");
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().context, HasSubstr("libcurl-that-nobody-has.so.4"));
    EXPECT_THAT(loaded.error().context, HasSubstr("install it (Debian: libcurl4, FreeBSD: curl)"));
}

TEST(LibCurl, ALibraryThatLacksAFunctionIsRefused) {  // nullptr is this program
    auto const loaded = load_libcurl(nullptr);
    ASSERT_FALSE(loaded);
    EXPECT_THAT(loaded.error().context, HasSubstr("curl_global_init"));
}

class SendSmtp : public testing::Test {
protected:
    void SetUp() override {
        std::signal(SIGPIPE, SIG_IGN);  // as the daemon does
        if (!test::python_with("aiosmtpd")) GTEST_SKIP() << "needs aiosmtpd";
    }

    static config::Smtp settings(std::uint16_t port, MailSecurity security = MailSecurity::none) {
        config::Smtp smtp;
        smtp.host = "127.0.0.1";
        smtp.port = port;
        smtp.from = "backup@example.com";
        smtp.to = {"ops@example.com"};
        smtp.security = security;
        smtp.helo_name = "client.test";
        return smtp;
    }

    static config::Smtp with_login(config::Smtp smtp, std::string secret = password) {
        smtp.username = "robot";
        smtp.password = Secret(std::move(secret));
        return smtp;
    }

    Result<Delivery> send(config::Smtp const& smtp) { return send_smtp(smtp, std::string(mail), stop_, limits_); }

    test::TempDir folder_;
    std::atomic<bool> stop_{false};
    SendLimits limits_;
};

TEST_F(SendSmtp, ThePredecessorsPlainRelayOnAllRecipients) {
    test::SmtpServer server("plain");
    auto smtp = settings(server.port());
    smtp.to = {"ops@example.com", "boss@example.com"};
    auto const sent = send(smtp);
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_EQ(sent->accepted, 2u);
    EXPECT_EQ(sent->objections, "");
    EXPECT_EQ(server.mail(1), mail);
    EXPECT_THAT(server.envelope(1),
                HasSubstr(R"("from": "backup@example.com", "to": ["ops@example.com", "boss@example.com"])"));
}

TEST_F(SendSmtp, StartTlsWithALogin) {
    auto const certificate = test::make_certificate(folder_.path(), "IP:127.0.0.1");
    test::SmtpServer server("starttls", certificate);
    limits_.ca_file = certificate.certificate;
    auto const sent = send(with_login(settings(server.port(), MailSecurity::starttls)));
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_EQ(server.mail(1), mail);
    EXPECT_THAT(server.envelope(1), HasSubstr(R"("tls": true, "authenticated": true)"));
}

TEST_F(SendSmtp, TlsFromTheStartWithALogin) {
    auto const certificate = test::make_certificate(folder_.path(), "IP:127.0.0.1");
    test::SmtpServer server("tls", certificate);
    limits_.ca_file = certificate.certificate;
    auto const sent = send(with_login(settings(server.port(), MailSecurity::tls)));
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_EQ(server.mail(1), mail);
    EXPECT_THAT(server.envelope(1), HasSubstr(R"("authenticated": true)"));
}

TEST_F(SendSmtp, AnUntrustedCertificateIsRefused) {
    auto const certificate = test::make_certificate(folder_.path(), "IP:127.0.0.1");
    for (auto const security : {MailSecurity::starttls, MailSecurity::tls}) {
        test::SmtpServer server(security == MailSecurity::tls ? "tls" : "starttls", certificate);
        auto const sent = send(with_login(settings(server.port(), security)));
        ASSERT_FALSE(sent);
        EXPECT_EQ(sent.error().code, Errc::unreachable);
        EXPECT_THAT(sent.error().context, HasSubstr("update-ca-certificates"));
    }
}

TEST_F(SendSmtp, ACertificateForAnotherNameIsRefused) {
    auto const certificate = test::make_certificate(folder_.path(), "DNS:mail.example.org");
    test::SmtpServer server("tls", certificate);
    limits_.ca_file = certificate.certificate;
    auto const sent = send(with_login(settings(server.port(), MailSecurity::tls)));
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().context, HasSubstr("must be a name in the server's certificate"));
}

TEST_F(SendSmtp, AWrongPasswordIsReportedAndNeverShown) {
    auto const certificate = test::make_certificate(folder_.path(), "IP:127.0.0.1");
    test::SmtpServer server("starttls", certificate);
    limits_.ca_file = certificate.certificate;
    auto const sent = send(with_login(settings(server.port(), MailSecurity::starttls), "hunter2"));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::rejected);
    EXPECT_THAT(sent.error().context, HasSubstr("535 5.7.8 wrong password ***, sent as ***)"));
    EXPECT_THAT(sent.error().context, HasSubstr("check [SMTP] Username and Password"));
    EXPECT_THAT(sent.error().context, Not(HasSubstr("hunter2")));
}

TEST_F(SendSmtp, AServerThatRequiresALoginIsUnderstood) {
    auto const certificate = test::make_certificate(folder_.path(), "IP:127.0.0.1");
    test::SmtpServer server("starttls", certificate);
    auto const sent = send(settings(server.port()));
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().context, HasSubstr("the server replied: 530"));
    EXPECT_THAT(sent.error().context, HasSubstr("set [SMTP] Security"));
}

TEST_F(SendSmtp, NothingIsSentInTheClearWhenEncryptionIsRequiredAndMissing) {
    test::SmtpServer server("plain");
    auto const sent = send(with_login(settings(server.port(), MailSecurity::starttls)));
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().context, HasSubstr("the server does not offer STARTTLS"));
}

TEST_F(SendSmtp, ARejectedRecipientIsReportedInTheServersWords) {
    test::SmtpServer server("plain");
    auto smtp = settings(server.port());
    smtp.to = {"nobody@example.com"};
    auto const sent = send(smtp);
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::rejected);
    EXPECT_THAT(sent.error().context, HasSubstr("550 5.1.1 there is no nobody@example.com"));
}

TEST_F(SendSmtp, OneRejectedRecipientDoesNotAffectTheOthers) {
    test::SmtpServer server("plain");
    auto smtp = settings(server.port());
    smtp.to = {"nobody@example.com", "ops@example.com"};
    auto const sent = send(smtp);
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_THAT(sent->objections, HasSubstr("550 5.1.1 there is no nobody@example.com"));
    EXPECT_THAT(sent->for_later, testing::IsEmpty());
    EXPECT_THAT(server.envelope(1), HasSubstr(R"("to": ["ops@example.com"])"));
}

TEST_F(SendSmtp, ARecipientThatIsRefusedForNowIsNamed) {
    test::SmtpServer server("plain");
    auto smtp = settings(server.port());
    smtp.to = {"nobody@example.com", "grey@example.com", "ops@example.com"};
    auto const sent = send(smtp);
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_EQ(sent->accepted, 1u);
    EXPECT_THAT(sent->for_later, testing::ElementsAre("grey@example.com"));
    EXPECT_THAT(sent->objections, HasSubstr("451 4.7.1 come back later"));
    smtp.to = sent->for_later;
    auto const again = send(smtp);
    ASSERT_TRUE(again) << again.error().context;
    EXPECT_THAT(server.envelope(2), HasSubstr(R"("to": ["grey@example.com"])"));
}

TEST_F(SendSmtp, WhoIsRefusedForNowIsKnownAlsoIfAllOthersAreRefusedForGood) {
    test::SmtpServer server("plain");
    auto smtp = settings(server.port());
    smtp.to = {"nobody@example.com", "grey@example.com"};
    auto const sent = send(smtp);
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_EQ(sent->accepted, 0u);
    EXPECT_THAT(sent->for_later, testing::ElementsAre("grey@example.com"));
}

TEST_F(SendSmtp, AServerThatKnowsNoEhloAcceptsAllRecipients) {
    test::SmtpServer server("old");
    auto const sent = send(settings(server.port()));
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_EQ(sent->objections, "");
    EXPECT_EQ(server.mail(1), mail);
}

TEST_F(SendSmtp, GreetsWithTheNameThatIsConfigured) {
    test::SmtpServer server("plain");
    auto smtp = settings(server.port());
    ASSERT_TRUE(send(smtp));
    EXPECT_THAT(server.envelope(1), HasSubstr(R"("helo": "client.test")"));
    smtp.helo_name = "[192.0.2.1]";
    ASSERT_TRUE(send(smtp));
    EXPECT_THAT(server.envelope(2), HasSubstr(R"("helo": "[192.0.2.1]")"));
}

TEST_F(SendSmtp, GreetsWithANameThatHasADomain) {
    test::SmtpServer server("plain");
    auto smtp = settings(server.port());
    smtp.helo_name.clear();
    ASSERT_TRUE(send(smtp));
    EXPECT_THAT(server.envelope(1), testing::ContainsRegex(R"("helo": "[^"]+\.[^"]+")"));
}

TEST_F(SendSmtp, AMailThatIsScannedForLongIsSentOnce) {
    test::SmtpServer server("plain");
    limits_.total = milliseconds(2000);  // the server takes 2.5 s after the last dot
    auto const sent = send_smtp(settings(server.port()), "Subject: scanned\r\n\r\nx\r\n", stop_, limits_);
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_EQ(sent->accepted, 1u);
}

TEST_F(SendSmtp, AServerThatNeverConfirmsAMailIsGivenUp) {
    test::SmtpServer server("no-end");
    limits_.after_mail = milliseconds(300);
    auto const sent = send(settings(server.port()));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::timed_out) << sent.error().context;
    EXPECT_THAT(sent.error().context, HasSubstr("it has the mail, but did not confirm it in time"));
}

TEST_F(SendSmtp, AServerThatDoesNotAnswerTheFarewellHoldsUpNothing) {
    test::SmtpServer server("no-farewell");
    limits_.quit = milliseconds(100);
    auto const sent = send(settings(server.port()));
    ASSERT_TRUE(sent) << sent.error().context;
    EXPECT_EQ(sent->accepted, 1u);
}

TEST_F(SendSmtp, StopsWhileTheServerConsidersAMail) {
    test::SmtpServer server("no-end");
    std::thread stopper([&] {
        server.wait_for("has data");
        stop_ = true;
    });
    auto const sent = send(settings(server.port()));
    stopper.join();
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::cancelled) << sent.error().context;
}

TEST_F(SendSmtp, ARefusedMessageIsAFailure) {
    test::SmtpServer server("plain");
    auto const sent = send_smtp(settings(server.port()), "Subject: unwanted\r\n\r\nx\r\n", stop_, limits_);
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().context, HasSubstr("554 5.7.1 not this one"));
}

TEST_F(SendSmtp, ASilentServerIsGivenUp) {
    limits_.total = milliseconds(300);
    for (auto const* mode : {"silent", "greeting"}) {
        test::SmtpServer server(mode);
        auto const sent = send(settings(server.port()));
        ASSERT_FALSE(sent) << mode;
        EXPECT_EQ(sent.error().code, Errc::timed_out) << sent.error().context;
    }
    test::SmtpServer server("silent");
    auto const sent = send(with_login(settings(server.port(), MailSecurity::tls)));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::timed_out) << sent.error().context;
}

TEST_F(SendSmtp, AMissingServerIsNamed) {
    auto const port = test::free_port();
    auto const sent = send(settings(port));
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::unreachable);
    EXPECT_THAT(sent.error().context, HasSubstr("mail server 127.0.0.1:" + std::to_string(port)));
}

TEST_F(SendSmtp, AServerThatDisappearsIsAFailure) {
    test::SmtpServer server("vanish");
    auto const sent = send(settings(server.port()));
    ASSERT_FALSE(sent);
    EXPECT_THAT(sent.error().code, testing::AnyOf(Errc::unreachable, Errc::rejected)) << sent.error().context;
}

TEST_F(SendSmtp, StopsWhenTheDaemonDoes) {
    test::SmtpServer server("silent");
    std::thread stopper([&] {
        server.wait_for("connected");
        stop_ = true;
    });
    auto const sent = send(settings(server.port()));
    stopper.join();
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().code, Errc::cancelled) << sent.error().context;
}

}  // namespace
}  // namespace sb::notify
