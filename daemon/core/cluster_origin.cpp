#include "daemon/core/cluster_origin.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>

namespace sb::core {

ClusterOrigin origin_of(ClusterId const& cluster, PresentCluster const& present) {
    if (!cluster.uuid.empty() && !present.uuid.empty())
        return cluster.uuid == present.uuid ? ClusterOrigin::same : ClusterOrigin::other;
    bool const is_ours = cluster.host.empty() || std::ranges::any_of(present.hosts, [&](std::string const& host) {
                             return equal_ignoring_case(host, cluster.host);
                         });
    return is_ours ? ClusterOrigin::same : ClusterOrigin::unknown;
}

bool may_be_same(ClusterId const& a, ClusterId const& b) {
    if (!a.uuid.empty() && !b.uuid.empty()) return a.uuid == b.uuid;
    return a.host.empty() || b.host.empty() || equal_ignoring_case(a.host, b.host);
}

std::string cluster_text(ClusterId const& cluster) {
    auto const known = cluster.host.empty() ? cluster.uuid : cluster.host;
    if (cluster.name.empty()) return known.empty() ? "an unknown cluster" : known;
    return known.empty() ? cluster.name : cluster.name + " (" + known + ")";
}

}  // namespace sb::core
