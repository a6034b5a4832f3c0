#pragma once
// Whether an export fits into what is free, with what the exports that run will still write counted in.

#include "daemon/core/job.hpp"
#include "daemon/core/vm.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::core {

/// LocalPath's file system and the claims on it, bytes.
struct StorageSpace {
    std::uint64_t free_bytes = 0;
    std::uint64_t total_bytes = 0;     ///< 0 = nothing is known of it, so nothing is refused
    std::uint64_t promised_bytes = 0;  ///< what the running exports are still expected to write
};

/// Never given to exports, so that manifests and journals can be written to the end: 1 %, at most 1 GiB.
std::uint64_t reserve_of(StorageSpace const& room);

/// What an export of these disks will take: what the cluster says is allocated, or what the VM's last backup took if
/// that is more; if neither is known (0), the disks' capacity, which it cannot exceed by much.
std::uint64_t expected_size(std::vector<Disk> const& disks, std::uint64_t last_backup_bytes);

/// What a running export will still write, by its percentage.
std::uint64_t still_expected(Job const& job);

/// Nothing if it fits; if not, why not, in words: "it needs 12 GiB, and of 20 GiB free in …".
std::optional<std::string> why_no_room(StorageSpace const& room, std::uint64_t need);

}  // namespace sb::core
