#include "common/ipc/connect.hpp"
#include "common/ipc/endpoint.hpp"
#include "common/ipc/local_stream_posix.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>

namespace sb::ipc {
namespace {

using std::chrono::milliseconds;

// Refused = a socket without a listener: a daemon between bind() and listen(), or one that died.
// Busy = a running daemon whose queue of connections is full for a moment.
constexpr milliseconds refused_patience{300};
constexpr milliseconds busy_patience{10'000};
constexpr milliseconds longest_step{200};

bool is_refused(boost::system::error_code const& why) { return why == asio::error::connection_refused; }
bool is_busy(boost::system::error_code const& why) {
    return why == asio::error::try_again || why == asio::error::would_block;
}

std::string group_of(std::filesystem::path const& endpoint) {
    struct stat info {};
    if (::stat(endpoint.c_str(), &info) != 0) return {};
    std::array<char, 4096> memory{};
    group entry{};
    group* found = nullptr;
    if (::getgrgid_r(info.st_gid, &entry, memory.data(), memory.size(), &found) != 0 || !found) return {};
    return found->gr_name;
}

/// Root's group is not good advice: no user should join it. Nor is a group that may not connect.
std::string group_to_join(std::filesystem::path const& endpoint) {
    struct stat info {};
    if (::stat(endpoint.c_str(), &info) != 0 || (info.st_mode & S_IWGRP) == 0) return {};
    auto group = group_of(endpoint);
    return group == "root" || group == "wheel" ? std::string() : group;
}

Error not_permitted(std::filesystem::path const& endpoint) {
    auto text = "this user may not connect to the daemon at " + endpoint.native() + ": permission denied. Run as root";
    auto const full = group_to_join(endpoint);
    auto const readers = group_to_join(readers_endpoint(endpoint));
    if (!full.empty()) text += ", or join the group '" + full + "': " + join_group_command(full);
    if (!readers.empty())
        text += ", or, to read only, join the group '" + readers + "': " + join_group_command(readers);
    if (full.empty() && readers.empty()) text += ", or set [Daemon] SocketGroup to one of this user's groups";
    return {Errc::not_permitted, std::move(text)};
}

bool is_denied(boost::system::error_code const& why) {
    return why == boost::system::errc::make_error_condition(boost::system::errc::permission_denied) ||
           why == boost::system::errc::make_error_condition(boost::system::errc::operation_not_permitted);
}

/// The system refuses a connection to anything else as if it were a socket without a listener.
bool is_something_else(std::filesystem::path const& endpoint) {
    struct stat info {};
    return ::stat(endpoint.c_str(), &info) == 0 && !S_ISSOCK(info.st_mode);
}

Error describe_failure(boost::system::error_code const& why, std::filesystem::path const& endpoint) {
    auto const is = [&](boost::system::errc::errc_t code) {
        return why == boost::system::errc::make_error_condition(code);
    };
    if (is_denied(why)) return not_permitted(endpoint);
    auto const& path = endpoint.native();
    if (is_something_else(endpoint))
        return {Errc::daemon_unreachable,
                "no daemon at " + path + ": it exists and is not a socket. Name the daemon's socket with --socket"};
    auto const start = " Start it: " + start_command();
    if (is(boost::system::errc::no_such_file_or_directory))
        return {Errc::daemon_unreachable, "no daemon at " + path + ": no such socket." + start +
                                              ". If it runs with another --socket, name the same one here"};
    if (is_refused(why))
        return {Errc::daemon_unreachable,
                "no daemon at " + path + ": the socket exists, but no program listens on it." + start};
    if (is_busy(why))
        return {Errc::daemon_unreachable,
                "the daemon at " + path + " does not accept the connection: too many at the same time"};
    return {Errc::daemon_unreachable, "no daemon at " + path + ": " + why.message() + "." + start};
}

/// Does not wait. Directly: Asio would take a full queue of connections for one that is being made.
boost::system::error_code try_to_connect(LocalSocket& socket, asio::local::stream_protocol::endpoint const& address) {
    boost::system::error_code failed;
    socket.open(address.protocol(), failed);
    if (!failed) socket.native_non_blocking(true, failed);
    if (failed) return failed;
    if (::connect(socket.native_handle(), address.data(), static_cast<socklen_t>(address.size())) == 0) return {};
    return {errno, boost::system::system_category()};
}

/// One attempt at the control socket, and, for a user whom that one does not admit, at the readers'.
struct Attempt {
    LocalSocket socket;
    std::filesystem::path endpoint;  ///< the one that the outcome is about
    boost::system::error_code failed{};

    void make(std::filesystem::path const& control) {
        try_at(control);
        auto const readers = readers_endpoint(control);
        if (!is_denied(failed) || !problem_with_path(readers).empty()) return;
        socket.close();
        try_at(readers);
        bool const has_none =
            failed == boost::system::errc::make_error_condition(boost::system::errc::no_such_file_or_directory);
        if (!has_none && !is_denied(failed)) return;
        endpoint = control;
        failed = boost::system::errc::make_error_code(boost::system::errc::permission_denied);
    }

private:
    void try_at(std::filesystem::path const& where) {
        endpoint = where;
        failed = try_to_connect(socket, asio::local::stream_protocol::endpoint(where.native()));
    }
};

}  // namespace

task<Result<std::unique_ptr<Stream>>> connect(std::filesystem::path endpoint) {
    if (auto const problem = problem_with_path(endpoint); !problem.empty())
        co_return Error{Errc::invalid_params, problem};
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer pause{executor};
    milliseconds waited{0};
    for (milliseconds step{10};; step = std::min(step * 2, longest_step)) {
        Attempt attempt{LocalSocket(executor)};
        attempt.make(endpoint);
        auto const failed = attempt.failed;
        if (!failed) co_return stream_over(std::move(attempt.socket));
        bool const may_listen_soon = is_refused(failed) && !is_something_else(attempt.endpoint);
        bool const again =
            (may_listen_soon && waited < refused_patience) || (is_busy(failed) && waited < busy_patience);
        if (!again) co_return describe_failure(failed, attempt.endpoint);
        pause.expires_after(step);
        boost::system::error_code stopped;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
        if (stopped) co_return Error{Errc::cancelled, "connecting to the daemon was stopped"};
        waited += step;
    }
}

}  // namespace sb::ipc
