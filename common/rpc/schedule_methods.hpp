#pragma once
// The part of the vocabulary that speaks of the schedule: runs, queue, reasons, plan, retention. See methods.hpp.

#include "common/ids.hpp"
#include "common/rpc/job_values.hpp"
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
    std::string trigger;  ///< "window" or "command"
    std::string state;    ///< "running" or "finished"
    std::string phase;    ///< pre_hook, exporting, delayed_hooks, clean_up, post_hook, finished
    UtcTime started;
    std::optional<UtcTime> finished;
    std::vector<JobId> jobs;  ///< in the order in which they were started
    int succeeded = 0;
    int failed = 0;
    std::vector<std::string> deleted;   ///< names of backups that retention removed
    std::vector<std::string> behind;    ///< VMs that were later than Tolerance allows when it ended
    std::vector<std::string> problems;  ///< in words: failed VMs, hooks, refused deletions
};

struct QueueEntry {
    std::string vm;
    std::string vm_uuid;
    std::optional<UtcTime> last_backup;
    std::optional<std::int64_t> age_seconds;
    std::string reason;          ///< what it waits for, in words
    std::optional<UtcTime> due;  ///< when its interval has passed, or will have; nothing = it was never backed up
    bool behind = false;         ///< later than Tolerance allows
};

struct VerdictInfo {
    std::string name;
    std::string vm;
    std::string vm_uuid;
    bool keep = true;
    std::string reason;  ///< the rule, in words
};

/// One night of the forecast.
struct NightInfo {
    struct Served {
        std::string vm;
        UtcTime starts;
        UtcTime ends;
    };
    UtcTime opens;
    UtcTime closes;
    std::vector<Served> served;
    std::vector<std::string> left_over;  ///< due, but the window was too short
    std::vector<std::string> deleted;    ///< backups that retention would remove
    std::uint64_t free_bytes = 0;        ///< afterwards
};

// ---- methods --------------------------------------------------------------------------------------

/// Starts a run now, or joins the one that is under way. Refused (-18) outside the window and while paused.
struct StartRun {
    static constexpr std::string_view name = "schedule.start";
    static constexpr bool changes = true;
    struct Params {};
    struct Reply {
        RunInfo run;
        bool joined = false;
    };
};

/// A run by its id, 0 = the newest.
struct GetRun {
    static constexpr std::string_view name = "runs.get";
    static constexpr bool changes = false;
    struct Params {
        std::uint64_t run = 0;
    };
    struct Reply {
        RunInfo run;
    };
};

/// Newest first.
struct ListRuns {
    static constexpr std::string_view name = "runs.list";
    static constexpr bool changes = false;
    struct Params {
        int limit = 20;
    };
    struct Reply {
        std::vector<RunInfo> runs;
    };
};

/// Every VM that the schedule serves, in order of priority.
struct ShowQueue {
    static constexpr std::string_view name = "queue.list";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::vector<QueueEntry> queue;
    };
};

struct Why {
    static constexpr std::string_view name = "vms.why";
    static constexpr bool changes = false;
    struct Params {
        std::string vm;  ///< name or uuid
    };
    struct Reply {
        std::string vm;
        std::string vm_uuid;
        std::vector<std::string> sentences;
    };
};

struct Forecast {
    static constexpr std::string_view name = "schedule.plan";
    static constexpr bool changes = false;
    struct Params {
        int days = 7;  ///< 1 to 366
    };
    struct Reply {
        std::vector<NightInfo> nights;
        std::optional<UtcTime> disk_full;
        std::vector<std::string> warnings;
    };
};

/// While paused no scheduled backup starts; survives a restart.
struct Pause {
    static constexpr std::string_view name = "schedule.pause";
    static constexpr bool changes = true;
    struct Params {
        bool paused = true;
    };
    struct Reply {
        bool paused = false;
    };
};

/// Retention now. A clean-up of more than half of all backups is refused (-18) without `yes`.
struct Prune {
    static constexpr std::string_view name = "backups.prune";
    static constexpr bool changes = true;
    struct Params {
        bool yes = false;
    };
    struct Reply {
        std::vector<std::string> deleted;
        std::vector<std::string> problems;
    };
};

/// What retention would do now, for every backup.
struct ShowRetention {
    static constexpr std::string_view name = "backups.retention";
    static constexpr bool changes = false;
    struct Params {};
    struct Reply {
        std::vector<VerdictInfo> verdicts;
        bool needs_confirmation = false;
    };
};

struct Protect {
    static constexpr std::string_view name = "backups.protect";
    static constexpr bool changes = true;
    struct Params {
        std::string backup;
        bool is_protected = true;  ///< "protected" in JSON
    };
    struct Reply {
        BackupInfo backup;
    };
};

/// Sends one mail as configured and says how it went.
struct TestMail {
    static constexpr std::string_view name = "mail.test";
    static constexpr bool changes = true;
    struct Params {};
    struct Reply {
        std::vector<std::string> recipients;
    };
};

}  // namespace sb::rpc
