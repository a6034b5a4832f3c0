#pragma once
// The HTTPS side: accepts connections and serves each one until somebody closes it. Beast is in session.cpp only.

#include "common/task.hpp"
#include "simulator/api/server.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <chrono>

namespace sb::sim {

struct ConnectionLimits {
    std::uint64_t requests = 0;             ///< so many on a connection, then the server closes it; 0 = any number
    std::chrono::seconds idle{60};          ///< no request for so long: the server closes the connection
    std::uint64_t body_bytes = 16U << 20U;  ///< of a JSON body
};

class NodeFront;

/// Serves one connection that `node` has accepted; never throws.
task<void> serve_connection(asio::ip::tcp::socket socket, NodeFront& node, Server& server, ConnectionLimits limits);

}  // namespace sb::sim
