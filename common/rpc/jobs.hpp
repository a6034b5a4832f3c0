#pragma once
// The protocol's jobs: backups, restores, verifications. How a struct lists its fields: methods.hpp.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

// ---- values ---------------------------------------------------------------------------------------

struct JobInfo {
    JobId id = 0;
    std::string kind;  ///< backup, restore, verify …
    std::string vm;
    std::string vm_uuid;
    std::string backup;
    std::string folder;  ///< backup: where its files are, empty until it is prepared
    std::string level;   ///< verify: structure, content, reread
    bool scheduled = false;
    std::string state;  ///< queued, running, succeeded, failed, cancelled, lost
    std::string phase;  ///< queued, preparing, pre_hook, posting, resolving, following, inspecting, reading,
                        ///< committing, discarding, post_hook, finished
    std::optional<int> percent;
    std::string task_tag;
    std::optional<std::string> error;   ///< for people
    std::vector<std::string> warnings;  ///< for people: what failed without failing the job
    std::string error_code;             ///< for programs: name_of(Errc), empty without an error
    bool cancel_requested = false;
    std::uint64_t expected_bytes = 0;  ///< the size that the export is expected to have; 0 = unknown
    UtcTime queued;
    std::optional<UtcTime> started;
    std::optional<UtcTime> finished;

    static void fields(auto& visit, auto& job) {
        visit.required("id", job.id);
        visit.required("kind", job.kind);
        visit.required("vm", job.vm);
        visit.required("vm_uuid", job.vm_uuid);
        visit.required("backup", job.backup);
        visit.required("folder", job.folder);
        visit.optional("level", job.level);
        visit.optional("scheduled", job.scheduled);
        visit.required("state", job.state);
        visit.required("phase", job.phase);
        visit.required("percent", job.percent);
        visit.required("task_tag", job.task_tag);
        visit.required("error", job.error);
        visit.optional("error_code", job.error_code);
        visit.optional("warnings", job.warnings);
        visit.optional("cancel_requested", job.cancel_requested);
        visit.optional("expected_bytes", job.expected_bytes);
        visit.required("queued", job.queued);
        visit.required("started", job.started);
        visit.required("finished", job.finished);
    }
};

// ---- methods --------------------------------------------------------------------------------------

/// Running and queued jobs, and the newest `limit` finished ones, newest first. To go further back: the call again
/// with the id of the oldest finished job as `before`; then finished jobs alone.
struct ListJobs {
    static constexpr std::string_view name = "jobs.list";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {
        int limit = 100;   ///< at most 1000
        JobId before = 0;  ///< only finished jobs with a lower id; 0 = the newest, and those that are not finished

        static void fields(auto& visit, auto& params) {
            visit.optional("limit", params.limit);
            visit.optional("before", params.before);
        }
    };
    struct Reply {
        std::vector<JobInfo> jobs;

        static void fields(auto& visit, auto& reply) { visit.required("jobs", reply.jobs); }
    };
};

struct StartBackup {
    static constexpr std::string_view name = "backup.start";
    static constexpr bool changes = true;
    struct Params {
        std::string vm;      ///< name or uuid
        std::string backup;  ///< name of the new backup

        static void fields(auto& visit, auto& params) {
            visit.required("vm", params.vm);
            visit.required("backup", params.backup);
        }
    };
    struct Reply {
        JobInfo job;

        static void fields(auto& visit, auto& reply) { visit.required("job", reply.job); }
    };
};

struct StartRestore {
    static constexpr std::string_view name = "restore.start";
    static constexpr bool changes = true;
    struct Params {
        std::string backup;  ///< its name
        std::string vm;      ///< name of the new VM
        bool force = false;  ///< also if the backup is damaged

        static void fields(auto& visit, auto& params) {
            visit.required("backup", params.backup);
            visit.required("vm", params.vm);
            visit.optional("force", params.force);
        }
    };
    struct Reply {
        JobInfo job;

        static void fields(auto& visit, auto& reply) { visit.required("job", reply.job); }
    };
};

/// One job of kind verify for each backup; without names for every backup that can be verified.
struct StartVerify {
    static constexpr std::string_view name = "verify.start";
    static constexpr bool changes = true;
    static constexpr bool heavy = true;  // a job of each backup
    struct Params {
        std::vector<std::string> backups;  ///< their names; empty = all
        std::string level = "content";     ///< structure, content, reread

        static void fields(auto& visit, auto& params) {
            visit.optional("backups", params.backups);
            visit.optional("level", params.level);
        }
    };
    struct Reply {
        std::vector<JobInfo> jobs;

        static void fields(auto& visit, auto& reply) { visit.required("jobs", reply.jobs); }
    };
};

struct CancelJob {
    static constexpr std::string_view name = "jobs.cancel";
    static constexpr bool changes = true;
    struct Params {
        JobId job = 0;

        static void fields(auto& visit, auto& params) { visit.required("job", params.job); }
    };
    struct Reply {
        JobInfo job;
        std::string note;  ///< for people: what happens now

        static void fields(auto& visit, auto& reply) {
            visit.required("job", reply.job);
            visit.optional("note", reply.note);
        }
    };
};

/// From now on this connection gets a JobChanged notification at each change of the job (0 = of all jobs).
/// The reply is the current state, so that no change in between is missed.
struct SubscribeJobs {
    static constexpr std::string_view name = "jobs.subscribe";
    static constexpr bool changes = false;
    struct Params {
        JobId job = 0;

        static void fields(auto& visit, auto& params) { visit.optional("job", params.job); }
    };
    struct Reply {
        std::vector<JobInfo> jobs;

        static void fields(auto& visit, auto& reply) { visit.required("jobs", reply.jobs); }
    };
};

// ---- notifications --------------------------------------------------------------------------------

struct JobChanged {
    static constexpr std::string_view name = "job.changed";
    struct Params {
        JobInfo job;

        static void fields(auto& visit, auto& params) { visit.required("job", params.job); }
    };
};

}  // namespace sb::rpc
