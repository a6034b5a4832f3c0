#include "daemon/hypercore/make_cluster.hpp"

#include <algorithm>

namespace sb::hypercore {
namespace {

std::string text_of(config::HostPort const& host) {
    bool const is_v6 = host.host.find(':') != std::string::npos;
    std::string text = is_v6 ? "[" + host.host + "]" : host.host;
    if (host.port) text += ":" + std::to_string(*host.port);
    return text;
}

net::ConnectionLimits connection_limits(config::Timeouts const& timeouts) {
    net::ConnectionLimits limits;
    limits.connect = std::min<Milliseconds>(limits.connect, timeouts.request);
    limits.handshake = std::min<Milliseconds>(limits.handshake, timeouts.request);
    return limits;
}

CallLimits call_limits(config::Timeouts const& timeouts) {
    CallLimits limits;
    limits.get = timeouts.request;
    limits.get_total = timeouts.request * 2;
    limits.order = timeouts.submit;
    return limits;
}

}  // namespace

net::Endpoint endpoint_of(config::HostPort const& host) { return net::Endpoint{host.host, host.port.value_or(443)}; }

std::unique_ptr<ClusterClient> make_cluster(asio::any_io_executor executor, config::Scale scale, config::Smb smb,
                                            config::Timeouts const& timeouts, ports::Time& time) {
    auto const limits = connection_limits(timeouts);
    std::vector<NodeAddress> nodes;
    for (auto const& host : scale.hosts) {
        auto const endpoint = endpoint_of(host);
        auto const& pins = scale.cert_fingerprints;
        nodes.push_back({text_of(host), net::make_https_transport(executor, endpoint, pins, limits),
                         [=] { return net::check_server(executor, endpoint, pins, limits); }});
    }
    auto failover = std::make_unique<Failover>(std::move(nodes), time);
    return std::make_unique<ClusterClient>(std::move(failover), std::move(scale), std::move(smb), time,
                                           call_limits(timeouts));
}

}  // namespace sb::hypercore
