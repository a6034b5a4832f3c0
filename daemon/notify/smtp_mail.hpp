#pragma once
// The Mail port: a queue that run() empties through the configured server, on a dedicated thread, so that no server can
// hold up the daemon. What waits is kept in an Outbox, so that a restart loses none. Without [SMTP] every message is
// only logged. All calls come from the event loop.

#include "common/config/model.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/notify/mail_queue.hpp"
#include "daemon/notify/smtp_dialogue.hpp"
#include "daemon/ports/mail.hpp"
#include "daemon/ports/outbox.hpp"
#include "daemon/ports/time.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sb::notify {

class SmtpMail final : public ports::Mail {
public:
    /// Sends one mail, blocking; as send_smtp does.
    using Send = std::function<Result<Delivery>(config::Smtp const&, std::string const&, std::atomic<bool> const&)>;

    /// Without an `outbox`, messages that wait are lost in a restart.
    SmtpMail(std::optional<config::Smtp> smtp, ports::Time& time, asio::any_io_executor executor,
             ports::Outbox* outbox = nullptr);
    SmtpMail(std::optional<config::Smtp> smtp, ports::Time& time, asio::any_io_executor executor, Send send,
             ports::Outbox* outbox = nullptr);
    ~SmtpMail() override;

    void post(ports::Message message) override;
    void resolve(std::string const& cause) override;
    /// `invalid_config` without [SMTP].
    task<Result<void>> send_now(ports::Message message) override;

    /// Sends what is posted, and what waited before the restart, until it is cancelled or stop() is called; to be
    /// spawned once, beside the engine.
    task<void> run();
    /// Keeps the outbox up to date until it is cancelled; to be spawned beside run().
    task<void> keep_outbox();
    /// After a reload. Waiting mails are tried immediately with the new settings.
    void use(std::optional<config::Smtp> smtp);
    /// Before run() is cancelled: a transfer in progress ends within a second.
    void stop();
    /// After run() and keep_outbox() have ended: saves what is left, or lists it in the log.
    task<void> finish();

private:
    task<void> restore();
    task<void> save();
    void changed();
    task<Result<Delivery>> send(ports::QueuedMail queued);
    task<void> wait_for_work();
    void note(ports::QueuedMail const& queued, Result<Delivery> const& outcome);
    void note_refused(std::string const& subject, Delivery const& delivery);
    void note_failure(std::string const& subject, Error const& error);

    std::optional<config::Smtp> smtp_;
    ports::Time& time_;
    Send send_;
    ports::Outbox* outbox_;
    MailQueue queue_;
    bool is_restored_ = false;    ///< until then, what is in the outbox is not in the queue
    bool is_unsaved_ = false;     ///< the queue differs from the outbox
    bool is_failing_ = false;     ///< the last save failed, and the log says so
    asio::steady_timer news_;     ///< never expires: an event
    asio::steady_timer unsaved_;  ///< never expires: an event
    std::atomic<bool> stop_{false};
    // Joined before what they use is destroyed.
    std::unique_ptr<BlockingPool> server_thread_;  ///< created with the first mail
    std::unique_ptr<BlockingPool> outbox_thread_;  ///< created with the first access
};

}  // namespace sb::notify
