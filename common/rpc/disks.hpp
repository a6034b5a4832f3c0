#pragma once
// The protocol's single disks: listing, cloning and uploading them. How a struct lists its fields: methods.hpp.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

// ---- values ---------------------------------------------------------------------------------------

struct VmDiskInfo {
    std::string uuid;
    std::string type;  ///< in the cluster's terms: VIRTIO_DISK, IDE_CDROM, NVRAM …
    int slot = -1;     ///< on its bus; -1 = it has none
    std::string name;
    std::uint64_t capacity_bytes = 0;
    std::uint64_t allocation_bytes = 0;
    bool clonable = false;

    static void fields(auto& visit, auto& disk) {
        visit.required("uuid", disk.uuid);
        visit.required("type", disk.type);
        visit.required("slot", disk.slot);
        visit.required("name", disk.name);
        visit.required("capacity_bytes", disk.capacity_bytes);
        visit.required("allocation_bytes", disk.allocation_bytes);
        visit.required("clonable", disk.clonable);
    }
};

/// Work that a client waits for. It is not resumed after a restart: it ends with the daemon.
struct OperationInfo {
    std::uint64_t id = 0;
    std::string kind;   ///< clone-disk, upload-disk-media
    std::string state;  ///< running, succeeded, failed, cancelled
    std::string phase;  ///< snapshot, cloning; uploading, converting
    std::uint64_t done_bytes = 0;
    std::uint64_t total_bytes = 0;     ///< 0 = not counted in bytes
    std::string created_uuid;          ///< of the new disk; empty while it is unknown
    std::optional<std::string> error;  ///< for people
    std::string error_code;            ///< for programs: name_of(Errc), empty without an error

    static void fields(auto& visit, auto& operation) {
        visit.required("id", operation.id);
        visit.required("kind", operation.kind);
        visit.required("state", operation.state);
        visit.required("phase", operation.phase);
        visit.required("done_bytes", operation.done_bytes);
        visit.required("total_bytes", operation.total_bytes);
        visit.required("created_uuid", operation.created_uuid);
        visit.required("error", operation.error);
        visit.optional("error_code", operation.error_code);
    }
};

// ---- methods --------------------------------------------------------------------------------------

struct ShowDisks {
    static constexpr std::string_view name = "vms.disks";
    static constexpr bool changes = false;
    struct Params {
        std::string vm;  ///< name or uuid

        static void fields(auto& visit, auto& params) { visit.required("vm", params.vm); }
    };
    struct Reply {
        std::string vm;
        std::string vm_uuid;
        std::vector<VmDiskInfo> disks;

        static void fields(auto& visit, auto& reply) {
            visit.required("vm", reply.vm);
            visit.required("vm_uuid", reply.vm_uuid);
            visit.required("disks", reply.disks);
        }
    };
};

/// Starts to clone a disk into a VM. The operation reports its progress; it continues whether a client asks or not.
struct CloneDisk {
    static constexpr std::string_view name = "disks.clone";
    static constexpr bool changes = true;
    struct Params {
        std::string disk;  ///< uuid
        std::string vm;    ///< the target's name or uuid

        static void fields(auto& visit, auto& params) {
            visit.required("disk", params.disk);
            visit.required("vm", params.vm);
        }
    };
    struct Reply {
        OperationInfo operation;
        std::string source_vm;  ///< name of the VM that has the disk
        std::string vm;         ///< the target's name
        std::string vm_uuid;

        static void fields(auto& visit, auto& reply) {
            visit.required("operation", reply.operation);
            visit.required("source_vm", reply.source_vm);
            visit.required("vm", reply.vm);
            visit.required("vm_uuid", reply.vm_uuid);
        }
    };
};

/// Starts to upload the open file that comes with the request (docs/json-rpc.md). It stops when no client has asked
/// for the operation for a minute.
struct UploadDiskImage {
    static constexpr std::string_view name = "disks.upload";
    static constexpr bool changes = true;
    struct Params {
        std::string name;   ///< file name at the cluster; its extension is the format
        bool wait = false;  ///< the operation ends when the cluster has converted the image

        static void fields(auto& visit, auto& params) {
            visit.required("name", params.name);
            visit.optional("wait", params.wait);
        }
    };
    struct Reply {
        OperationInfo operation;

        static void fields(auto& visit, auto& reply) { visit.required("operation", reply.operation); }
    };
};

struct GetOperation {
    static constexpr std::string_view name = "operations.get";
    static constexpr bool changes = false;
    struct Params {
        std::uint64_t operation = 0;

        static void fields(auto& visit, auto& params) { visit.required("operation", params.operation); }
    };
    struct Reply {
        OperationInfo operation;

        static void fields(auto& visit, auto& reply) { visit.required("operation", reply.operation); }
    };
};

struct CancelOperation {
    static constexpr std::string_view name = "operations.cancel";
    static constexpr bool changes = true;
    struct Params {
        std::uint64_t operation = 0;

        static void fields(auto& visit, auto& params) { visit.required("operation", params.operation); }
    };
    struct Reply {
        OperationInfo operation;

        static void fields(auto& visit, auto& reply) { visit.required("operation", reply.operation); }
    };
};

}  // namespace sb::rpc
