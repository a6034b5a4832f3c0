#pragma once
// One TLS connection to the server: opened, used for one exchange after the other, watched while idle. Hides Beast and
// the TLS stream.

#include "daemon/net/tcp_connect.hpp"
#include "daemon/net/tls_client.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace sb::net {

/// What is known about an exchange, also when an exception ends it early.
struct Exchange {
    Sent sent = Sent::no;
    bool reply_started = false;  ///< a byte of a reply arrived
    bool lost = false;           ///< the connection ended during it
    bool keep = false;           ///< the connection can serve the next request
    std::optional<HttpReply> reply;
    Error error;  ///< if there is no reply
};

class Connection {
public:
    Connection(asio::any_io_executor executor, std::shared_ptr<TlsClient> tls, Endpoint endpoint,
               ConnectionLimits limits, std::shared_ptr<Counters> counters);
    ~Connection();
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;

    /// TCP, TLS and the pin. Throws operation_aborted when cancelled.
    task<Result<void>> open(Clock::time_point deadline);
    /// Sends `wire`, a whole HTTP request, and reads the reply. `about` must outlive the call.
    task<void> talk(Secret wire, std::size_t max_body, Clock::time_point deadline, Exchange& about);
    /// Sends `head`, then all of `request.content`, and reads from the start: a server that refuses replies before it
    /// has received everything. `request` and `about` must outlive the call (send_content.cpp).
    task<void> send(Secret head, HttpRequest const& request, Exchange& about);

    /// Idle: `gone(by_server)` is called once if the server closes, or when it was idle for too long.
    void watch(std::function<void(bool by_server)> gone);
    void unwatch();
    /// Whether nothing arrived from the server since the last reply: no end, no surplus bytes.
    bool is_silent();
    void close();

    Handshake const& handshake() const;

    struct Impl;  ///< for the files of this module only

private:
    std::shared_ptr<Impl> impl_;
};

/// The request as HTTP/1.1 text.
Secret to_wire(HttpRequest const& request, Endpoint const& endpoint);

}  // namespace sb::net
