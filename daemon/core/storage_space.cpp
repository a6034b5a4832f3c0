#include "daemon/core/storage_space.hpp"

#include "common/text/shell_word.hpp"
#include "common/text/size_text.hpp"

#include <algorithm>

namespace sb::core {

std::uint64_t reserve_of(StorageSpace const& space) {
    constexpr std::uint64_t max_reserve = 1ull << 30;
    return std::min(space.total_bytes / 100, max_reserve);
}

std::uint64_t expected_size(std::vector<Disk> const& disks, std::uint64_t last_backup_bytes) {
    std::uint64_t allocated = 0;
    std::uint64_t capacity = 0;
    for (auto const& disk : disks) {
        if (!is_exported(disk)) continue;
        allocated += disk.allocation_bytes;
        capacity += disk.capacity_bytes;
    }
    auto const known = std::max(allocated, last_backup_bytes);
    if (known == 0 || capacity == 0) return std::max(known, capacity);
    return std::min(known, capacity);
}

std::uint64_t still_expected(Job const& job) {
    if (job.kind != JobKind::backup || job.phase == Phase::queued || job.phase == Phase::finished) return 0;
    // Already written; only being inspected.
    if (job.phase == Phase::inspecting || job.phase == Phase::committing || job.phase == Phase::post_hook) return 0;
    auto const done = static_cast<std::uint64_t>(std::clamp(job.percent, 0, 100));
    // Divided first: the product of petabytes and percents does not fit.
    return job.expected_bytes / 100 * (100 - done) + job.expected_bytes % 100;
}

std::uint64_t free_bytes_for(StorageSpace const& space, std::uint64_t need) {
    return need + reserve_of(space) + space.claimed_bytes;
}

std::optional<std::string> why_no_files(StorageSpace const& space) {
    if (!space.free_files || *space.free_files + space.reclaimable_files >= files_of_an_export) return std::nullopt;
    return "a backup needs up to " + std::to_string(files_of_an_export) +
           " files and folders, but LocalPath has room for only " + std::to_string(*space.free_files) +
           " more (inodes). Delete files in LocalPath, or let retention keep fewer backups (prune --dry-run)";
}

std::optional<std::string> why_no_space(StorageSpace const& space, std::uint64_t need) {
    if (auto no_files = why_no_files(space)) return no_files;
    if (space.total_bytes == 0) return std::nullopt;
    auto const taken = reserve_of(space) + space.claimed_bytes;
    auto const usable = space.free_bytes + space.reclaimable_bytes;
    auto const left = usable - std::min(usable, taken);
    if (need <= left) return std::nullopt;
    auto text = "the backup needs about " + size_text(need) + ", but " + size_text(left) + " are free (" +
                size_text(reserve_of(space)) + " are kept in reserve";
    if (space.claimed_bytes != 0) text += ", running exports need " + size_text(space.claimed_bytes);
    if (space.reclaimable_bytes != 0)
        text += ", " + size_text(space.reclaimable_bytes) + " of deleted backups in the trash are counted as free";
    return text + "). Free space in LocalPath, or let retention keep fewer backups (prune --dry-run)";
}

std::optional<std::string> why_no_space_for(VmUuid const& vm, StorageSpace space, std::uint64_t need) {
    TrashedCopy const* newest = nullptr;
    for (auto const& copy : space.kept) {
        if (copy.vm != vm) continue;
        space.reclaimable_bytes -= std::min(space.reclaimable_bytes, copy.size_bytes);
        space.reclaimable_files -= std::min(space.reclaimable_files, files_of_a_deleted_backup);
        newest = &copy;
    }
    auto why = why_no_space(space, need);
    if (why && newest != nullptr)
        *why += ". Deleted backup '" + newest->backup + "' (" + size_text(newest->size_bytes) +
                ") is not removed for it, because it may be the last good copy of this VM; to take it back: " +
                suggested_command("undelete", {newest->backup});
    return why;
}

}  // namespace sb::core
