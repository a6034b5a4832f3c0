#pragma once
// Tells systemd (or whoever speaks its protocol) how the daemon stands: sd_notify(3), a datagram to the socket in
// NOTIFY_SOCKET. Without one everything here does nothing.

#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sb::platform {

// What the messages say, as text. A status is one line.
std::string ready_message(std::string_view status);
/// systemd takes a reload for begun only with the time in the same message (sd_notify(3), RELOADING=1).
std::string reloading_message(std::uint64_t monotonic_microseconds);
std::string status_message(std::string_view status);
std::string stopping_message(std::string_view status);

class ServiceManager {
public:
    /// `socket`: a path, or "@name" in the abstract namespace; empty = nobody listens.
    explicit ServiceManager(std::string socket, std::optional<Milliseconds> watchdog = std::nullopt)
        : socket_(std::move(socket)), watchdog_(watchdog) {}

    /// As NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID say. They are taken out of the environment: they are not meant
    /// for programs that we start.
    static ServiceManager of_this_process();

    bool listens() const { return !socket_.empty(); }
    /// How often it wants to hear alive(), at least; nothing = not at all.
    std::optional<Milliseconds> watchdog() const { return watchdog_; }

    void ready(std::string_view status) const { send(ready_message(status)); }
    void reloading() const;
    void status(std::string_view status) const { send(status_message(status)); }
    void stopping(std::string_view status) const { send(stopping_message(status)); }
    void alive() const { send("WATCHDOG=1"); }

private:
    /// Best effort: a manager that does not listen is no reason to stop.
    void send(std::string const& message) const;

    std::string socket_;
    std::optional<Milliseconds> watchdog_;
};

}  // namespace sb::platform
