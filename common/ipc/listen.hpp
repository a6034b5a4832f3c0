#pragma once
// The daemon's side of the control endpoint: the system decides who may connect (the socket's mode and group), and the
// system, never the client, reports who did.

#include "common/ipc/stream.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sb::ipc {

/// Who is at the other end, as far as the system reports it.
struct Peer {
    std::optional<std::uint32_t> uid;
    std::optional<std::uint32_t> gid;
    std::optional<std::int64_t> pid;
    std::vector<std::uint32_t> groups{};  ///< all that the caller was in when it connected, `gid` included
};

/// For logs: "uid 1000 (pid 4711)".
std::string describe(Peer const& peer);

class SideThreads;

struct Connection {
    std::unique_ptr<Stream> stream;
    Peer peer;
};

class Listener {
public:
    virtual ~Listener() = default;  ///< closes
    /// Errc::cancelled after close() or cancellation; other errors may be temporary (Errc::unreachable, Errc::io).
    virtual task<Result<Connection>> accept() = 0;
    /// Stops listening and removes the socket, if it is still ours.
    virtual void close() noexcept = 0;
};

/// Who may connect, by the socket's mode.
enum class Audience {
    owner,  ///< 0600: the daemon's user
    group,  ///< 0660: and the members of the socket's group
    all,    ///< 0666: the caller decides by each peer's credentials what it may do
};

struct ListenOptions {
    std::filesystem::path endpoint;
    std::string group;  ///< of the socket; empty = the daemon's own group
    Audience audience = Audience::group;
    /// While so many connections are still being closed, each with a descriptor, none is accepted: clients that leave
    /// descriptors behind must not use up those of the process.
    std::size_t most_closing = 256;
    std::shared_ptr<SideThreads> side_threads{};  ///< where they are closed; null = the listener has its own
    std::string group_key = "SocketGroup";        ///< the key that named the group, for errors
    int most_waiting = 0;  ///< connections that have not been accepted yet; 0 = as many as the system allows
};

/// The id of a group of this machine; `invalid_config` if none exists; the error names `key`.
Result<std::uint32_t> group_id(std::string const& name, std::string const& key);

/// Removes a socket there that no program listens on. Best effort: anything else stays.
void remove_stale_socket(std::filesystem::path const& endpoint);

/// Listens. A socket without a listener is replaced: the caller holds the state directory's
/// lock, so it does not belong to a starting daemon. What is not a socket is never removed.
/// Errors: refused (another daemon listens there, or the path is taken by something else), invalid_config (a path
/// that is too long, no such directory, no such group), not_permitted (also: this user may not give the socket to the
/// group), io. After an error there is no socket.
Result<std::unique_ptr<Listener>> listen(asio::any_io_executor executor, ListenOptions options);

}  // namespace sb::ipc
