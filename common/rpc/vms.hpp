#pragma once
// The protocol's VMs. How a struct lists its fields: methods.hpp.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

// ---- values ---------------------------------------------------------------------------------------

struct DiskInfo {
    std::string uuid;
    std::string type;  ///< in the cluster's terms: VIRTIO_DISK, IDE_CDROM, NVRAM …
    std::uint64_t capacity_bytes = 0;
    std::uint64_t allocation_bytes = 0;

    static void fields(auto& visit, auto& disk) {
        visit.required("uuid", disk.uuid);
        visit.required("type", disk.type);
        visit.required("capacity_bytes", disk.capacity_bytes);
        visit.required("allocation_bytes", disk.allocation_bytes);
    }
};

struct VmInfo {
    std::string uuid;
    std::string name;
    std::vector<std::string> tags;
    std::string state;  ///< in the cluster's terms: RUNNING, SHUTOFF …
    std::vector<DiskInfo> disks;
    bool eligible = false;
    std::string reason;  ///< why scheduled backups exclude it; empty if they include it

    static void fields(auto& visit, auto& vm) {
        visit.required("uuid", vm.uuid);
        visit.required("name", vm.name);
        visit.required("tags", vm.tags);
        visit.required("state", vm.state);
        visit.required("disks", vm.disks);
        visit.required("eligible", vm.eligible);
        visit.optional("reason", vm.reason);
    }
};

// ---- methods --------------------------------------------------------------------------------------

struct ListVms {
    static constexpr std::string_view name = "vms.list";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {};
    struct Reply {
        std::vector<VmInfo> vms;

        static void fields(auto& visit, auto& reply) { visit.required("vms", reply.vms); }
    };
};

/// Why a VM was or was not backed up, and what comes next.
struct ExplainVm {
    static constexpr std::string_view name = "vms.explain";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {
        std::string vm;  ///< name or uuid

        static void fields(auto& visit, auto& params) { visit.required("vm", params.vm); }
    };
    struct Reply {
        std::string vm;
        std::string vm_uuid;
        std::vector<std::string> explanation;  ///< complete sentences, in order

        static void fields(auto& visit, auto& reply) {
            visit.required("vm", reply.vm);
            visit.required("vm_uuid", reply.vm_uuid);
            visit.required("explanation", reply.explanation);
        }
    };
};

}  // namespace sb::rpc
