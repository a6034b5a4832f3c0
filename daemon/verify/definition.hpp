#pragma once
// The XML that the cluster writes next to the disks: libvirt's format, one <domain>, padded with NULs to whole sectors.
// Reads only what a restore depends on and ignores unknown elements.

#include "common/error.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sb::verify {

/// A real definition has a few KiB.
inline constexpr std::size_t max_definition_bytes = 4u << 20;
/// Disks, network cards and tags, each. No VM has nearly as many.
inline constexpr std::size_t max_definition_entries = 500;

struct DefinedDisk {
    std::string device;  ///< "disk" or "cdrom"
    std::string base;    ///< the image is <base>.qcow2 in the same folder; empty = no image (an empty drive)
    std::string bus;     ///< "virtio", "ide", …
    std::string target;  ///< "vda"
    std::string serial;  ///< in a fresh export the first 8 hex digits of the disk's uuid
    int boot_order = 0;  ///< 0 = none given

    /// Whether <base>.qcow2 must be in the folder. A CD-ROM drive may refer to an image that is not exported with the
    /// VM.
    bool needs_image() const { return !base.empty() && device != "cdrom"; }
};

struct DefinedNic {
    std::string mac;
    std::string model;
    std::string bridge;
};

struct Definition {
    std::string name;
    std::string description;
    std::string uuid;
    int vcpus = 0;
    std::uint64_t memory_bytes = 0;
    std::vector<std::string> tags;
    std::vector<DefinedDisk> disks;
    std::vector<DefinedNic> nics;
    bool has_nvram = false, has_tpm = false;
    std::vector<std::string> states;  ///< names of files or objects that NVRAM and TPM refer to, without paths
};

/// Errors: `incomplete_backup` if the text is empty or truncated; `damaged_backup` if it is not the definition of a VM
/// or lists a disk that could be outside the folder, or more than max_definition_entries of a kind. A DOCTYPE is
/// refused: exports never have one.
Result<Definition> parse_definition(std::string_view file);

}  // namespace sb::verify
