#pragma once
// The disk that a guest sees in a qcow2 image, read by ranges: its data, and where it reads as zeros. Reads only the
// open image: one that needs another file (a backing file, external data) or a key is refused, and so is what its
// tables place outside of the file. Of snapshots nothing is read.
//
// The image may be hostile: memory is bounded (the L1 table, at most 32 MiB, one L2 table and one cluster), and each
// call takes time for what it returns, whatever the tables claim. Whether the image is sound is the question of
// check_qcow2(), which should be asked first: tables that contradict each other give some data here.

#include "common/error.hpp"
#include "daemon/platform/random_access.hpp"
#include "daemon/verify/qcow2_header.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sb::verify {

class GuestDisk {
public:
    /// A range of the guest's disk that is all data, or all zeros.
    struct Extent {
        std::uint64_t end = 0;  ///< the first byte behind it
        bool has_data = false;
    };

    /// Errors as of check_qcow2(). `image` must outlive it.
    static Result<GuestDisk> open(platform::RandomAccess const& image);

    /// Bytes that the guest sees.
    std::uint64_t size() const { return header_.virtual_bytes; }

    /// The range that begins at `offset`, which must be less than size(). The next one may be of the same kind.
    Result<Extent> extent(std::uint64_t offset);
    /// Fills `into`; the range must be inside the disk. Errors: `incomplete_backup` if the file ends before this data;
    /// `damaged_backup` if its tables or its compressed data make no sense; `refused` for data that zstd compressed;
    /// `io`.
    Result<void> read(std::uint64_t offset, std::span<std::byte> into);

private:
    enum class Content { zeros, data, compressed };
    /// A range of the guest's disk within one cluster, or without any.
    struct Run {
        std::uint64_t end = 0;
        Content content = Content::zeros;
        std::uint64_t place = 0;  ///< data: offset in the file; compressed: the L2 entry
    };

    GuestDisk(platform::RandomAccess const& image, Qcow2Header const& header) : image_(&image), header_(header) {}

    Result<void> load_l1();
    Result<void> load_l2(std::uint64_t offset);
    Result<Run> run_at(std::uint64_t offset);
    Result<Run> run_of_entry(std::uint64_t offset, std::uint64_t entry, std::uint64_t subclusters) const;
    Result<void> unpack(std::uint64_t entry);
    Error at_guest(Error error, std::uint64_t offset) const;

    platform::RandomAccess const* image_;
    Qcow2Header header_;
    std::vector<std::uint64_t> l1_;
    std::uint64_t l2_offset_ = 0;  ///< of the table that l2_ holds; 0 = none
    std::vector<std::byte> l2_;
    std::uint64_t unpacked_entry_ = 0;  ///< of the cluster that unpacked_ holds; 0 = none
    std::vector<std::byte> packed_, unpacked_;
};

}  // namespace sb::verify
