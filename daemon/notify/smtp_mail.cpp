#include "daemon/notify/smtp_mail.hpp"

#include "daemon/notify/message_text.hpp"
#include "daemon/notify/send_smtp.hpp"
#include "daemon/notify/clean_text.hpp"

#include "common/text/duration_text.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <random>

namespace sb::notify {
namespace {

// Two daemons, or one before and after a restart, must not make the same Message-ID.
std::string unique_name(UtcTime now) {
    std::random_device random;
    return fmt::format("{:x}.{:08x}{:08x}.scale-backup", now.time_since_epoch().count(), random(), random());
}

Result<std::string> over_the_net(config::Smtp const& smtp, std::string const& mail, std::atomic<bool> const& stop) {
    return send_smtp(smtp, mail, stop);
}

}  // namespace

SmtpMail::SmtpMail(std::optional<config::Smtp> smtp, ports::Time& time, asio::any_io_executor executor)
    : SmtpMail(std::move(smtp), time, std::move(executor), &over_the_net) {}

SmtpMail::SmtpMail(std::optional<config::Smtp> smtp, ports::Time& time, asio::any_io_executor executor, Send send)
    : smtp_(std::move(smtp)),
      time_(time),
      send_(std::move(send)),
      news_(std::move(executor), asio::steady_timer::time_point::max()) {}

SmtpMail::~SmtpMail() { stop_ = true; }

void SmtpMail::post(ports::Message message) {
    auto const subject = clean_line(message.subject);
    auto const posted = queue_.post(std::move(message), time_.steady_now());
    if (!posted.queued) {
        spdlog::debug("mail: already reported: {}", subject);
        return;
    }
    spdlog::warn("alert: {}", subject);
    if (posted.lost)
        spdlog::error("mail: {} messages are waiting; the oldest is dropped: {}", MailQueue::max_waiting,
                      clean_line(*posted.lost));
    if (!smtp_) queue_.clear();  // the log has it; the cause stays recorded, so that the log is not flooded either
    news_.cancel();
}

void SmtpMail::resolve(std::string const& cause) { queue_.resolve(cause); }

void SmtpMail::use(std::optional<config::Smtp> smtp) {
    smtp_ = std::move(smtp);
    if (!smtp_) queue_.clear();
    queue_.try_again_now();
    news_.cancel();
}

void SmtpMail::stop() {
    stop_ = true;
    news_.cancel();
}

task<Result<void>> SmtpMail::send_now(ports::Message message) {
    auto const outcome = co_await send(std::move(message));
    if (!outcome) co_return outcome.error();
    if (!outcome->empty())
        co_return Error{Errc::rejected, "sent, but not to all recipients; the server replied: " + *outcome};
    co_return Result<void>();
}

task<Result<std::string>> SmtpMail::send(ports::Message message) {
    if (!smtp_)
        co_return Error{Errc::invalid_config, "mail is not configured: [SMTP] with Host, From and To is missing"};
    auto const now = time_.now();
    Addresses const addresses{smtp_->from, smtp_->to};
    Stamp const stamp{now, unique_name(now)};
    auto mail = message_text(addresses, message, stamp);
    if (!mail) co_return mail.error();
    if (!pool_) pool_ = std::make_unique<BlockingPool>(1);
    auto work = [send = send_, smtp = *smtp_, text = std::move(*mail), &stop = stop_] {
        return send(smtp, text, stop);
    };
    auto outcome = co_await pool_->run(std::move(work));
    co_return outcome;
}

task<void> SmtpMail::wait_for_work() {
    using namespace asio::experimental::awaitable_operators;
    boost::system::error_code woken;
    auto const next = queue_.next_attempt();
    if (!next || !smtp_) {
        co_await news_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    } else if (*next > time_.steady_now()) {
        co_await (news_.async_wait(asio::as_tuple(asio::use_awaitable)) || time_.sleep_until(*next));
    }
}

task<void> SmtpMail::run() {
    while (!stop_) {
        co_await wait_for_work();
        auto const next = queue_.next_attempt();
        if (stop_ || !smtp_ || !next || *next > time_.steady_now()) continue;
        auto const message = queue_.take();
        auto mail = message;
        if (auto const lost = queue_.lost(); lost > 0)
            mail.body +=
                fmt::format("\n({} earlier messages could not be sent and were dropped; see the log.)\n", lost);
        auto const outcome = co_await send(std::move(mail));
        note(message, outcome);
    }
    for (; !queue_.empty(); queue_.sent())
        spdlog::warn("mail: not sent before the daemon stopped: {}", clean_line(queue_.take().subject));
}

void SmtpMail::note(ports::Message const& message, Result<std::string> const& outcome) {
    auto const subject = clean_line(message.subject);
    if (outcome) {
        queue_.sent();
        spdlog::info("mail sent: {}", subject);
        if (!outcome->empty()) spdlog::warn("mail: not sent to all recipients; the server replied: {}", *outcome);
        return;
    }
    auto const failed = queue_.failed(time_.steady_now());
    auto const& reason = outcome.error().context;
    if (stop_) return;  // run() logs what is left
    if (failed.given_up) {
        spdlog::error("mail: not sent within a day, dropped: {}: {}", subject, reason);
    } else {
        spdlog::warn("mail: not sent, next attempt in {}: {}: {}", length_text(failed.wait), subject, reason);
    }
}

}  // namespace sb::notify
