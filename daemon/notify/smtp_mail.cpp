#include "daemon/notify/smtp_mail.hpp"

#include "daemon/notify/clean_text.hpp"
#include "daemon/notify/message_text.hpp"
#include "daemon/notify/send_smtp.hpp"

#include "common/text/duration_text.hpp"
#include "common/text/one_line.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <spdlog/fmt/fmt.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <random>

namespace sb::notify {
namespace {

// Two daemons, or one before and after a restart, must not make the same Message-ID.
std::string unique_name(UtcTime now) {
    std::random_device random;
    return fmt::format("{:x}.{:08x}{:08x}.scale-backup", now.time_since_epoch().count(), random(), random());
}

ports::QueuedMail as_queued(ports::Message message, UtcTime now) {
    return ports::QueuedMail{std::move(message), unique_name(now), now};
}

Result<Delivery> over_the_net(config::Smtp const& smtp, std::string const& mail, std::atomic<bool> const& stop) {
    return send_smtp(smtp, mail, stop);
}

std::string subject_of(ports::QueuedMail const& mail) { return one_line(mail.message.subject); }

/// Who is to get it now: a reload may have removed some who still waited for it.
std::vector<std::string> recipients_of(ports::QueuedMail const& mail, config::Smtp const& smtp) {
    if (mail.recipients.empty()) return smtp.to;
    std::vector<std::string> recipients;
    for (auto const& recipient : mail.recipients)
        if (std::ranges::find(smtp.to, recipient) != smtp.to.end()) recipients.push_back(recipient);
    return recipients;
}

}  // namespace

SmtpMail::SmtpMail(std::optional<config::Smtp> smtp, ports::Time& time, asio::any_io_executor executor,
                   ports::Outbox* outbox)
    : SmtpMail(std::move(smtp), time, std::move(executor), &over_the_net, outbox) {}

SmtpMail::SmtpMail(std::optional<config::Smtp> smtp, ports::Time& time, asio::any_io_executor executor, Send send,
                   ports::Outbox* outbox)
    : smtp_(std::move(smtp)),
      time_(time),
      send_(std::move(send)),
      outbox_(outbox),
      news_(executor, asio::steady_timer::time_point::max()),
      unsaved_(executor, asio::steady_timer::time_point::max()) {}

SmtpMail::~SmtpMail() { stop_ = true; }

void SmtpMail::changed() {
    is_unsaved_ = true;
    unsaved_.cancel();
}

void SmtpMail::post(ports::Message message) {
    auto const subject = one_line(message.subject);
    auto const posted = queue_.post(as_queued(std::move(message), time_.now()), time_.steady_now());
    if (!posted.queued) {
        spdlog::debug("mail: already reported: {}", subject);
        return;
    }
    spdlog::warn("alert: {}", subject);
    if (posted.lost)
        spdlog::error("mail: {} messages are waiting; the oldest is dropped: {}", MailQueue::max_waiting,
                      one_line(*posted.lost));
    if (!smtp_) queue_.clear();  // the log has it; the cause stays recorded, so that the log is not flooded either
    else changed();
    news_.cancel();
}

void SmtpMail::resolve(std::string const& cause) { queue_.resolve(cause); }

void SmtpMail::use(std::optional<config::Smtp> smtp) {
    smtp_ = std::move(smtp);
    if (!smtp_ && !queue_.empty()) {
        queue_.clear();
        changed();
    }
    queue_.settings_changed(time_.steady_now());
    news_.cancel();
}

void SmtpMail::stop() {
    stop_ = true;
    news_.cancel();
}

task<Result<void>> SmtpMail::send_now(ports::Message message) {
    auto mail = as_queued(std::move(message), time_.now());
    auto const outcome = co_await send(std::move(mail));
    if (!outcome) co_return outcome.error();
    if (!outcome->objections.empty())
        co_return Error{Errc::rejected, "sent, but not to all recipients; the server replied: " + outcome->objections};
    co_return Result<void>();
}

task<Result<Delivery>> SmtpMail::send(ports::QueuedMail queued) {
    if (!smtp_)
        co_return Error{Errc::invalid_config, "mail is not configured: [SMTP] with Host, From and To is missing"};
    Addresses const addresses{smtp_->from, smtp_->to};
    Stamp const stamp{queued.posted, queued.unique};
    auto mail = message_text(addresses, queued.message, stamp);
    if (!mail) co_return mail.error();
    auto envelope = *smtp_;
    envelope.to = recipients_of(queued, *smtp_);
    if (envelope.to.empty()) co_return Delivery();
    if (!server_thread_) server_thread_ = std::make_unique<BlockingPool>(1);
    auto work = [send = send_, smtp = std::move(envelope), text = std::move(*mail), &stop = stop_] {
        return send(smtp, text, stop);
    };
    auto outcome = co_await server_thread_->run(std::move(work));
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
    co_await restore();
    while (!stop_) {
        co_await wait_for_work();
        auto const next = queue_.next_attempt();
        if (stop_ || !smtp_ || !next || *next > time_.steady_now()) continue;
        auto const taken = queue_.take();
        auto mail = taken;
        if (auto const lost = queue_.lost(); lost > 0)
            mail.message.body +=
                fmt::format("\n({} earlier messages could not be sent and were dropped; see the log.)\n", lost);
        auto const outcome = co_await send(std::move(mail));
        note(taken, outcome);
        changed();
    }
}

void SmtpMail::note(ports::QueuedMail const& queued, Result<Delivery> const& outcome) {
    auto const subject = subject_of(queued);
    if (!outcome) return note_failure(subject, outcome.error());
    if (outcome->accepted > 0) spdlog::info("mail sent: {}", subject);
    if (outcome->for_later.empty()) queue_.sent();
    if (!outcome->objections.empty()) note_refused(subject, *outcome);
}

void SmtpMail::note_refused(std::string const& subject, Delivery const& delivery) {
    if (delivery.for_later.empty()) {
        spdlog::warn("mail: not sent to all recipients; the server replied: {}", delivery.objections);
        return;
    }
    auto const later = queue_.sent_except(delivery.for_later, time_.steady_now());
    if (later.given_up) {
        spdlog::error("mail: the server did not accept it for all recipients within a day, dropped: {}: {}", subject,
                      delivery.objections);
    } else {
        spdlog::warn("mail: not sent to all recipients yet, next attempt for {} of them in {}: {}: {}",
                     delivery.for_later.size(), length_text(later.wait), subject, delivery.objections);
    }
}

void SmtpMail::note_failure(std::string const& subject, Error const& error) {
    auto const failed = queue_.failed(time_.steady_now());
    if (stop_) return;  // finish() keeps or logs what is left
    if (failed.given_up) {
        spdlog::error("mail: not sent within a day, dropped: {}: {}", subject, error.context);
    } else {
        spdlog::warn("mail: not sent, next attempt in {}: {}: {}", length_text(failed.wait), subject, error.context);
    }
}

task<void> SmtpMail::restore() {
    if (outbox_ == nullptr) co_return;
    if (!outbox_thread_) outbox_thread_ = std::make_unique<BlockingPool>(1);
    auto work = [outbox = outbox_] { return outbox->load(); };
    auto const loaded = co_await outbox_thread_->run(std::move(work));
    is_restored_ = true;
    if (is_unsaved_) unsaved_.cancel();
    if (!loaded) {
        spdlog::warn("mail: what waited before the restart cannot be read and is not sent: {}", loaded.error().context);
        co_return;
    }
    if (!smtp_ && !loaded->empty()) changed();  // they will not be sent any longer
    if (!smtp_ || loaded->empty()) co_return;
    for (auto const& mail : *loaded) queue_.restore(mail, time_.now() - mail.posted, time_.steady_now());
    spdlog::info("mail: {} messages waited before the restart and are sent now", queue_.size());
}

task<void> SmtpMail::keep_outbox() {
    for (;;) {
        co_await save();
        boost::system::error_code woken;
        bool const has_work = is_unsaved_ && is_restored_;
        if (!has_work) co_await unsaved_.async_wait(asio::redirect_error(asio::use_awaitable, woken));
    }
}

task<void> SmtpMail::save() {
    if (outbox_ == nullptr || !is_restored_ || !is_unsaved_) co_return;
    is_unsaved_ = false;
    auto work = [outbox = outbox_, mails = queue_.contents()] { return outbox->save(mails); };
    auto const saved = co_await outbox_thread_->run(std::move(work));
    if (!saved && !is_failing_)
        spdlog::warn("mail: what is waiting cannot be saved and would be lost in a restart: {}", saved.error().context);
    is_failing_ = !saved;
}

task<void> SmtpMail::finish() {
    co_await save();
    bool const is_kept = outbox_ != nullptr && is_restored_ && !is_failing_;
    for (auto const& left : queue_.contents()) {
        if (is_kept) spdlog::info("mail: sent after the next start: {}", subject_of(left));
        else spdlog::warn("mail: not sent before the daemon stopped: {}", subject_of(left));
    }
}

}  // namespace sb::notify
