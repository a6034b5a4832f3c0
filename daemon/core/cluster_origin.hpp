#pragma once
// Which cluster a copy or a job belongs to. A cluster is known by its uuid; addresses and certificates change. What was
// written without a uuid, or while the cluster did not tell it, is judged by the host. Pure.
//
// | uuid of the copy | present uuid | host of the copy            | then    |
// |------------------|--------------|-----------------------------|---------|
// | known            | the same     | any                         | same    |
// | known            | another      | any                         | other   |
// | one is not known |              | none, or one of the present | same    |
// | one is not known |              | another                     | unknown |

#include <string>
#include <vector>

namespace sb::core {

/// A cluster as a copy or a job knows it.
struct ClusterId {
    std::string uuid;  ///< empty = not known
    std::string name;  ///< for people; it can change
    std::string host;  ///< as it was configured then; empty = not known
    bool operator==(ClusterId const&) const = default;
};

/// Whether two jobs were ordered at one cluster, as far as known.
bool may_be_same(ClusterId const& a, ClusterId const& b);

/// The cluster that is configured.
struct PresentCluster {
    std::string uuid;  ///< empty = not known
    std::string name;
    std::vector<std::string> hosts;  ///< as configured
    bool operator==(PresentCluster const&) const = default;
};

enum class ClusterOrigin {
    same,
    other,
    unknown,  ///< neither a uuid nor the host says
};

ClusterOrigin origin_of(ClusterId const& cluster, PresentCluster const& present);

/// For people: "hc-2 (10.0.0.9)".
std::string cluster_text(ClusterId const& cluster);

}  // namespace sb::core
