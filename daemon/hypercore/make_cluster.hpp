#pragma once
// The real cluster, put together for the daemon's composition root.

#include "common/config/model.hpp"
#include "daemon/hypercore/cluster_client.hpp"
#include "daemon/net/https_transport.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace sb::hypercore {

/// Where a node listens: port 443 unless the config says otherwise.
net::Endpoint endpoint_of(config::HostPort const& host);

/// A ports::Cluster over HTTPS with the nodes and pins of the config. Before the event loop is to end: stop and join
/// whoever calls it, then close().
std::unique_ptr<ClusterClient> make_cluster(asio::any_io_executor executor, config::Scale scale, config::Smb smb,
                                            config::Timeouts const& timeouts, ports::Time& time);

}  // namespace sb::hypercore
