#include "daemon/core/cluster_origin.hpp"

#include <gtest/gtest.h>

#include <vector>

using namespace sb::core;

namespace {

PresentCluster const known{"uuid-1", "hc-1", {"10.0.0.1", "node.example"}};
PresentCluster const by_host{"", "", {"10.0.0.1", "node.example"}};

struct Case {
    char const* what;
    ClusterId copy;
    PresentCluster present;
    ClusterOrigin expected;
};

}  // namespace

TEST(ClusterOrigin, TheUuidDecidesAndWithoutItTheHost) {
    using enum ClusterOrigin;
    std::vector<Case> const cases{
        {"same uuid, same host", {"uuid-1", "hc-1", "10.0.0.1"}, known, same},
        {"same uuid, another address", {"uuid-1", "old name", "10.9.9.9"}, known, same},
        {"another cluster behind the same host", {"uuid-2", "hc-2", "10.0.0.1"}, known, other},
        {"another cluster", {"uuid-2", "hc-2", "10.9.9.9"}, known, other},
        {"earlier version, same host", {"", "", "10.0.0.1"}, known, same},
        {"earlier version, another node", {"", "", "NODE.example"}, known, same},
        {"earlier version, another host", {"", "", "10.9.9.9"}, known, unknown},
        {"adopted: nothing is known", {}, known, same},
        {"not told now, same host", {"uuid-2", "hc-2", "10.0.0.1"}, by_host, same},
        {"not told now, another host", {"uuid-1", "hc-1", "10.9.9.9"}, by_host, unknown},
        {"never told, same host", {"", "", "node.example"}, by_host, same},
        {"never told, another host", {"", "", "10.9.9.9"}, by_host, unknown},
    };
    for (auto const& each : cases) EXPECT_EQ(origin_of(each.copy, each.present), each.expected) << each.what;
}

TEST(ClusterOrigin, IsNamedForPeopleAsFarAsItIsKnown) {
    EXPECT_EQ(cluster_text({"uuid-2", "hc-2", "10.0.0.9"}), "hc-2 (10.0.0.9)");
    EXPECT_EQ(cluster_text({"uuid-2", "", "10.0.0.9"}), "10.0.0.9");
    EXPECT_EQ(cluster_text({"uuid-2", "", ""}), "uuid-2");
    EXPECT_EQ(cluster_text({}), "an unknown cluster");
}
