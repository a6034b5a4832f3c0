#include "daemon/verify/cluster_references.hpp"

#include <algorithm>
#include <cstddef>

namespace sb::verify {

ClusterReferences::ClusterReferences(std::uint64_t clusters)
    : clusters_(clusters), chunks_(static_cast<std::size_t>((clusters + chunk_clusters - 1) / chunk_clusters)) {}

std::uint16_t ClusterReferences::at(std::uint64_t cluster) const {
    if (cluster >= clusters_) return 0;  // a file that changes while it is checked can name any cluster
    auto const& chunk = chunks_[static_cast<std::size_t>(cluster / chunk_clusters)];
    return chunk ? (*chunk)[static_cast<std::size_t>(cluster % chunk_clusters)] : std::uint16_t{0};
}

std::uint16_t& ClusterReferences::slot(std::uint64_t cluster) {
    auto& chunk = chunks_[static_cast<std::size_t>(cluster / chunk_clusters)];
    if (!chunk) chunk = std::make_unique<Chunk>();
    return (*chunk)[static_cast<std::size_t>(cluster % chunk_clusters)];
}

bool ClusterReferences::use(std::uint64_t cluster, bool exclusive, std::uint32_t times) {
    auto& value = slot(cluster);
    if (value == 0) ++used_;
    else if (exclusive || (value & exclusive_mark) != 0) return false;
    auto const count = std::min<std::uint32_t>(count_mask, (value & count_mask) + times);
    value = static_cast<std::uint16_t>((value & visited_mark) | count | (exclusive ? exclusive_mark : 0u));
    return true;
}

bool ClusterReferences::is_first_visit(std::uint64_t cluster) {
    if (cluster >= clusters_) return true;
    auto& value = slot(cluster);
    if ((value & visited_mark) != 0) return false;
    value |= visited_mark;
    return true;
}

void ClusterReferences::store_refcount_is_one(std::uint64_t cluster, bool is_one) {
    if (is_one) slot(cluster) = 1;
    else if (at(cluster) != 0) slot(cluster) = 0;
}

}  // namespace sb::verify
