#pragma once
// Counts the uses of each host cluster of a qcow2 image. Takes two bytes for each used cluster, none for holes.

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace sb::verify {

class ClusterReferences {
public:
    /// Checking an image with more clusters would take more than 256 MiB of memory.
    static constexpr std::uint64_t max_clusters = std::uint64_t{1} << 27;

    explicit ClusterReferences(std::uint64_t clusters);

    std::uint64_t clusters() const { return clusters_; }
    std::uint64_t used_clusters() const { return used_; }

    /// Counts uses. `exclusive`: nothing else may use this cluster. False if this or an earlier exclusive use is
    /// violated.
    bool use(std::uint64_t cluster, bool exclusive, std::uint32_t times = 1);
    /// Uses so far, at most 16383.
    std::uint32_t uses(std::uint64_t cluster) const { return at(cluster) & count_mask; }

    /// True for the first call for this cluster since the start or since store_refcount_is_one(). Always true
    /// for a cluster that does not exist.
    bool is_first_visit(std::uint64_t cluster);

    /// Drops the uses of this cluster and stores whether its refcount on disk is exactly one.
    void store_refcount_is_one(std::uint64_t cluster, bool is_one);
    bool refcount_is_one(std::uint64_t cluster) const { return cluster < clusters_ && (at(cluster) & count_mask) == 1; }

private:
    static constexpr std::uint16_t exclusive_mark = 0x8000, visited_mark = 0x4000, count_mask = 0x3fff;
    static constexpr std::uint64_t chunk_clusters = 4096;
    using Chunk = std::array<std::uint16_t, chunk_clusters>;

    std::uint16_t at(std::uint64_t cluster) const;
    std::uint16_t& slot(std::uint64_t cluster);

    std::uint64_t clusters_;
    std::uint64_t used_ = 0;
    std::vector<std::unique_ptr<Chunk>> chunks_;  ///< allocated on first use, so a sparse file takes little memory
};

}  // namespace sb::verify
