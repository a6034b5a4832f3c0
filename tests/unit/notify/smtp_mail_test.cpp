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
        if (mail_) stop();
    }

    void start(std::optional<config::Smtp> smtp) {
        auto send = [this](config::Smtp const& to, std::string const& text, std::atomic<bool> const& stop) {
            std::unique_lock lock(mutex_);
            texts_.push_back(text);
            envelopes_.push_back(to.to);
            while (hangs_ && !stop) moved_.wait_for(lock, std::chrono::milliseconds(5));
            if (stop) return Result<Delivery>(Error{Errc::cancelled, "stopped"});
            if (fails_) return Result<Delivery>(Error{Errc::unreachable, "no answer"});
            return Result<Delivery>(answer_);
        };
        mail_ = std::make_unique<SmtpMail>(std::move(smtp), time_, io_.get_executor(), std::move(send), outbox_);
        auto done = [this](std::exception_ptr) { ended_ = true; };
        asio::co_spawn(io_, mail_->run(), asio::bind_cancellation_slot(stop_.slot(), std::move(done)));
        auto kept = [this](std::exception_ptr) { keeping_ended_ = true; };
        asio::co_spawn(io_, mail_->keep_outbox(), asio::bind_cancellation_slot(stop_keeping_.slot(), std::move(kept)));
        time_.settle();
    }

    /// As the daemon does.
    void stop() {
        mail_->stop();
        stop_.emit(asio::cancellation_type::terminal);
        stop_keeping_.emit(asio::cancellation_type::terminal);
        ASSERT_TRUE(settle_until([&] { return ended_ && keeping_ended_; }));
        bool finished = false;
        asio::co_spawn(io_, mail_->finish(), [&](std::exception_ptr) { finished = true; });
        ASSERT_TRUE(settle_until([&] { return finished; }));
        mail_.reset();
    }

    std::size_t attempts() {
        std::lock_guard const lock(mutex_);
        return texts_.size();
    }
    std::string text(std::size_t index) {
        std::lock_guard const lock(mutex_);
        return texts_.at(index);
    }
    std::vector<std::string> envelope(std::size_t index) {
        std::lock_guard const lock(mutex_);
        return envelopes_.at(index);
    }
    void answer(Delivery delivery) {
        std::lock_guard const lock(mutex_);
        answer_ = std::move(delivery);
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
    asio::cancellation_signal stop_keeping_;
    bool ended_ = false, keeping_ended_ = false;
    ports::Outbox* outbox_ = nullptr;
    Delivery answer_{1};
    std::mutex mutex_;
    std::condition_variable moved_;
    std::vector<std::string> texts_;
    std::vector<std::vector<std::string>> envelopes_;
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
    EXPECT_EQ(text(0), text(4)) << "one Message-ID, so that a mail that arrives twice is shown once";
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

TEST_F(SmtpMailTest, ARecipientThatIsRefusedForNowGetsTheSameMailLater) {
    smtp_.to = {"c@d.example", "grey@d.example"};
    answer_ = Delivery{1, {"grey@d.example"}, "451 later"};
    start(smtp_);
    mail_->post({"s", "b", ""});
    ASSERT_TRUE(settle_until([&] { return attempts() == 1 && time_.sleepers() == 1; }));
    answer(Delivery{1});
    time_.run_until(*time_.next_wake_up());
    ASSERT_TRUE(settle_until([&] { return attempts() == 2; }));
    EXPECT_EQ(text(0), text(1));
    EXPECT_THAT(envelope(0), testing::ElementsAre("c@d.example", "grey@d.example"));
    EXPECT_THAT(envelope(1), testing::ElementsAre("grey@d.example"));
}

TEST_F(SmtpMailTest, ARecipientThatAReloadRemovedGetsNothing) {
    smtp_.to = {"c@d.example", "grey@d.example"};
    answer_ = Delivery{1, {"grey@d.example"}, "451 later"};
    start(smtp_);
    mail_->post({"s", "b", ""});
    ASSERT_TRUE(settle_until([&] { return attempts() == 1 && time_.sleepers() == 1; }));
    smtp_.to = {"c@d.example"};
    mail_->use(smtp_);
    ASSERT_TRUE(settle_until([&] { return time_.sleepers() == 0; }));
    EXPECT_EQ(attempts(), 1u);
}

/// Remembers what is saved; called from the outbox's thread.
class FakeOutbox final : public ports::Outbox {
public:
    Result<std::vector<ports::QueuedMail>> load() override {
        std::lock_guard const lock(mutex_);
        if (unreadable) return Error{Errc::malformed, "not JSON"};
        return kept_;
    }
    Result<void> save(std::vector<ports::QueuedMail> const& mails) override {
        std::lock_guard const lock(mutex_);
        kept_ = mails;
        return {};
    }
    std::vector<ports::QueuedMail> kept() {
        std::lock_guard const lock(mutex_);
        return kept_;
    }
    bool unreadable = false;

private:
    std::mutex mutex_;
    std::vector<ports::QueuedMail> kept_;
};

class SmtpMailOutbox : public SmtpMailTest {
protected:
    SmtpMailOutbox() { outbox_ = &kept_; }
    ~SmtpMailOutbox() override {
        if (mail_) stop();
    }
    void restart(std::optional<config::Smtp> smtp) {
        stop();
        ended_ = keeping_ended_ = false;
        start(std::move(smtp));
    }

    FakeOutbox kept_;
};

TEST_F(SmtpMailOutbox, AMailThatWaitsSurvivesARestartWithItsMessageId) {
    fails_ = true;
    start(smtp_);
    mail_->post({"s", "b", "c"});
    ASSERT_TRUE(settle_until([&] { return attempts() == 1 && time_.sleepers() == 1; }));
    restart(smtp_);
    ASSERT_TRUE(settle_until([&] { return attempts() == 2; })) << "it is tried without waiting";
    EXPECT_EQ(text(0), text(1));
    mail_->post({"again", "b", "c"});
    stop();
    EXPECT_EQ(kept_.kept().size(), 1u) << "its cause is known";
}

TEST_F(SmtpMailOutbox, WhatIsPostedIsSavedBeforeTheServerReplies) {
    hangs_ = true;
    start(smtp_);
    mail_->post({"s", "b", ""});
    ASSERT_TRUE(settle_until([&] { return attempts() == 1 && kept_.kept().size() == 1; })) << "a crash loses nothing";
    set(hangs_, false);
    ASSERT_TRUE(settle_until([&] { return kept_.kept().empty(); })) << "what was sent is not sent again";
}

TEST_F(SmtpMailOutbox, WhatIsPostedWhileTheDaemonStopsIsSaved) {
    hangs_ = true;
    start(smtp_);
    mail_->post({"first", "b", ""});
    ASSERT_TRUE(settle_until([&] { return attempts() == 1 && kept_.kept().size() == 1; }));
    set(hangs_, false);
    ASSERT_TRUE(settle_until([&] { return kept_.kept().empty(); }));
    mail_->stop();
    mail_->post({"late", "b", ""});
    stop();
    ASSERT_EQ(kept_.kept().size(), 1u);
    EXPECT_EQ(kept_.kept().at(0).message.subject, "late");
}

TEST_F(SmtpMailOutbox, AnUnreadableOutboxStopsNoMail) {
    kept_.unreadable = true;
    start(smtp_);
    mail_->post({"s", "b", ""});
    EXPECT_TRUE(settle_until([&] { return attempts() == 1; }));
}

TEST_F(SmtpMailOutbox, WithoutAServerNothingWaits) {
    fails_ = true;
    start(smtp_);
    mail_->post({"s", "b", ""});
    ASSERT_TRUE(settle_until([&] { return kept_.kept().size() == 1 && time_.sleepers() == 1; }));
    restart(std::nullopt);
    EXPECT_TRUE(settle_until([&] { return kept_.kept().empty(); }));
    EXPECT_EQ(attempts(), 1u);
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
    smtp.helo_name = "client.test";
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
