#pragma once
// The control protocol's vocabulary: one struct for each method, used by both programs.
// Field names in JSON are those of the members (is_protected is "protected"). docs/json-rpc.md is the reference.

#include "common/ids.hpp"
#include "common/rpc/doctor_methods.hpp"
#include "common/rpc/disk_methods.hpp"
#include "common/rpc/adopt_methods.hpp"
#include "common/rpc/job_values.hpp"
#include "common/rpc/schedule_methods.hpp"
#include "common/rpc/service_methods.hpp"
#include "common/rpc/verify_methods.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

/// Raised when a method changes its meaning; new fields and methods do not raise it.
inline constexpr int protocol_version = 1;

// ---- methods --------------------------------------------------------------------------------------
// `changes`: the method changes something, so a caller with read-only rights is refused.

struct Version {
    static constexpr std::string_view name = "version";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::string version;
        int protocol = protocol_version;
    };
};

struct Status {
    static constexpr std::string_view name = "status";
    static constexpr bool changes = false;
    struct Params {};
    struct Cluster {
        std::string host;
        std::optional<bool> reachable;  ///< null = not tried yet
        std::string error;              ///< in words, when not reachable
        struct Node {
            std::string host;
            bool in_use = false;          ///< the next call goes there
            std::optional<bool> answers;  ///< null = not tried yet
            bool wrong_certificate = false;
            std::string problem;  ///< in words, when it does not answer or is not believed
        };
        std::vector<Node> nodes;
    };
    struct Window {
        bool configured = false;
        bool open = false;
        std::optional<UtcTime> opens;
        std::optional<UtcTime> closes;
    };
    struct Jobs {
        int queued = 0;
        int running = 0;
    };
    struct Backups {
        std::uint64_t count = 0;
        std::uint64_t size_bytes = 0;
    };
    struct Storage {
        std::string path;
        std::uint64_t free_bytes = 0;
        std::uint64_t total_bytes = 0;
    };
    struct Reply {
        std::string version;
        int pid = 0;
        std::int64_t uptime_seconds = 0;
        Cluster cluster;
        Window window;
        bool paused = false;
        Jobs jobs;
        std::optional<UtcTime> last_success;
        std::optional<RunInfo> last_run;
        std::vector<std::string> behind;
        std::vector<std::string> problems;  ///< what keeps the schedule from its work, in words
        Backups backups;
        Storage storage;
    };
};

struct ListVms {
    static constexpr std::string_view name = "vms.list";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::vector<VmInfo> vms;
    };
};

struct ListBackups {
    static constexpr std::string_view name = "backups.list";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::vector<BackupInfo> backups;
    };
};

/// Running and queued jobs, and the newest `limit` ended ones, newest first.
struct ListJobs {
    static constexpr std::string_view name = "jobs.list";
    static constexpr bool changes = false;
    struct Params {
        int limit = 100;
    };
    struct Reply {
        std::vector<JobInfo> jobs;
    };
};

struct StartBackup {
    static constexpr std::string_view name = "backup.start";
    static constexpr bool changes = true;
    struct Params {
        std::string vm;      ///< name or uuid
        std::string backup;  ///< name of the new folder
    };
    struct Reply {
        JobInfo job;
    };
};

struct StartRestore {
    static constexpr std::string_view name = "restore.start";
    static constexpr bool changes = true;
    struct Params {
        std::string backup;  ///< name of the folder
        std::string vm;      ///< name of the new VM
        bool force = false;  ///< also if the backup is damaged
    };
    struct Reply {
        JobInfo job;
    };
};

struct CancelJob {
    static constexpr std::string_view name = "jobs.cancel";
    static constexpr bool changes = true;
    struct Params {
        JobId job = 0;
    };
    struct Reply {
        JobInfo job;
        std::string note;  ///< in words, what will happen now
    };
};

/// From now on this connection gets a JobChanged notification at each change of the job (0 = of all jobs).
/// The reply is the present state, so that nothing is missed in between.
struct SubscribeJobs {
    static constexpr std::string_view name = "jobs.subscribe";
    static constexpr bool changes = false;
    struct Params {
        JobId job = 0;
    };
    struct Reply {
        std::vector<JobInfo> jobs;
    };
};

// ---- notifications --------------------------------------------------------------------------------

struct JobChanged {
    static constexpr std::string_view name = "job.changed";
    struct Params {
        JobInfo job;
    };
};

}  // namespace sb::rpc
