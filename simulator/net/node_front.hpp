#pragma once
// One address of the cluster: a listener with its own certificate, which can disappear for a while like a node that
// reboots.

#include "simulator/net/listener.hpp"
#include "simulator/net/tls.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace sb::sim {

class NodeFront {
public:
    /// `number`: from 1; 0 = the control address, where no faults apply.
    NodeFront(asio::any_io_executor executor, int number, TlsFiles files);

    /// The port of `wanted` may be 0. The error says what failed.
    Result<void> open(asio::ip::tcp::endpoint wanted);
    /// Accepts forever.
    task<void> serve(Server& server, ConnectionLimits limits);

    int number() const { return number_; }
    asio::ip::tcp::endpoint const& endpoint() const { return endpoint_; }
    std::string const& fingerprint() const { return fingerprint_; }

    /// Goes through the stages, `seconds` each: hang (connections are accepted without a response), refuse (nothing
    /// listens), tls_abort, close, 502 (the front server's page for every call). Open connections end before each.
    task<void> go_away(std::vector<std::string> stages, double seconds);
    /// Shows a new certificate for `seconds`; 0 = from now on.
    task<void> change_certificate(double seconds);
    /// The current stage; "" = the node works normally.
    std::string const& stage() const { return stage_; }

    /// For the connections: which ones end with the node, and which certificate a new one gets.
    /// Shared, because connections that are open when the program ends are destroyed after the nodes.
    std::shared_ptr<std::set<asio::ip::tcp::socket*>> sockets() const { return sockets_; }
    std::shared_ptr<asio::ssl::context> tls() const { return tls_; }

private:
    void drop_connections();
    task<void> pause(double seconds);
    boost::system::error_code listen_again();

    asio::any_io_executor executor_;
    int number_;
    TlsFiles files_;
    std::shared_ptr<asio::ssl::context> tls_;
    asio::ip::tcp::acceptor acceptor_;
    asio::ip::tcp::endpoint endpoint_;
    asio::steady_timer opened_;  ///< cancelled when the acceptor is open again
    std::string fingerprint_;
    std::string stage_;
    std::shared_ptr<std::set<asio::ip::tcp::socket*>> sockets_ = std::make_shared<std::set<asio::ip::tcp::socket*>>();
};

}  // namespace sb::sim
