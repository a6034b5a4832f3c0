#pragma once
// The protocol's adoption: another program's folders become backups. One folder a call, so that a client can show
// progress and stop between two. How a struct lists its fields: methods.hpp.

#include "common/rpc/backups.hpp"
#include "common/rpc/schedule.hpp"

namespace sb::rpc {

// ---- values ---------------------------------------------------------------------------------------

struct AdoptionInfo {
    std::string name;
    std::string vm;  ///< from the definition; empty if it cannot be read
    std::string vm_uuid;
    bool scheduled = false;
    std::optional<UtcTime> started;
    std::uint64_t size_bytes = 0;
    std::string state;   ///< adoptable, adopted, skipped, incomplete, damaged, refused, not_found
    std::string reason;  ///< for people
    std::vector<std::string> notes;

    static void fields(auto& visit, auto& folder) {
        visit.required("name", folder.name);
        visit.required("vm", folder.vm);
        visit.required("vm_uuid", folder.vm_uuid);
        visit.required("scheduled", folder.scheduled);
        visit.required("started", folder.started);
        visit.required("size_bytes", folder.size_bytes);
        visit.required("state", folder.state);
        visit.optional("reason", folder.reason);
        visit.optional("notes", folder.notes);
    }
};

// ---- methods --------------------------------------------------------------------------------------

/// Folders that might be adopted: without a manifest, but with files or the name of an export.
struct ListOldFolders {
    static constexpr std::string_view name = "adopt.list";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {};
    struct Reply {
        std::vector<std::string> folders;

        static void fields(auto& visit, auto& reply) { visit.required("folders", reply.folders); }
    };
};

/// Inspects one folder in full and reports what adopt.apply would do.
struct InspectOldFolder {
    static constexpr std::string_view name = "adopt.inspect";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {
        std::string folder;

        static void fields(auto& visit, auto& params) { visit.required("folder", params.folder); }
    };
    struct Reply {
        AdoptionInfo folder;

        static void fields(auto& visit, auto& reply) { visit.required("folder", reply.folder); }
    };
};

/// Inspects the folder again and writes the manifest, if it is adoptable.
struct AdoptFolder {
    static constexpr std::string_view name = "adopt.apply";
    static constexpr bool changes = true;
    struct Params {
        std::string folder;
        bool is_protected = false;

        static void fields(auto& visit, auto& params) {
            visit.required("folder", params.folder);
            visit.optional("protected", params.is_protected);
        }
    };
    struct Reply {
        AdoptionInfo folder;

        static void fields(auto& visit, auto& reply) { visit.required("folder", reply.folder); }
    };
};

/// What the rules of the schedule would do with folders that adopt.inspect found adoptable.
struct PreviewAdoption {
    static constexpr std::string_view name = "adopt.preview";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {
        std::vector<std::string> folders;  ///< names; empty = every one that was inspected and is not adopted yet

        static void fields(auto& visit, auto& params) { visit.optional("folders", params.folders); }
    };
    struct Reply {
        bool scheduled = false;                ///< there is a [Schedule]
        std::vector<RetentionInfo> deletions;  ///< what the next clean-up would delete, if nothing is protected
        std::vector<QueueEntry> queue;         ///< as queue.list would show it then
        std::vector<std::string> missing_vms;  ///< of these folders, that the cluster does not have
        std::string cluster_error;             ///< why VMs are unknown; then queue and missing_vms are empty

        static void fields(auto& visit, auto& reply) {
            visit.required("scheduled", reply.scheduled);
            visit.required("deletions", reply.deletions);
            visit.required("queue", reply.queue);
            visit.required("missing_vms", reply.missing_vms);
            visit.optional("cluster_error", reply.cluster_error);
        }
    };
};

}  // namespace sb::rpc
