#include "daemon/platform/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace sb::platform {
namespace {

std::string take_from_environment(char const* name) {
    char const* const value = std::getenv(name);
    std::string const text = value == nullptr ? "" : value;
    ::unsetenv(name);
    return text;
}

std::optional<std::uint64_t> number_in(std::string const& text) {
    std::uint64_t number = 0;
    auto const [end, problem] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

}  // namespace

ServiceManager ServiceManager::from_environment() {
    auto const socket = take_from_environment("NOTIFY_SOCKET");
    auto const microseconds = number_in(take_from_environment("WATCHDOG_USEC"));
    auto const meant_for = number_in(take_from_environment("WATCHDOG_PID"));
    bool const for_us = !meant_for || *meant_for == static_cast<std::uint64_t>(::getpid());
    std::optional<Milliseconds> watchdog;
    if (for_us && microseconds && *microseconds > 0)
        watchdog = Milliseconds(static_cast<std::int64_t>(*microseconds / 1000));
    return ServiceManager(socket, watchdog);
}

void ServiceManager::reloading() const {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    send(reloading_message(static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
                           static_cast<std::uint64_t>(now.tv_nsec) / 1000));
}

void ServiceManager::send(std::string const& message) const {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    bool const usable =
        (socket_.starts_with('/') || socket_.starts_with('@')) && socket_.size() < sizeof address.sun_path;
    if (!usable) return;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    if (socket_.front() == '@') address.sun_path[0] = '\0';
    int const descriptor = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    auto const length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
    auto const* where = static_cast<sockaddr const*>(static_cast<void const*>(&address));
    [[maybe_unused]] auto const sent =
        ::sendto(descriptor, message.data(), message.size(), MSG_DONTWAIT, where, length);
    ::close(descriptor);
}

}  // namespace sb::platform
