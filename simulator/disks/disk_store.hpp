#pragma once
// Guest data in sparse raw files: disks/<uuid>.raw. Copies (snapshots, clones, what an export reads) are hard
// links until somebody writes: then the writer gets a file of its own, and the others keep what they saw.

#include "common/error.hpp"
#include "simulator/world/random.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

namespace sb::sim {

class DiskStore {
public:
    /// Makes `root` and its folders where they are missing; throws filesystem_error if that fails.
    DiskStore(std::filesystem::path root, std::uint64_t seed);

    std::filesystem::path disk(std::string const& uuid) const;
    std::filesystem::path frozen(std::string const& group, std::string const& uuid) const;
    /// A fresh folder for files that arrive; they enter by adopt().
    std::filesystem::path incoming(std::string const& name) const;

    /// A disk of `capacity` bytes, about `fill_percent` of it written; the data depend on seed and uuid alone.
    /// A file of that size that exists already is kept: a restarted simulator finds its disks again.
    Result<void> create(std::string const& uuid, std::int64_t capacity, int fill_percent);
    Result<void> adopt(std::filesystem::path const& file, std::string const& uuid, std::int64_t capacity);
    Result<void> clone(std::filesystem::path const& from, std::string const& uuid);
    /// Keeps the present content of a disk under the name of a snapshot or task.
    Result<void> freeze(std::string const& uuid, std::string const& group) { return keep(disk(uuid), group, uuid); }
    Result<void> keep(std::filesystem::path const& file, std::string const& group, std::string const& uuid);
    void release(std::string const& group);
    void remove(std::string const& uuid);
    Result<void> grow(std::string const& uuid, std::int64_t capacity);
    /// Writes about `share` of the disk, at least one block, as a guest would. Returns the bytes written.
    Result<std::int64_t> mutate(std::string const& uuid, double share, Random& random);
    /// Another signature in the boot sector (four bytes at 440).
    Result<void> change_disk_id(std::string const& uuid, Random& random);
    std::int64_t allocation(std::string const& uuid) const;

private:
    Result<void> own(std::string const& uuid);

    std::filesystem::path root_;
    std::uint64_t seed_;
};

}  // namespace sb::sim
