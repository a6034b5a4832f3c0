#pragma once
// Reports the daemon's state to systemd (or another service manager with its protocol): sd_notify(3), a datagram to the
// socket in NOTIFY_SOCKET. Without that variable nothing is sent.

#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sb::platform {

// The messages as text. A status is one line.
std::string ready_message(std::string_view status);
/// systemd accepts a reload only with the time in the same message (sd_notify(3), RELOADING=1).
std::string reloading_message(std::uint64_t monotonic_microseconds);
std::string status_message(std::string_view status);
std::string stopping_message(std::string_view status);

class ServiceManager {
public:
    /// `socket`: a path, or "@name" in the abstract namespace; empty = no service manager.
    explicit ServiceManager(std::string socket, std::optional<Milliseconds> watchdog = std::nullopt)
        : socket_(std::move(socket)), watchdog_(watchdog) {}

    /// From NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which are removed from the environment: they are not meant
    /// for hooks.
    static ServiceManager from_environment();

    bool listens() const { return !socket_.empty(); }
    /// The longest interval between two calls of alive(); empty = none needed.
    std::optional<Milliseconds> watchdog() const { return watchdog_; }

    void ready(std::string_view status) const { send(ready_message(status)); }
    void reloading() const;
    void status(std::string_view status) const { send(status_message(status)); }
    void stopping(std::string_view status) const { send(stopping_message(status)); }
    void alive() const { send("WATCHDOG=1"); }

private:
    /// Best effort: a manager that does not listen is not a reason to stop.
    void send(std::string const& message) const;

    std::string socket_;
    std::optional<Milliseconds> watchdog_;
};

}  // namespace sb::platform
