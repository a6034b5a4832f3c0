#pragma once
// Guest data in sparse raw files: disks/<uuid>.raw. Copies (snapshots, clones, the source of an export) are hard links
// until one is written: then the writer gets its own file, and the others keep the old content.

#include "common/error.hpp"
#include "simulator/world/random.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace sb::sim {

class DiskStore {
public:
    /// Creates `root` and its folders if they are missing; throws filesystem_error if that fails.
    DiskStore(std::filesystem::path root, std::uint64_t seed);

    std::filesystem::path disk(std::string const& uuid) const;
    std::filesystem::path frozen(std::string const& group, std::string const& uuid) const;
    /// A new folder for incoming files; adopt() moves them in.
    std::filesystem::path incoming(std::string const& name) const;

    /// A disk of `capacity` bytes with about `fill_percent` of data, which depend only on seed and uuid.
    /// Keeps an existing file of that size: a restarted simulator finds its disks again.
    Result<void> create(std::string const& uuid, std::int64_t capacity, int fill_percent);
    Result<void> adopt(std::filesystem::path const& file, std::string const& uuid, std::int64_t capacity);
    Result<void> clone(std::filesystem::path const& from, std::string const& uuid);
    /// Saves the current content of a disk under the name of a snapshot or task.
    Result<void> freeze(std::string const& uuid, std::string const& group) { return keep(disk(uuid), group, uuid); }
    Result<void> keep(std::filesystem::path const& file, std::string const& group, std::string const& uuid);
    void release(std::string const& group);
    void remove(std::string const& uuid);
    Result<void> grow(std::string const& uuid, std::int64_t capacity);
    /// Writes about `share` of the disk, at least one block, like a guest. Returns the bytes written.
    Result<std::int64_t> mutate(std::string const& uuid, double share, Random& random);
    /// Changes the signature in the boot sector (four bytes at offset 440).
    Result<void> change_disk_id(std::string const& uuid, Random& random);
    std::int64_t allocation(std::string const& uuid) const;

private:
    Result<void> own(std::string const& uuid);

    std::filesystem::path root_;
    std::uint64_t seed_;
};

}  // namespace sb::sim
