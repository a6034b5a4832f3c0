#include "simulator/world/random.hpp"

#include <spdlog/fmt/fmt.h>

namespace sb::sim {

std::uint64_t Random::next() {
    state_ += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state_;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
}

std::string Random::uuid() {
    std::uint64_t const high = next();
    std::uint64_t const low = next();
    return fmt::format("{:08x}-{:04x}-4{:03x}-{:04x}-{:012x}", high >> 32U, (high >> 16U) & 0xffffU, high & 0xfffU,
                       ((low >> 48U) & 0x3fffU) | 0x8000U, low & 0xffffffffffffU);
}

std::string Random::mac_address() {
    std::uint64_t const bits = next();
    return fmt::format("7C:4C:58:{:02X}:{:02X}:{:02X}", bits & 0xffU, (bits >> 8U) & 0xffU, (bits >> 16U) & 0xffU);
}

std::uint64_t hash_of(std::string const& text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (char const c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
    return Random(hash).next();
}

}  // namespace sb::sim
