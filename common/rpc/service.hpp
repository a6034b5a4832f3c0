#pragma once
// The protocol's daemon: version, status, health check, reload, test mail. How a struct lists its fields: methods.hpp.

#include "common/rpc/schedule.hpp"

namespace sb::rpc {

/// Raised when a method changes its meaning; new fields and methods do not raise it.
inline constexpr int protocol_version = 1;

// ---- values ---------------------------------------------------------------------------------------

struct FindingInfo {
    std::string subject;  ///< "cluster login", "backup folder"
    std::string status;   ///< ok, unknown, warning, error
    std::string message;
    std::string remedy;  ///< what to do; empty if there is nothing to do

    static void fields(auto& visit, auto& finding) {
        visit.required("subject", finding.subject);
        visit.required("status", finding.status);
        visit.required("message", finding.message);
        visit.required("remedy", finding.remedy);
    }
};

// ---- methods --------------------------------------------------------------------------------------

struct Version {
    static constexpr std::string_view name = "version";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::string version;
        int protocol = protocol_version;

        static void fields(auto& visit, auto& reply) {
            visit.required("version", reply.version);
            visit.required("protocol", reply.protocol);
        }
    };
};

/// The delayed PostBackup hook that runs now.
struct DelayedHookInfo {
    std::string backup;
    std::string vm;
    UtcTime since;           ///< when it was started
    std::uint64_t owed = 0;  ///< how many have not run, with this one

    static void fields(auto& visit, auto& hook) {
        visit.required("backup", hook.backup);
        visit.required("vm", hook.vm);
        visit.required("since", hook.since);
        visit.required("owed", hook.owed);
    }
};

struct Status {
    static constexpr std::string_view name = "status";
    static constexpr bool changes = false;
    struct Params {};
    struct Node {
        std::string host;
        bool in_use = false;            ///< the next call goes there
        std::optional<bool> reachable;  ///< null = not tried yet
        bool wrong_certificate = false;
        std::string error;  ///< for people: why it is unreachable or not trusted

        static void fields(auto& visit, auto& node) {
            visit.required("host", node.host);
            visit.required("in_use", node.in_use);
            visit.required("reachable", node.reachable);
            visit.optional("wrong_certificate", node.wrong_certificate);
            visit.optional("error", node.error);
        }
    };
    struct Cluster {
        std::string host;
        std::optional<bool> reachable;  ///< null = not tried yet
        std::string error;              ///< for people: why it is unreachable
        std::vector<Node> nodes;
        std::string uuid;  ///< empty = the cluster does not say, or has not been asked
        std::string name;
        std::optional<UtcTime> asked;  ///< when `reachable` was found; null = not tried yet

        static void fields(auto& visit, auto& cluster) {
            visit.required("host", cluster.host);
            visit.required("reachable", cluster.reachable);
            visit.required("error", cluster.error);
            visit.optional("nodes", cluster.nodes);
            visit.optional("uuid", cluster.uuid);
            visit.optional("name", cluster.name);
            visit.optional("asked", cluster.asked);
        }
    };
    struct Window {
        bool configured = false;
        bool open = false;
        std::optional<UtcTime> opens;
        std::optional<UtcTime> closes;

        static void fields(auto& visit, auto& window) {
            visit.required("configured", window.configured);
            visit.required("open", window.open);
            visit.required("opens", window.opens);
            visit.required("closes", window.closes);
        }
    };
    struct Jobs {
        int queued = 0;
        int running = 0;

        static void fields(auto& visit, auto& jobs) {
            visit.required("queued", jobs.queued);
            visit.required("running", jobs.running);
        }
    };
    struct Backups {
        std::uint64_t count = 0;
        std::uint64_t size_bytes = 0;
        /// How many of them are, or may be, of another cluster: they are kept, and count for nothing.
        std::uint64_t other_clusters_count = 0;
        std::uint64_t other_clusters_bytes = 0;
        /// Not among them: the journal does not know them, so their number and size are only what was put there.
        std::uint64_t unknown_count = 0;
        std::uint64_t unknown_bytes = 0;
        std::uint64_t deleted_count = 0;     ///< not among them: deleted ones that can be taken back
        std::uint64_t unanswered_count = 0;  ///< not among them: their folders do not answer
        std::optional<UtcTime> counted;      ///< when the folders were last read; null = not since the start

        static void fields(auto& visit, auto& backups) {
            visit.required("count", backups.count);
            visit.required("size_bytes", backups.size_bytes);
            visit.optional("other_clusters_count", backups.other_clusters_count);
            visit.optional("other_clusters_bytes", backups.other_clusters_bytes);
            visit.optional("unknown_count", backups.unknown_count);
            visit.optional("unknown_bytes", backups.unknown_bytes);
            visit.optional("deleted_count", backups.deleted_count);
            visit.optional("unanswered_count", backups.unanswered_count);
            visit.optional("counted", backups.counted);
        }
    };
    struct Storage {
        std::string path;
        std::uint64_t free_bytes = 0;
        std::uint64_t total_bytes = 0;
        std::uint64_t reclaimable_bytes = 0;  ///< of deleted backups: freed when an export needs the room
        std::optional<UtcTime> measured;      ///< when the free space was read; null = not since the start

