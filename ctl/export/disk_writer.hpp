#pragma once
// A disk as a file of some format: takes the disk's bytes by offset, and leaves out what is zero.

#include "common/error.hpp"
#include "ctl/export/new_file.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace sb::ctl {

enum class DiskFormat {
    raw,           ///< the disk, byte for byte
    fixed_vhdx,    ///< for Hyper-V and Windows; its blocks are in order
    dynamic_vhdx,  ///< has only the blocks with data, so it stays small where holes are lost
};

class DiskWriter {
public:
    virtual ~DiskWriter() = default;

    /// Bytes of the disk from `offset` on, which must be inside it.
    virtual Result<void> write(std::uint64_t offset, std::span<std::byte const> bytes) = 0;
    /// What was written, for a comparison.
    virtual Result<void> read(std::uint64_t offset, std::span<std::byte> into) const = 0;
    /// The first byte of the disk at or after `offset` behind which what was written may be anything but zeros, or a
    /// place before it: bytes up to there are holes. At `offset` if that is not known; at the end of the disk or behind
    /// it if there is nothing more.
    virtual Result<std::uint64_t> next_data(std::uint64_t offset) const = 0;
    /// Completes the file: its length, headers and tables.
    virtual Result<void> finish() = 0;
};

/// `file` must outlive it. `refused` if the format has no disk of this size.
Result<std::unique_ptr<DiskWriter>> make_disk_writer(DiskFormat format, std::uint64_t disk_bytes, NewFile& file);

}  // namespace sb::ctl
