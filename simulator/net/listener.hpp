#pragma once
// The HTTPS server: accepts connections and serves each one until it is closed. Only session.cpp uses Beast.

#include "common/task.hpp"
#include "simulator/api/server.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>

namespace sb::sim {

struct ConnectionLimits {
    std::uint64_t requests = 0;             ///< maximum on a connection, then the server closes it; 0 = unlimited
    std::chrono::seconds idle{60};          ///< the server closes a connection without a request for this long
    std::uint64_t body_bytes = 16U << 20U;  ///< of a JSON body
};

class NodeFront;

/// Serves one connection that `node` has accepted; never throws.
task<void> serve_connection(asio::ip::tcp::socket socket, NodeFront& node, Server& server, ConnectionLimits limits);

}  // namespace sb::sim
