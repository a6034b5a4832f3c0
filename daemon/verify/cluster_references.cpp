#include "daemon/verify/cluster_references.hpp"

#include <cstddef>

namespace sb::verify {

ClusterReferences::ClusterReferences(std::uint64_t clusters)
    : clusters_(clusters), chunks_(static_cast<std::size_t>((clusters + chunk_clusters - 1) / chunk_clusters)) {}

std::uint16_t ClusterReferences::at(std::uint64_t cluster) const {
    auto const& chunk = chunks_[static_cast<std::size_t>(cluster / chunk_clusters)];
    return chunk ? (*chunk)[static_cast<std::size_t>(cluster % chunk_clusters)] : std::uint16_t{0};
}

std::uint16_t& ClusterReferences::slot(std::uint64_t cluster) {
    auto& chunk = chunks_[static_cast<std::size_t>(cluster / chunk_clusters)];
    if (!chunk) chunk = std::make_unique<Chunk>();
    return (*chunk)[static_cast<std::size_t>(cluster % chunk_clusters)];
}

bool ClusterReferences::use(std::uint64_t cluster, bool exclusive) {
    auto& value = slot(cluster);
    if (value == 0) ++used_;
    else if (exclusive || (value & exclusive_mark) != 0) return false;
    if ((value & count_mask) != count_mask) ++value;
    if (exclusive) value |= exclusive_mark;
    return true;
}

void ClusterReferences::store_refcount_is_one(std::uint64_t cluster, bool is_one) {
    if (is_one) slot(cluster) = 1;
    else if (at(cluster) != 0) slot(cluster) = 0;
}

}  // namespace sb::verify
