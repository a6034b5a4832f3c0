#pragma once
// The protocol's backups and their retention. How a struct lists its fields: methods.hpp.

#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

// ---- values ---------------------------------------------------------------------------------------

struct VerifiedInfo {
    std::string level;  ///< structure, content, reread (docs/verification.md)
    UtcTime at;

    static void fields(auto& visit, auto& verified) {
        visit.required("level", verified.level);
        visit.required("at", verified.at);
    }
};

struct BackupInfo {
    std::string name;
    std::string folder;  ///< its name on disk: the backup's, once the export is a backup
    std::string vm;
    std::string vm_uuid;
    std::string state;  ///< exporting, complete, unverified, incomplete, damaged
    bool scheduled = false;
    bool is_protected = false;
    std::optional<UtcTime> started;
    std::optional<UtcTime> completed;
    std::uint64_t size_bytes = 0;
    std::optional<VerifiedInfo> verified;
    std::string problem;  ///< for people; empty for a complete backup

    static void fields(auto& visit, auto& backup) {
        visit.required("name", backup.name);
        visit.required("folder", backup.folder);
        visit.required("vm", backup.vm);
        visit.required("vm_uuid", backup.vm_uuid);
        visit.required("state", backup.state);
        visit.required("scheduled", backup.scheduled);
        visit.required("protected", backup.is_protected);
        visit.required("started", backup.started);
        visit.required("completed", backup.completed);
        visit.required("size_bytes", backup.size_bytes);
        visit.required("verified", backup.verified);
        visit.optional("problem", backup.problem);
    }
};

/// What retention does with one backup.
struct RetentionInfo {
    std::string name;
    std::string vm;
    std::string vm_uuid;
    bool keep = true;
    std::string reason;  ///< the rule, for people

    static void fields(auto& visit, auto& backup) {
        visit.required("name", backup.name);
        visit.required("vm", backup.vm);
        visit.required("vm_uuid", backup.vm_uuid);
        visit.required("keep", backup.keep);
        visit.required("reason", backup.reason);
    }
};

// ---- methods --------------------------------------------------------------------------------------

struct ListBackups {
    static constexpr std::string_view name = "backups.list";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::vector<BackupInfo> backups;

        static void fields(auto& visit, auto& reply) { visit.required("backups", reply.backups); }
    };
};

struct ProtectBackup {
    static constexpr std::string_view name = "backups.protect";
    static constexpr bool changes = true;
    struct Params {
        std::string backup;  ///< its name
        bool is_protected = true;

        static void fields(auto& visit, auto& params) {
            visit.required("backup", params.backup);
            visit.optional("protected", params.is_protected);
        }
    };
    struct Reply {
        BackupInfo backup;

        static void fields(auto& visit, auto& reply) { visit.required("backup", reply.backup); }
    };
};

/// What retention would do now with every backup.
struct ShowRetention {
    static constexpr std::string_view name = "backups.retention";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::vector<RetentionInfo> backups;
        bool needs_confirmation = false;

        static void fields(auto& visit, auto& reply) {
            visit.required("backups", reply.backups);
            visit.required("needs_confirmation", reply.needs_confirmation);
        }
    };
};

/// Retention now. Deleting more than half of all backups is refused (-18) unless `confirmed`.
struct PruneBackups {
    static constexpr std::string_view name = "backups.prune";
    static constexpr bool changes = true;
    struct Params {
        bool confirmed = false;

        static void fields(auto& visit, auto& params) { visit.optional("confirmed", params.confirmed); }
    };
    struct Reply {
        std::vector<std::string> deleted;
        std::vector<std::string> problems;

        static void fields(auto& visit, auto& reply) {
            visit.required("deleted", reply.deleted);
            visit.required("problems", reply.problems);
        }
    };
};

}  // namespace sb::rpc
