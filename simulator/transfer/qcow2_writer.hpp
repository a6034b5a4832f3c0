#pragma once
// Writes a guest disk as a qcow2 image with 2 MiB clusters, like a cluster's export: header and tables first, then the
// data, only clusters that are not empty. Needs memory for a few clusters, whatever the size of the disk.

#include "simulator/transfer/folder.hpp"
#include "simulator/transfer/pace.hpp"
#include "simulator/transfer/raw_file.hpp"

#include <cstdint>

namespace sb::sim {

/// The virtual size of a disk's image: its capacity, rounded up to a multiple of 512. QEMU counts in sectors and rounds
/// the size of a new image up (qcow2_co_create_opts in its block/qcow2.c); qemu-img 7.2 makes 1024 bytes of 1000,
/// whether it creates or converts.
std::uint64_t virtual_size_of(std::uint64_t capacity);

struct Qcow2Options {
    std::uint64_t capacity = 0;  ///< see virtual_size_of(); bytes past the end of the source read as zeros
    bool version_2 = false;      ///< compat 0.10 instead of 1.1
    bool compress = false;       ///< zlib, cluster by cluster, where it makes the cluster smaller
};

/// Bytes of the clusters that may hold data: the total that write_qcow2 reports to the pace.
Result<std::uint64_t> data_to_export(RawFile const& source, std::uint64_t capacity);

/// Returns the length of the image.
Outcome<std::uint64_t> write_qcow2(RawFile const& source, Qcow2Options options, FolderFile& target, Pace& pace);

}  // namespace sb::sim
