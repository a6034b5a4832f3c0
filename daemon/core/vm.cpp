#include "daemon/core/vm.hpp"

#include <string_view>

namespace sb::core {

bool is_exported(Disk const& disk) { return std::string_view(disk.type).ends_with("_DISK"); }

bool is_size_of_image(std::uint64_t virtual_bytes, std::uint64_t capacity_bytes) {
    constexpr std::uint64_t mebibyte = 1U << 20;
    if (capacity_bytes == 0) return true;
    if (virtual_bytes < capacity_bytes) return false;
    auto const to_next_mebibyte = (mebibyte - capacity_bytes % mebibyte) % mebibyte;
    return virtual_bytes - capacity_bytes <= to_next_mebibyte;
}

std::string why_not_eligible(Vm const& vm) {
    if (vm.transient) return "it is a temporary VM that the cluster created for itself";
    if (vm.replica) return "it is a replication target without a state to export; back it up at its source";
    for (auto const& disk : vm.disks)
        if (is_exported(disk)) return {};
    return "it has no disk";
}

}  // namespace sb::core
