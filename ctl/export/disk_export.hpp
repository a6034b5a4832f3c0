#pragma once
// Copies the guest's disk of a qcow2 image into a new file, in steps, so that its caller can show progress and end it
// in between. Zeros are not written: they become holes where the file system has them.

#include "common/error.hpp"
#include "ctl/export/disk_writer.hpp"
#include "ctl/export/new_file.hpp"
#include "daemon/platform/random_access.hpp"
#include "daemon/verify/guest_disk.hpp"
#include "daemon/verify/qcow2.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace sb::ctl {

/// How many bytes the new file takes at most: the data of the disk, or less if the image itself takes less on its disk
/// because it has holes or is compressed by the file system. That says nothing about an image with snapshots, whose
/// tables may use one cluster several times.
std::uint64_t space_needed(verify::Qcow2Summary const& image, bool has_snapshots, std::uint64_t allocated_bytes);

class DiskExport {
public:
    /// Both must outlive it. `disk` and `writer` are of the same size; `data_bytes` is what is expected to be copied.
    DiskExport(verify::GuestDisk& disk, DiskWriter& writer, NewFile& file, std::uint64_t data_bytes);

    /// Copies at most 8 MiB; true when all is copied and the file is complete.
    Result<bool> copy_step();
    /// Reads the next part of both again; true when all was compared. `io` if they differ. What is zero in the image's
    /// tables and a hole in the new file is not read.
    Result<bool> compare_step();

    /// Bytes of data copied (and compared, in the second pass) so far.
    std::uint64_t done_bytes() const { return done_bytes_; }
    std::uint64_t data_bytes() const { return data_bytes_; }

private:
    Error difference(std::span<std::byte const> original, std::span<std::byte const> copy) const;
    Result<void> write_data(std::uint64_t offset, std::span<std::byte const> bytes);

    verify::GuestDisk& disk_;
    DiskWriter& writer_;
    NewFile& file_;
    std::uint64_t data_bytes_;
    std::uint64_t at_ = 0;  ///< of the disk
    std::uint64_t done_bytes_ = 0, unflushed_bytes_ = 0;
    std::vector<std::byte> buffer_, written_;
};

}  // namespace sb::ctl
