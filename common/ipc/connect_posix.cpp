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

Error not_permitted(std::filesystem::path const& endpoint) {
    auto text = "this user may not connect to the daemon at " + endpoint.native() + ": permission denied. Run as root";
    auto const group = group_of(endpoint);
    // Root's group is not good advice: no user should join it.
    if (!group.empty() && group != "root" && group != "wheel")
        text += ", or join the group '" + group + "': " + join_group_command(group);
    else text += ", or set [Daemon] SocketGroup to one of this user's groups";
    return {Errc::not_permitted, std::move(text)};
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
    if (is(boost::system::errc::permission_denied) || is(boost::system::errc::operation_not_permitted))
        return not_permitted(endpoint);
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

}  // namespace

task<Result<std::unique_ptr<Stream>>> connect(std::filesystem::path endpoint) {
    if (auto const problem = problem_with_path(endpoint); !problem.empty())
        co_return Error{Errc::invalid_params, problem};
    auto const executor = co_await asio::this_coro::executor;
    asio::local::stream_protocol::endpoint const address{endpoint.native()};
    asio::steady_timer pause{executor};
    milliseconds waited{0};
    for (milliseconds step{10};; step = std::min(step * 2, longest_step)) {
        LocalSocket socket{executor};
        auto const failed = try_to_connect(socket, address);
        if (!failed) co_return stream_over(std::move(socket));
        bool const may_listen_soon = is_refused(failed) && !is_something_else(endpoint);
        bool const again =
            (may_listen_soon && waited < refused_patience) || (is_busy(failed) && waited < busy_patience);
        if (!again) co_return describe_failure(failed, endpoint);
        pause.expires_after(step);
        boost::system::error_code stopped;
        co_await pause.async_wait(asio::redirect_error(asio::use_awaitable, stopped));
        if (stopped) co_return Error{Errc::cancelled, "connecting to the daemon was stopped"};
        waited += step;
    }
}

}  // namespace sb::ipc
