#include "daemon/app/access.hpp"

#include "common/config/defaults.hpp"
#include "common/ipc/endpoint.hpp"
#include "daemon/platform/process.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sb::app {
namespace {

Result<std::optional<control::Group>> group_of(std::string const& name, std::string const& key) {
    if (name.empty()) return std::optional<control::Group>();
    auto const id = ipc::group_id(name, key);
    if (!id) return id.error();
    return std::optional(control::Group{*id, name});
}

/// A storm of connections waits here, and each of them may hold what its client has sent.
constexpr int most_waiting_readers = 128;

Result<std::unique_ptr<ipc::Listener>> listen_for_readers(asio::any_io_executor executor,
                                                          config::Daemon const& daemon) {
    ipc::ListenOptions options;
    options.endpoint = ipc::readers_endpoint(daemon.socket);
    options.group = daemon.socket_read_group;
    options.group_key = "SocketReadGroup";
    options.most_waiting = most_waiting_readers;
    auto listener = ipc::listen(executor, options);
    if (listener || listener.error().code != Errc::not_permitted) return listener;
    auto const why = listener.error().context;
    options.group.clear();
    options.audience = ipc::Audience::all;
    listener = ipc::listen(executor, options);
    if (listener)
        spdlog::warn(
            "every user can connect to {}, although only members of SocketReadGroup are answered: {}. Make the "
            "daemon's user a member of that group ({}; with systemd: SupplementaryGroups={}), then restart the daemon",
            options.endpoint.string(), why, ipc::join_group_command(daemon.socket_read_group),
            daemon.socket_read_group);
    return listener;
}

}  // namespace

Result<control::AccessRules> access_rules(config::Daemon const& daemon) {
    auto const change = group_of(daemon.socket_group, "SocketGroup");
    if (!change) return change.error();
    auto const read = group_of(daemon.socket_read_group, "SocketReadGroup");
    if (!read) return read.error();
    return control::AccessRules{platform::user_id(), *change, *read};
}

std::string problem_with_sockets(config::Daemon const& daemon) {
    auto const longest = config::system_defaults().max_socket_path;
    auto const readers = ipc::readers_endpoint(daemon.socket).native();
    if (daemon.socket_read_group.empty() || readers.size() <= longest) return {};
    return "with SocketReadGroup there is a second socket, " + readers + ", and this system allows at most " +
           std::to_string(longest) + " bytes for its path: choose a shorter one";
}

Result<Listeners> listen_to_clients(asio::any_io_executor executor, config::Daemon const& daemon) {
    Listeners listeners;
    auto const readers_socket = ipc::readers_endpoint(daemon.socket);
    bool const has_readers = !daemon.socket_read_group.empty();
    if (has_readers) {
        // First: a reader whom the control socket does not admit finds the other one, at any moment.
        auto readers = listen_for_readers(executor, daemon);
        if (!readers) return readers.error();
        listeners.readers = std::move(*readers);
    } else {
        ipc::remove_stale_socket(readers_socket);  // clients would try it
    }
    ipc::ListenOptions options;
    options.endpoint = daemon.socket;
    options.group = daemon.socket_group;
    // Then only root and the daemon's user may change anything.
    if (has_readers && daemon.socket_group.empty()) options.audience = ipc::Audience::owner;
    auto control = ipc::listen(executor, std::move(options));
    if (!control) return control.error();
    listeners.control = std::move(*control);
    return listeners;
}

}  // namespace sb::app
