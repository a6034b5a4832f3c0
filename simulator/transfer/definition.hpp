#pragma once
// The VM as described by the definition of an export, with the API's names. The XML is libvirt-like; definition_xml.hpp
// writes and reads it.

#include <cstdint>
#include <string>
#include <vector>

namespace sb::sim {

/// One block device. NVRAM and VTPM devices are not exported: no known export contains them.
struct DiskDefinition {
    std::string type = "VIRTIO_DISK";         ///< VIRTIO_DISK, SCSI_DISK, IDE_DISK or IDE_CDROM
    std::string uuid;                         ///< empty for a CD-ROM; an import finds the name of the qcow2 file here
    std::string cache_mode = "WRITETHROUGH";  ///< NONE, WRITEBACK or WRITETHROUGH
    int boot_order = 0;                       ///< from 1; 0 = not in the boot order

    bool is_cdrom() const { return type == "IDE_CDROM"; }
    bool operator==(DiskDefinition const&) const = default;
};

struct NicDefinition {
    std::string type = "VIRTIO";  ///< VIRTIO, INTEL_E1000, RTL8139 or PCNET
    std::string mac;
    int vlan = 0;  ///< 0 = untagged
    bool connected = true;

    bool operator==(NicDefinition const&) const = default;
};

struct VmDefinition {
    std::string name;
    std::string description;
    std::string uuid;
    std::uint64_t mem_bytes = 0;  ///< the XML uses KiB, so a fraction of 1 KiB is lost
    int num_vcpu = 1;
    std::string operating_system = "os_other";
    std::string machine_type = "scale-7.2";
    std::string cpu_type = "clusterBaseline-7.3";
    std::vector<std::string> tags;
    std::vector<DiskDefinition> disks;  ///< including CD-ROMs, in slot order
    std::vector<NicDefinition> nics;

    bool operator==(VmDefinition const&) const = default;
};

}  // namespace sb::sim
