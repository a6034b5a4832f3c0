#pragma once
// The Mail port: a queue that run() empties through the configured server, on a dedicated thread, so that no server can
// hold up the daemon. Without [SMTP] every message is only logged. All calls come from the event loop.

#include "common/config/model.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/notify/mail_queue.hpp"
#include "daemon/ports/mail.hpp"
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
    using Send = std::function<Result<std::string>(config::Smtp const&, std::string const&, std::atomic<bool> const&)>;

    SmtpMail(std::optional<config::Smtp> smtp, ports::Time& time, asio::any_io_executor executor);
    SmtpMail(std::optional<config::Smtp> smtp, ports::Time& time, asio::any_io_executor executor, Send send);
    ~SmtpMail() override;

    void post(ports::Message message) override;
    void resolve(std::string const& cause) override;
    /// `invalid_config` without [SMTP].
    task<Result<void>> send_now(ports::Message message) override;

    /// Sends what is posted until it is cancelled or stop() is called; to be spawned once, beside the engine.
    task<void> run();
    /// After a reload. Waiting mails are tried immediately with the new settings.
    void use(std::optional<config::Smtp> smtp);
    /// Before run() is cancelled: a transfer in progress ends within a second, and waiting mails are listed in the log.
    void stop();

private:
    task<Result<std::string>> send(ports::Message message);
    task<void> wait_for_work();
    void note(ports::Message const& message, Result<std::string> const& outcome);

    std::optional<config::Smtp> smtp_;
    ports::Time& time_;
    Send send_;
    MailQueue queue_;
    asio::steady_timer news_;  ///< never expires: an event
    std::atomic<bool> stop_{false};
    std::unique_ptr<BlockingPool> pool_;  ///< created with the first mail; joined before stop_ is destroyed
};

}  // namespace sb::notify
