#pragma once
// The part of the vocabulary that speaks of single disks: listing, cloning and uploading them. See methods.hpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

// ---- values ---------------------------------------------------------------------------------------

struct VmDiskInfo {
    std::string uuid;
    std::string type;  ///< the cluster's word: VIRTIO_DISK, IDE_CDROM, NVRAM …
    int slot = -1;     ///< on its bus; -1 = it has none
    std::string name;
    std::uint64_t capacity_bytes = 0;
    std::uint64_t allocation_bytes = 0;
    bool clonable = false;
};

/// Work that a caller waits for and that no restart takes up: it ends with the daemon.
struct OperationInfo {
    std::uint64_t id = 0;
    std::string kind;   ///< clone-disk, upload-disk-media
    std::string state;  ///< running, succeeded, failed, cancelled
    std::string phase;  ///< snapshot, cloning; uploading, converting
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;     ///< 0 = not counted in bytes
    std::string created;               ///< uuid of the new disk; empty while it is not known
    std::optional<std::string> error;  ///< for people
    std::string error_code;            ///< for programs: name_of(Errc), empty without an error
};

// ---- methods --------------------------------------------------------------------------------------

struct ShowDisks {
    static constexpr std::string_view name = "vms.disks";
    static constexpr bool changes = false;
    struct Params {
        std::string vm;  ///< name or uuid
    };
    struct Reply {
        std::string vm;
        std::string vm_uuid;
        std::vector<VmDiskInfo> disks;
    };
};

/// Begins to clone a disk into a VM; the operation tells how it goes on. It goes on also if nobody asks.
struct CloneDisk {
    static constexpr std::string_view name = "disks.clone";
    static constexpr bool changes = true;
    struct Params {
        std::string disk;  ///< uuid
        std::string vm;    ///< the target's name or uuid
    };
    struct Reply {
        OperationInfo operation;
        std::string from;  ///< name of the VM that has the disk
        std::string vm;    ///< the target's name
        std::string vm_uuid;
    };
};

/// Begins to upload the open file that comes with the request (docs/json-rpc.md). It is stopped when nobody has asked
/// for the operation for a minute.
struct UploadDiskImage {
    static constexpr std::string_view name = "media.upload";
    static constexpr bool changes = true;
    struct Params {
        std::string name;   ///< file name at the cluster; its extension is the format
        bool wait = false;  ///< the operation ends when the cluster has converted it
    };
    struct Reply {
        OperationInfo operation;
    };
};

struct GetOperation {
    static constexpr std::string_view name = "operations.get";
    static constexpr bool changes = false;
    struct Params {
        std::uint64_t operation = 0;
    };
    struct Reply {
        OperationInfo operation;
    };
};

struct CancelOperation {
    static constexpr std::string_view name = "operations.cancel";
    static constexpr bool changes = true;
    struct Params {
        std::uint64_t operation = 0;
    };
    struct Reply {
        OperationInfo operation;
    };
};

}  // namespace sb::rpc
