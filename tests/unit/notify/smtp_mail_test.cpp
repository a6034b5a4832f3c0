// The mail queue, with a manual clock and a function in place of the server, and once with a real server.
#include "daemon/notify/smtp_mail.hpp"

#include "smtp_server.hpp"
#include "tests/support/manual_time.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <spdlog/spdlog.h>

#include <condition_variable>
#include <csignal>
#include <mutex>

namespace sb::notify {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::HasSubstr;

class SmtpMailTest : public testing::Test {
protected:
    SmtpMailTest() {
        smtp_.host = "127.0.0.1";
        smtp_.from = "a@b.example";
        smtp_.to = {"c@d.example"};
    }
    ~SmtpMailTest() override {
        if (!mail_) return;
        mail_->stop();
        stop_.emit(asio::cancellation_type::terminal);
        settle_until([&] { return ended_; });
    }

    void start(std::optional<config::Smtp> smtp) {
        auto send = [this](config::Smtp const&, std::string const& text, std::atomic<bool> const& stop) {
            std::unique_lock lock(mutex_);
            texts_.push_back(text);
            while (hangs_ && !stop) moved_.wait_for(lock, std::chrono::milliseconds(5));
            if (stop) return Result<std::string>(Error{Errc::cancelled, "stopped"});
            if (fails_) return Result<std::string>(Error{Errc::unreachable, "nobody there"});
            return Result<std::string>(std::string());
        };
        mail_ = std::make_unique<SmtpMail>(std::move(smtp), time_, io_.get_executor(), std::move(send));
        auto done = [this](std::exception_ptr) { ended_ = true; };
        asio::co_spawn(io_, mail_->run(), asio::bind_cancellation_slot(stop_.slot(), std::move(done)));
        time_.settle();
    }

    std::size_t attempts() {
        std::lock_guard const lock(mutex_);
        return texts_.size();
    }
    std::string text(std::size_t index) {
        std::lock_guard const lock(mutex_);
        return texts_.at(index);
    }
    void set(bool& flag, bool value) {
        std::lock_guard const lock(mutex_);
        flag = value;
        moved_.notify_all();
    }
    // The sender is a separate thread: its result may arrive at any time.
    bool settle_until(std::function<bool()> const& condition) {
        return test::wait_until([&] {
            time_.settle();
            return condition();
        });
    }

