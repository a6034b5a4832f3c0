#pragma once
// Sends one mail to one server, on the calling thread. The only place that uses libcurl.

#include "common/config/model.hpp"
#include "common/error.hpp"
#include "daemon/notify/smtp_dialogue.hpp"

#include <atomic>
#include <filesystem>
#include <string>

namespace sb::notify {

struct SendLimits {
    Milliseconds connect = std::chrono::seconds(15);
    Milliseconds total = std::chrono::seconds(60);  ///< until all of the mail is sent
    std::filesystem::path ca_file{};                ///< empty = the system's certification authorities
    /// From then on, for the server's reply. It may only come after the mail was scanned and delivered, and a client
    /// that gives up earlier makes duplicates (RFC 5321, 4.5.3.2.6).
    Milliseconds after_mail = std::chrono::minutes(10);
    Milliseconds quit = std::chrono::seconds(5);  ///< for the reply to QUIT
};

/// Sends `mail` to the recipients in `smtp`. What the server did with it for each of them; it need not have taken it
/// for any. Gives up within a second after `stop` became true. Errors concern all recipients and are in the server's
/// words, with what to do: `unreachable`, `timed_out`, `rejected` (also: credentials), `cancelled`. Never with the
/// password in them.
Result<Delivery> send_smtp(config::Smtp const& smtp, std::string const& mail, std::atomic<bool> const& stop,
                           SendLimits const& limits = SendLimits{});

/// Connects and logs in as for a mail, but sends none. Errors as send_smtp.
Result<void> reach_smtp(config::Smtp const& smtp, std::atomic<bool> const& stop,
                        SendLimits const& limits = SendLimits{});

}  // namespace sb::notify
