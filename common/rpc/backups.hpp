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
    /// False for a complete backup of which the cluster never said that its export was complete: it does not count as
    /// the VM's backup until it is accepted.
    bool end_known = true;
    bool known = true;    ///< false: the journal does not know it, so it is only what its manifest claims
    std::string cluster;  ///< the name of the cluster that made it; empty = not known, as the next two
    std::string cluster_uuid;
    std::string cluster_host;
    bool other_cluster = false;      ///< it is, or may be, of another cluster than the configured one
    bool cluster_uncertain = false;  ///< it may be of another cluster, or of the configured one
    std::string continued_by;        ///< uuid of the VM as whose backup it counts, if not its own; see links.list
    bool unanswered = false;         ///< its folder does not answer: what is shown is from before, or the journal's

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
        visit.optional("end_known", backup.end_known);
        visit.optional("known", backup.known);
        visit.optional("cluster", backup.cluster);
        visit.optional("cluster_uuid", backup.cluster_uuid);
        visit.optional("cluster_host", backup.cluster_host);
        visit.optional("other_cluster", backup.other_cluster);
        visit.optional("cluster_uncertain", backup.cluster_uncertain);
        visit.optional("continued_by", backup.continued_by);
        visit.optional("unanswered", backup.unanswered);
    }
};

/// A backup that was deleted and can be taken back.
struct DeletedInfo {
    std::string name;   ///< before it was deleted
    std::string entry;  ///< distinguishes those of the same name
    std::string vm;
    std::string vm_uuid;
    std::uint64_t size_bytes = 0;
    UtcTime deleted;
    UtcTime expires;     ///< from then on it may be removed; earlier if an export needs the room
    std::string reason;  ///< for people: the rule, or that a person asked for it

    static void fields(auto& visit, auto& deleted) {
        visit.required("name", deleted.name);
        visit.required("entry", deleted.entry);
        visit.required("vm", deleted.vm);
        visit.required("vm_uuid", deleted.vm_uuid);
        visit.required("size_bytes", deleted.size_bytes);
        visit.required("deleted", deleted.deleted);
        visit.required("expires", deleted.expires);
        visit.required("reason", deleted.reason);
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
    static constexpr bool heavy = true;
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
    static constexpr bool heavy = true;
    struct Params {};
    struct Reply {
        std::vector<RetentionInfo> backups;
        bool needs_confirmation = false;
        std::vector<std::string> problems;  ///< for people: as in ShowQueue

        static void fields(auto& visit, auto& reply) {
            visit.required("backups", reply.backups);
            visit.required("needs_confirmation", reply.needs_confirmation);
            visit.optional("problems", reply.problems);
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

/// A person deletes one backup. It can be taken back for [Schedule] UndeleteFor, unless `immediately`. Refused (-18) if
/// it is protected, in use, or of another cluster than `cluster` says, and, unless `confirmed`, if it is the last good
/// backup of a VM that still exists.
struct DeleteBackup {
    static constexpr std::string_view name = "backups.delete";
    static constexpr bool changes = true;
    struct Params {
        std::string backup;  ///< its name
        bool confirmed = false;
        bool immediately = false;
        /// Name, uuid or host of the other cluster that made it; empty = the configured cluster made it.
        std::string cluster;

        static void fields(auto& visit, auto& params) {
            visit.required("backup", params.backup);
            visit.optional("confirmed", params.confirmed);
            visit.optional("immediately", params.immediately);
            visit.optional("cluster", params.cluster);
        }
    };
    struct Reply {
        std::string deleted;                  ///< its name
        std::uint64_t size_bytes = 0;         ///< of it
        std::optional<UtcTime> can_undelete;  ///< until then; null = it is gone
        std::string problem;                  ///< for people: what of its files could not be removed; empty = nothing

        static void fields(auto& visit, auto& reply) {
            visit.required("deleted", reply.deleted);
            visit.required("size_bytes", reply.size_bytes);
            visit.required("can_undelete", reply.can_undelete);
            visit.required("problem", reply.problem);
        }
    };
};

/// The backups that can be taken back, the one deleted last first.
struct ListDeletedBackups {
    static constexpr std::string_view name = "backups.deleted";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {};
    struct Reply {
        std::vector<DeletedInfo> backups;

        static void fields(auto& visit, auto& reply) { visit.required("backups", reply.backups); }
    };
};

/// Takes a deleted backup back under its name, and protects it.
struct UndeleteBackup {
    static constexpr std::string_view name = "backups.undelete";
    static constexpr bool changes = true;
    struct Params {
        std::string backup;  ///< its name (of several the one deleted last), or its entry

        static void fields(auto& visit, auto& params) { visit.required("backup", params.backup); }
    };
    struct Reply {
        BackupInfo backup;

        static void fields(auto& visit, auto& reply) { visit.required("backup", reply.backup); }
    };
};

/// A person says that this export is complete, although the cluster never said so.
struct AcceptBackup {
    static constexpr std::string_view name = "backups.accept";
    static constexpr bool changes = true;
    struct Params {
        std::string backup;  ///< its name

        static void fields(auto& visit, auto& params) { visit.required("backup", params.backup); }
    };
    struct Reply {
        BackupInfo backup;

        static void fields(auto& visit, auto& reply) { visit.required("backup", reply.backup); }
    };
};

}  // namespace sb::rpc