    asio::io_context io_{1};
    test::ManualTime time_{io_};
    config::Smtp smtp_;
    asio::cancellation_signal stop_;
    bool ended_ = false;
    std::mutex mutex_;
    std::condition_variable moved_;
    std::vector<std::string> texts_;
    bool fails_ = false, hangs_ = false;
    std::unique_ptr<SmtpMail> mail_;  // its thread uses the members above
};

TEST_F(SmtpMailTest, SendsEachCauseOnce) {
    start(smtp_);
    mail_->post({"first", "body one", "cause"});
    mail_->post({"again", "body two", "cause"});
    mail_->post({"other", "body three", "other cause"});
    ASSERT_TRUE(settle_until([&] { return attempts() == 2; }));
    EXPECT_THAT(text(0), HasSubstr("Subject: first\r\n"));
    EXPECT_THAT(text(1), HasSubstr("Subject: other\r\n"));
    EXPECT_EQ(time_.sleepers(), 0u);
}

TEST_F(SmtpMailTest, AHangingServerBlocksNothing) {
    hangs_ = true;
    start(smtp_);
    spdlog::set_level(spdlog::level::off);
    for (int i = 0; i < 300; ++i) mail_->post({"s" + std::to_string(i), "b", ""});
    ASSERT_TRUE(settle_until([&] { return attempts() == 1; }));
    spdlog::set_level(spdlog::level::info);
    mail_->post({"more", "b", ""});  // returns although the server does not
    set(hangs_, false);
    ASSERT_TRUE(settle_until([&] { return attempts() == 101; }));
    EXPECT_THAT(text(0), HasSubstr("(200 earlier messages could not be sent and were dropped"));
}

TEST_F(SmtpMailTest, RetriesWithGrowingPausesUntilTheServerIsBack) {
    fails_ = true;
    start(smtp_);
    mail_->post({"s", "b", "c"});
    for (std::size_t attempt = 1; attempt <= 4; ++attempt) {
        ASSERT_TRUE(settle_until([&] { return attempts() == attempt && time_.sleepers() == 1; })) << attempt;
        if (attempt == 4) set(fails_, false);
        time_.run_until(*time_.next_wake_up());
    }
    ASSERT_TRUE(settle_until([&] { return attempts() == 5; }));
    EXPECT_EQ(time_.steady_now(), SteadyTime{hours(1)} + minutes(1 + 2 + 4 + 8));
    EXPECT_NE(text(0), text(4)) << "a Message-ID is used once";
}

TEST_F(SmtpMailTest, ANewPostDuringAPauseDoesNotHurryTheServer) {
    fails_ = true;
    start(smtp_);
    mail_->post({"s", "b", ""});
    ASSERT_TRUE(settle_until([&] { return time_.sleepers() == 1; }));
    mail_->post({"t", "b", ""});
    time_.settle();
    EXPECT_EQ(attempts(), 1u);
    EXPECT_EQ(time_.sleepers(), 1u);
}

TEST_F(SmtpMailTest, NewSettingsAreTriedImmediately) {
    fails_ = true;
    start(smtp_);
    mail_->post({"s", "b", ""});
    ASSERT_TRUE(settle_until([&] { return time_.sleepers() == 1; }));
    set(fails_, false);
    mail_->use(smtp_);
    ASSERT_TRUE(settle_until([&] { return attempts() == 2; }));
}

TEST_F(SmtpMailTest, WithoutAServerItOnlyLogs) {
    start(std::nullopt);
    for (int i = 0; i < 300; ++i) mail_->post({"s", "b", ""});
    time_.settle();
    EXPECT_EQ(attempts(), 0u);
    Error refused;
    asio::co_spawn(io_, mail_->send_now({"s", "b", ""}),
                   [&](std::exception_ptr, Result<void> result) { refused = result.error(); });
    time_.settle();
    EXPECT_EQ(refused.code, Errc::invalid_config);
    EXPECT_THAT(refused.context, HasSubstr("[SMTP]"));
    // Once mail is configured, only messages from then on are sent.
    mail_->use(smtp_);
    mail_->post({"now", "b", ""});
    ASSERT_TRUE(settle_until([&] { return attempts() == 1; }));
    EXPECT_THAT(text(0), HasSubstr("Subject: now"));
}

TEST_F(SmtpMailTest, StopsInTheMiddleOfATransfer) {
    hangs_ = true;
    start(smtp_);
    mail_->post({"s", "b", ""});
    ASSERT_TRUE(settle_until([&] { return attempts() == 1; }));
    mail_->stop();
    EXPECT_TRUE(settle_until([&] { return ended_; }));
}

TEST_F(SmtpMailTest, CanBeCancelledWhileItWaits) {
    fails_ = true;
    start(smtp_);
    mail_->post({"s", "b", ""});
    ASSERT_TRUE(settle_until([&] { return time_.sleepers() == 1; }));
    stop_.emit(asio::cancellation_type::terminal);
    EXPECT_TRUE(settle_until([&] { return ended_; }));
}

TEST(SmtpMailForReal, SendNowReturnsTheResult) {
    if (!test::python_with("aiosmtpd")) GTEST_SKIP() << "needs aiosmtpd";
    std::signal(SIGPIPE, SIG_IGN);
    test::SmtpServer server("plain");
    asio::io_context io{1};
    test::ManualTime time(io);
    config::Smtp smtp;
    smtp.host = "127.0.0.1";
    smtp.port = server.port();
    smtp.from = "a@b.example";
    smtp.to = {"c@d.example"};
    SmtpMail mail(smtp, time, io.get_executor());
    std::optional<Result<void>> outcome;
    auto const send = [&] {
        outcome.reset();
        asio::co_spawn(io, mail.send_now({"Grüße", "Text\n.\nende\n", ""}),
                       [&](std::exception_ptr, Result<void> result) { outcome = result; });
        io.restart();
        io.run();
    };
    send();
    ASSERT_TRUE(outcome && *outcome) << outcome->error().context;
    EXPECT_THAT(server.mail(1), HasSubstr("Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"));
    EXPECT_THAT(server.mail(1), testing::EndsWith("\r\n\r\nText\r\n.\r\nende\r\n"));
    smtp.to = {"c@d.example", "nobody@d.example"};
    mail.use(smtp);
    send();
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_THAT(outcome->error().context, HasSubstr("there is no nobody@d.example"));
    server.kill();
    send();
    ASSERT_TRUE(outcome && !*outcome);
    EXPECT_EQ(outcome->error().code, Errc::unreachable);
}

}  // namespace
}  // namespace sb::notify
