#include "daemon/hypercore/make_cluster.hpp"

namespace sb::hypercore {

net::Endpoint endpoint_of(config::Scale const& scale) {
    return net::Endpoint{scale.host.host, scale.host.port.value_or(443)};
}

std::unique_ptr<ClusterClient> make_cluster(asio::any_io_executor executor, config::Scale scale, config::Smb smb,
                                            ports::Time& time) {
    auto transport = net::make_https_transport(executor, endpoint_of(scale), scale.cert_fingerprints,
                                               net::ConnectionLimits());
    return std::make_unique<ClusterClient>(std::move(transport), std::move(scale), std::move(smb), time);
}

}  // namespace sb::hypercore
