#pragma once
// Sends one mail to one server, on the calling thread. The only place that uses libcurl.

#include "common/config/model.hpp"
#include "common/error.hpp"

#include <atomic>
#include <filesystem>
#include <string>

namespace sb::notify {

struct SendLimits {
    Milliseconds connect = std::chrono::seconds(15);
    Milliseconds total = std::chrono::seconds(60);  ///< whatever the server does or does not
    std::filesystem::path ca_file;                  ///< empty = the system's certification authorities
};

/// Returns the server's objections to single recipients while it accepted the mail for others; empty if none. Gives up
/// within a second after `stop` became true. Errors are in the server's words, with what to do:
/// `unreachable`, `timed_out`, `rejected` (also: credentials), `cancelled`. Never with the password in them.
Result<std::string> send_smtp(config::Smtp const& smtp, std::string const& mail, std::atomic<bool> const& stop,
                              SendLimits const& limits = SendLimits{});

/// Connects and logs in as for a mail, but sends none. Errors as send_smtp.
Result<void> reach_smtp(config::Smtp const& smtp, std::atomic<bool> const& stop,
                        SendLimits const& limits = SendLimits{});

}  // namespace sb::notify
