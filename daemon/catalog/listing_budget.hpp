#pragma once
// How much memory a listing of LocalPath may take. Anyone who can write to the share can fill hundreds of folders with
// manifests as large as they may be; each may be as large as that, and all of them are listed.

#include "daemon/core/manifest.hpp"

#include <atomic>
#include <cstddef>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace sb::catalog {

/// What a listing keeps of one backup. An ordinary one takes 1 to 2 KiB.
inline constexpr std::size_t max_listed_backup_bytes = 8 * 1024;
/// Of all of them. 20,000 backups of VMs with four disks take 40 MiB.
inline constexpr std::size_t max_listing_bytes = std::size_t{64} << 20;

/// Larger manifests are large ones. One with 25 disks has about 15 KiB.
inline constexpr std::size_t max_small_manifest_bytes = std::size_t{64} << 10;
/// Of the large ones that one listing reads, together: reading and parsing them takes time.
inline constexpr std::size_t max_large_manifests_bytes = std::size_t{32} << 20;

/// The memory of the value, with what the allocator adds for each block, in bytes.
std::size_t kept_bytes(core::Backup const& backup);

/// Without what no list shows and nothing decides by: the files, tags and notes of its manifest. Long texts for people
/// are cut. Disks that do not fit into max_listed_backup_bytes are left out.
core::Backup for_listing(core::Backup backup);

/// The same without its manifest, as `unverified`, so that it counts for nothing: of one for which a listing has no
/// room. `why`: for people.
core::Backup without_manifest(core::Backup const& backup, std::string const& why);

/// Decides which manifests a listing reads: all small ones, and the first of the large ones. For all threads.
class ManifestReads {
public:
    /// Empty if this one is read; else why not, for people.
    std::string refusal(std::size_t bytes);

private:
    std::atomic<std::size_t> large_ = 0;  ///< bytes of the large ones so far
};

/// Decides whose manifests a listing keeps: the smallest. Those of genuine backups are small.
class ListingBudget {
public:
    explicit ListingBudget(std::size_t most = max_listing_bytes) : most_(most) {}

    /// For people: why a backup has no room.
    static std::string why();

    /// The names of the backups without room from now on, `backup` among them if it is too large itself.
    std::vector<std::string> add(core::Backup const& backup);

private:
    std::size_t most_;
    std::size_t kept_ = 0;
    std::set<std::pair<std::size_t, std::string>> by_size_;  ///< those with room
};

}  // namespace sb::catalog
