#pragma once
// The part of the vocabulary that takes over folders of another program as backups. One folder a call, so that a caller
// can show progress and stop between two. See methods.hpp.

#include "common/rpc/schedule_methods.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

struct AdoptionInfo {
    std::string name;
    std::string vm;  ///< as the definition says; empty if it cannot be read
    std::string vm_uuid;
    bool scheduled = false;
    std::optional<UtcTime> started;
    std::uint64_t size_bytes = 0;
    std::string verdict;  ///< adoptable, adopted, left_alone, incomplete, damaged, refused, not_found
    std::string reason;   ///< in words
    std::vector<std::string> notes;
};

/// Folders that could be taken over: without a manifest, but with files or the name of an export.
struct ListOldFolders {
    static constexpr std::string_view name = "adopt.list";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::vector<std::string> folders;
    };
};

/// Looks at one folder in full and says what adopt.apply would do.
struct InspectOldFolder {
    static constexpr std::string_view name = "adopt.inspect";
    static constexpr bool changes = false;
    struct Params {
        std::string folder;
    };
    struct Reply {
        AdoptionInfo folder;
    };
};

/// Looks again and writes the manifest, if it is adoptable.
struct AdoptFolder {
    static constexpr std::string_view name = "adopt.apply";
    static constexpr bool changes = true;
    struct Params {
        std::string folder;
        bool is_protected = false;  ///< "protected" in JSON
    };
    struct Reply {
        AdoptionInfo folder;
    };
};

/// What the rules of the schedule would make of folders that adopt.inspect found adoptable. Changes nothing.
struct AdoptionPreview {
    static constexpr std::string_view name = "adopt.preview";
    static constexpr bool changes = false;
    struct Params {
        std::vector<std::string> folders;  ///< names; empty = every one that was looked at and has not been adopted
    };
    struct Reply {
        bool scheduled = false;              ///< there is a [Schedule]
        std::vector<VerdictInfo> deletions;  ///< what the next clean-up would delete, if nothing is protected
        std::vector<QueueEntry> queue;       ///< as queue.list would show it then
        std::vector<std::string> gone_vms;   ///< of these folders, that the cluster does not have
        std::string cluster_error;           ///< why VMs are not known; then queue and gone_vms are empty
    };
};

}  // namespace sb::rpc
