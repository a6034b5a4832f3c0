#pragma once
// The protocol's schedule: runs, queue, plan, pause. How a struct lists its fields: methods.hpp.

#include "common/ids.hpp"
#include "common/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sb::rpc {

// ---- values ---------------------------------------------------------------------------------------

/// One scheduled run: from the first VM that was due to the clean-up and the PostSchedule hook.
struct RunInfo {
    std::uint64_t id = 0;
    std::string trigger;  ///< window, command
    std::string state;    ///< running, finished
    std::string phase;    ///< pre_hook, exporting, waiting, delayed_hooks, clean_up, post_hook, finished
    UtcTime started;
    std::optional<UtcTime> finished;
    std::vector<JobId> jobs;  ///< in the order in which they were started
    int succeeded = 0;
    int failed = 0;
    std::vector<std::string> deleted;      ///< names of backups that retention deleted
    std::vector<std::string> behind;       ///< VMs that were later than Tolerance allows when the run finished
    std::vector<std::string> problems;     ///< for people: failed VMs, hooks, refused deletions
    std::vector<std::string> not_reached;  ///< VMs that were due when the window closed, and had not been started

    static void fields(auto& visit, auto& run) {
        visit.required("id", run.id);
        visit.required("trigger", run.trigger);
        visit.required("state", run.state);
        visit.required("phase", run.phase);
        visit.required("started", run.started);
        visit.required("finished", run.finished);
        visit.required("jobs", run.jobs);
        visit.required("succeeded", run.succeeded);
        visit.required("failed", run.failed);
        visit.required("deleted", run.deleted);
        visit.required("behind", run.behind);
        visit.required("problems", run.problems);
        visit.optional("not_reached", run.not_reached);
    }
};

struct QueueEntry {
    std::string vm;
    std::string vm_uuid;
    std::optional<UtcTime> last_backup;
    std::optional<std::int64_t> age_seconds;
    std::string reason;             ///< for people: what it waits for
    std::optional<UtcTime> due_at;  ///< when its interval has passed or will have; nothing = it was never backed up
    bool behind = false;            ///< later than Tolerance allows
    bool due = false;

    static void fields(auto& visit, auto& entry) {
        visit.required("vm", entry.vm);
        visit.required("vm_uuid", entry.vm_uuid);
        visit.required("due", entry.due);
        visit.required("last_backup", entry.last_backup);
        visit.required("age_seconds", entry.age_seconds);
        visit.required("reason", entry.reason);
        visit.optional("due_at", entry.due_at);
        visit.optional("behind", entry.behind);
    }
};

/// One night of the forecast.
struct NightInfo {
    struct Backup {
        std::string vm;
        UtcTime starts;
        UtcTime ends;

        static void fields(auto& visit, auto& backup) {
            visit.required("vm", backup.vm);
            visit.required("starts", backup.starts);
            visit.required("ends", backup.ends);
        }
    };
    UtcTime opens;
    UtcTime closes;
    std::vector<Backup> backed_up;
    std::vector<std::string> not_reached;  ///< VMs that are due, but the window is too short
    std::vector<std::string> deleted;      ///< backups that retention would delete
    std::uint64_t free_bytes = 0;          ///< afterwards

    static void fields(auto& visit, auto& night) {
        visit.required("opens", night.opens);
        visit.required("closes", night.closes);
        visit.required("backed_up", night.backed_up);
        visit.required("not_reached", night.not_reached);
        visit.required("deleted", night.deleted);
        visit.required("free_bytes", night.free_bytes);
    }
};

// ---- methods --------------------------------------------------------------------------------------

/// Starts a run now, or joins the one that is in progress. Refused (-18) outside the window and while paused.
struct StartRun {
    static constexpr std::string_view name = "schedule.start";
    static constexpr bool changes = true;
    struct Params {};
    struct Reply {
        RunInfo run;
        bool joined = false;

        static void fields(auto& visit, auto& reply) {
            visit.required("run", reply.run);
            visit.required("joined", reply.joined);
        }
    };
};

/// While paused no scheduled backup starts; survives a restart.
struct PauseSchedule {
    static constexpr std::string_view name = "schedule.pause";
    static constexpr bool changes = true;
    struct Params {
        bool paused = true;

        static void fields(auto& visit, auto& params) { visit.optional("paused", params.paused); }
    };
    struct Reply {
        bool paused = false;

        static void fields(auto& visit, auto& reply) { visit.required("paused", reply.paused); }
    };
};

/// The administrator says that the clock is right: backups are deleted again. See the condition clock_in_doubt.
struct AcceptClock {
    static constexpr std::string_view name = "clock.accept";
    static constexpr bool changes = true;
    struct Params {};
    struct Reply {
        UtcTime time;        ///< what the clock shows
        std::string remark;  ///< for people: how far the cluster's clock is constantly off; empty = it is not

        static void fields(auto& visit, auto& reply) {
            visit.required("time", reply.time);
            visit.required("remark", reply.remark);
        }
    };
};

struct Forecast {
    static constexpr std::string_view name = "schedule.plan";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {
        int days = 7;  ///< 1 to 366

        static void fields(auto& visit, auto& params) { visit.optional("days", params.days); }
    };
    struct Reply {
        std::vector<NightInfo> nights;
        std::optional<UtcTime> disk_full_at;
        std::vector<std::string> warnings;

        static void fields(auto& visit, auto& reply) {
            visit.required("nights", reply.nights);
            visit.required("disk_full_at", reply.disk_full_at);
            visit.required("warnings", reply.warnings);
        }
    };
};

/// Newest first.
struct ListRuns {
    static constexpr std::string_view name = "runs.list";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {
        int limit = 20;

        static void fields(auto& visit, auto& params) { visit.optional("limit", params.limit); }
    };
    struct Reply {
        std::vector<RunInfo> runs;

        static void fields(auto& visit, auto& reply) { visit.required("runs", reply.runs); }
    };
};

/// A run by its id, 0 = the newest.
struct GetRun {
    static constexpr std::string_view name = "runs.get";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;  // it may have to look through all that the journal keeps
    struct Params {
        std::uint64_t run = 0;

        static void fields(auto& visit, auto& params) { visit.optional("run", params.run); }
    };
    struct Reply {
        RunInfo run;

        static void fields(auto& visit, auto& reply) { visit.required("run", reply.run); }
    };
};

/// Every VM that the schedule includes, in order of priority.
struct ShowQueue {
    static constexpr std::string_view name = "queue.list";
    static constexpr bool changes = false;
    static constexpr bool heavy = true;
    struct Params {};
    struct Reply {
        std::vector<QueueEntry> queue;
        std::vector<std::string> problems;  ///< for people: as of which earlier time the VMs are shown, and why

        static void fields(auto& visit, auto& reply) {
            visit.required("queue", reply.queue);
            visit.optional("problems", reply.problems);
        }
    };
};

}  // namespace sb::rpc
