#include "daemon/notify/machine_name.hpp"

#include "daemon/notify/helo_name.hpp"
#include "daemon/platform/process.hpp"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/types.h>

#include <chrono>
#include <future>
#include <memory>
#include <thread>

namespace sb::notify {
namespace {

/// The name that the name service has for this one; empty if it knows none.
std::string canonical_name(std::string const& name) {
    addrinfo hints{};
    hints.ai_flags = AI_CANONNAME;
    hints.ai_socktype = SOCK_STREAM;
    addrinfo* found = nullptr;
    if (::getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) return {};
    std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> const list(found, &::freeaddrinfo);
    return list && list->ai_canonname != nullptr ? list->ai_canonname : "";
}

}  // namespace

std::string full_machine_name(std::atomic<bool> const& stop) {
    constexpr std::chrono::milliseconds longest{5000}, step{100};
    auto const name = platform::host_name();
    if (is_full_name(name)) return name;
    // getaddrinfo cannot be interrupted: if it takes too long, it ends unobserved on its thread.
    std::packaged_task<std::string()> look_up([name] { return canonical_name(name); });
    auto found = look_up.get_future();
    std::thread(std::move(look_up)).detach();
    auto const until = std::chrono::steady_clock::now() + longest;
    while (!stop && std::chrono::steady_clock::now() < until) {
        if (found.wait_for(step) != std::future_status::ready) continue;
        auto const full = found.get();
        return is_full_name(full) ? full : name;
    }
    return name;
}

}  // namespace sb::notify
