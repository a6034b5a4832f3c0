#pragma once
// Several nodes behind one Transport. A reading call that fails at one node is tried at the next immediately; a
// changing call goes to another node only if it was not sent to the first one.

#include "daemon/hypercore/nodes.hpp"
#include "daemon/net/http.hpp"
#include "daemon/ports/cluster.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace sb::hypercore {

struct NodeAddress {
    std::string host;  ///< as configured, for people
    std::unique_ptr<net::Transport> transport;
    /// Opens a connection, checks its certificate and sends nothing.
    std::function<task<Result<void>>()> check;
};

class Failover final : public net::Transport {
public:
    /// At least one node.
    Failover(std::vector<NodeAddress> nodes, ports::Time& time);

    /// With several nodes, an attempt of a reading call gets a fair share of the time while another node is left.
    /// If all fail, the error names each.
    task<net::ExchangeResult> exchange(net::HttpRequest request) override;
    net::Counters counters() const override;
    void close() override;

    /// The node that the next call goes to.
    std::string const& present_host() const { return nodes_[choice_.present()].host; }
    std::vector<ports::NodeReport> report() const;
    /// Checks the nodes that are not in use, one after the other, so that a node that is away or has a wrong
    /// certificate is known before it is needed.
    task<void> check_other_nodes();
    /// Of the last reply of any node with a usable date.
    std::optional<ports::ClusterDate> latest_date() const { return latest_date_; }

private:
    net::ExchangeFailure explained(net::ExchangeFailure failure) const;
    void note(std::size_t node, net::ExchangeResult const& result);
    void note_date(net::HttpReply const& reply);

    std::vector<NodeAddress> nodes_;
    Nodes choice_;
    ports::Time& time_;
    std::optional<ports::ClusterDate> latest_date_;
};

}  // namespace sb::hypercore
