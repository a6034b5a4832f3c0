#pragma once
// Simulated content of a guest's disk: runs of pseudo-random data between holes, determined by a seed, so that a test
// can create the same disk twice. Sparse raw files; runs start and end at multiples of 4 KiB, not of clusters.

#include "common/error.hpp"

#include <cstdint>
#include <string>

namespace sb::sim {

struct GuestDiskShape {
    std::uint64_t capacity = 0;  ///< bytes, any number
    double fill = 0.3;           ///< share of the capacity that holds data, 0 to 1
    std::uint64_t seed = 1;
};

/// Creates (or replaces) `path`. Returns the number of data bytes. Errc::no_space, Errc::io.
Result<std::uint64_t> make_guest_disk(std::string const& path, GuestDiskShape const& shape);

/// Simulates a running guest: rewrites about `share` of the capacity (at least one block), mostly existing data. The
/// same seed on the same disk gives the same disk. Returns the bytes written.
Result<std::uint64_t> mutate_guest_disk(std::string const& path, double share, std::uint64_t seed);

}  // namespace sb::sim
