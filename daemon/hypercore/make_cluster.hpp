#pragma once
// Creates the real cluster for the composition root.

#include "common/config/model.hpp"
#include "daemon/hypercore/cluster_client.hpp"
#include "daemon/net/https_transport.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace sb::hypercore {

/// Where a node listens: port 443 unless configured otherwise.
net::Endpoint endpoint_of(config::HostPort const& host);

/// A ports::Cluster over HTTPS with the nodes and pins of the configuration. Before the event loop is to end: stop and
/// join its callers, then close().
std::unique_ptr<ClusterClient> make_cluster(asio::any_io_executor executor, config::Scale scale, config::Smb smb,
                                            config::Timeouts const& timeouts, ports::Time& time);

}  // namespace sb::hypercore