        static void fields(auto& visit, auto& storage) {
            visit.required("path", storage.path);
            visit.required("free_bytes", storage.free_bytes);
            visit.required("total_bytes", storage.total_bytes);
            visit.optional("reclaimable_bytes", storage.reclaimable_bytes);
            visit.optional("measured", storage.measured);
        }
    };
    /// What is wrong now.
    struct Condition {
        std::string kind;      ///< a row of the table in docs/json-rpc.md
        std::string subject;   ///< a VM's uuid, a backup's name, a path; empty = there is only one
        std::string severity;  ///< error, warning
        UtcTime since;
        UtcTime confirmed;    ///< when it was last found to be so
        std::string summary;  ///< what is wrong, and what that means
        std::string reason;
        std::string remedy;  ///< what to do

        static void fields(auto& visit, auto& condition) {
            visit.required("kind", condition.kind);
            visit.required("subject", condition.subject);
            visit.required("severity", condition.severity);
            visit.required("since", condition.since);
            visit.required("confirmed", condition.confirmed);
            visit.required("summary", condition.summary);
            visit.required("reason", condition.reason);
            visit.required("remedy", condition.remedy);
        }
    };
    struct Reply {
        std::string version;
        int pid = 0;
        std::int64_t uptime_seconds = 0;
        Cluster cluster;
        Window window;
        bool paused = false;
        std::string time_zone;  ///< for people: of the daemon, "Europe/Berlin (UTC+01:00)"
        std::string clock;      ///< for people: how far the cluster's clock is constantly off; empty = it is not
        Jobs jobs;
        std::optional<UtcTime> last_success;
        std::optional<RunInfo> last_run;
        std::optional<DelayedHookInfo> delayed_hook;
        std::vector<std::string> behind;    ///< VMs whose backup is overdue
        std::vector<std::string> problems;  ///< for people: what prevents scheduled backups
        std::vector<Condition> conditions;  ///< errors first
        Backups backups;
        Storage storage;

        static void fields(auto& visit, auto& reply) {
            visit.required("version", reply.version);
            visit.required("pid", reply.pid);
            visit.required("uptime_seconds", reply.uptime_seconds);
            visit.required("cluster", reply.cluster);
            visit.required("window", reply.window);
            visit.required("paused", reply.paused);
            visit.optional("time_zone", reply.time_zone);
            visit.optional("clock", reply.clock);
            visit.required("jobs", reply.jobs);
            visit.required("last_success", reply.last_success);
            visit.optional("last_run", reply.last_run);
            visit.optional("delayed_hook", reply.delayed_hook);
            visit.required("behind", reply.behind);
            visit.optional("problems", reply.problems);
            visit.optional("conditions", reply.conditions);
            visit.required("backups", reply.backups);
            visit.required("storage", reply.storage);
        }
    };
};

/// Checks everything that backups depend on. Takes as long as the slowest check, at most about two minutes.
struct CheckHealth {
    static constexpr std::string_view name = "daemon.check";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {};
    struct Reply {
        std::vector<FindingInfo> findings;
        std::string error_code;  ///< name_of(Errc) of the worst finding; empty if none is an error

        static void fields(auto& visit, auto& reply) {
            visit.required("findings", reply.findings);
            visit.required("error_code", reply.error_code);
        }
    };
};

/// Reads the configuration again. If it has problems, it is not used: reloaded is false.
struct Reload {
    static constexpr std::string_view name = "daemon.reload";
    static constexpr bool changes = true;
    struct Params {};
    struct Reply {
        bool reloaded = false;
        std::vector<std::string> problems;  ///< "config.toml:4:12: SMB.Password: …", one for each
        std::vector<std::string> warnings;
        std::vector<std::string> changed;  ///< keys, as "Schedule.MaxBackups"; sections, as "[Schedule] (removed)"
        std::vector<std::string> needs_restart;  ///< keys that take effect after a restart

        /// For the log.
        std::string outcome() const { return reloaded ? "done" : "rejected, the configuration was not changed"; }

        static void fields(auto& visit, auto& reply) {
            visit.required("reloaded", reply.reloaded);
            visit.required("problems", reply.problems);
            visit.required("warnings", reply.warnings);
            visit.required("changed", reply.changed);
            visit.required("needs_restart", reply.needs_restart);
        }
    };
};

/// Sends one mail as configured and waits for the mail server's answer.
struct TestMail {
    static constexpr std::string_view name = "mail.test";
    static constexpr bool changes = true;
    struct Params {};
    struct Reply {
        std::vector<std::string> recipients;

        static void fields(auto& visit, auto& reply) { visit.required("recipients", reply.recipients); }
    };
};

}  // namespace sb::rpc
