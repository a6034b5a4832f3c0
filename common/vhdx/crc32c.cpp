#include "common/vhdx/crc32c.hpp"

#include <array>

namespace sb::vhdx {
namespace {

constexpr std::array<std::uint32_t, 256> table = [] {
    constexpr std::uint32_t reversed_polynomial = 0x82f63b78;
    std::array<std::uint32_t, 256> made{};
    for (std::uint32_t i = 0; i < made.size(); ++i) {
        auto value = i;
        for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1U) != 0 ? reversed_polynomial : 0U);
        made[i] = value;
    }
    return made;
}();

}  // namespace

std::uint32_t crc32c(std::span<std::byte const> bytes) {
    std::uint32_t sum = 0xffffffff;
    for (auto const byte : bytes) sum = (sum >> 8) ^ table[(sum ^ std::to_integer<std::uint32_t>(byte)) & 0xffU];
    return ~sum;
}

}  // namespace sb::vhdx
