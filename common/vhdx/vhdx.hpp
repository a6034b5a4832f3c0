#pragma once
// The structure of a new VHDX file, the disk format of Hyper-V and Windows: where each block of the disk belongs, and
// the headers and tables around them. After Microsoft's open specification [MS-VHDX]. No log entries, no parent.
//
//   0       file type identifier, two headers, two copies of the region table (1 MiB)
//   1 MiB   log, empty
//   2 MiB   metadata (1 MiB)
//   3 MiB   block allocation table (BAT)
//   then    the blocks, from a multiple of 2 MiB on
//
// In a fixed file all blocks are there, in order, so the disk is one piece: what is not written reads as zeros, and is
// a hole where the file system has them. A dynamic file has only the blocks that were placed, in that order.

#include "common/error.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace sb::vhdx {

enum class Kind { fixed, dynamic };

/// 16 bytes as they are in the file. Different in each file, so that Windows can tell disks apart.
using Guid = std::array<std::byte, 16>;

struct Identity {
    Guid file;  ///< of this state of the file
    Guid data;  ///< of this state of its content
    Guid disk;  ///< what the guest sees as the disk's identity (SCSI page 83)
};

/// Bytes that belong at an offset of the file.
struct Piece {
    std::uint64_t offset = 0;
    std::vector<std::byte> bytes;
};

inline constexpr std::uint64_t sector_bytes = 512;
inline constexpr std::uint64_t max_disk_bytes = std::uint64_t{64} << 40;

class Vhdx {
public:
    /// A disk of at least `disk_bytes`: rounded up to whole sectors. `refused` if it has no bytes, or more than
    /// max_disk_bytes. Takes 8 MiB of memory at most.
    static Result<Vhdx> create(std::uint64_t disk_bytes, Kind kind, Identity const& identity);

    std::uint64_t disk_bytes() const { return disk_bytes_; }
    std::uint64_t block_bytes() const { return block_bytes_; }

    /// Where this byte of the disk belongs in the file; gives its block a place if it has none. The rest of the block
    /// follows it. `offset` must be less than disk_bytes().
    std::uint64_t place(std::uint64_t offset);
    /// The same without giving one: nothing if the block has no place, so that it reads as zeros.
    std::optional<std::uint64_t> placed(std::uint64_t offset) const;

    /// Length of the file: to the end of the last block that has a place.
    std::uint64_t file_bytes() const { return blocks_begin_ + blocks_placed_ * block_bytes_; }
    /// Everything in the file but blocks. What is between the pieces is zeros.
    std::vector<Piece> structure() const;

private:
    Vhdx(std::uint64_t disk_bytes, Kind kind, Identity const& identity);

    Piece header(std::uint64_t offset, std::uint64_t sequence) const;
    Piece region_table(std::uint64_t offset) const;
    Piece metadata() const;
    Piece block_table() const;
    std::uint64_t bat_entries() const;
    std::uint64_t bat_bytes() const;

    std::uint64_t disk_bytes_ = 0, block_bytes_ = 0, blocks_begin_ = 0, blocks_placed_ = 0;
    Kind kind_ = Kind::fixed;
    Identity identity_;
    /// Of a dynamic file: for each block its place, counted in blocks from 1; 0 = none.
    std::vector<std::uint32_t> places_;
};

}  // namespace sb::vhdx
