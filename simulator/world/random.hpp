#pragma once
// Reproducible random numbers: the same seed gives the same cluster, including uuids and guest data.

#include <cstdint>
#include <string>

namespace sb::sim {

/// SplitMix64: small, fast, and the same on every platform (std::uniform_int_distribution is not).
class Random {
public:
    explicit Random(std::uint64_t seed) : state_(seed) {}

    std::uint64_t next();
    /// Below `limit`, which must not be 0.
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    std::string uuid();
    /// A MAC address with the cluster's own prefix 7C:4C:58.
    std::string mac_address();

private:
    std::uint64_t state_;
};

/// A number that depends on every byte of `text`.
std::uint64_t hash_of(std::string const& text);

}  // namespace sb::sim
