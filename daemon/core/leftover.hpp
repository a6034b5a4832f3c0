#pragma once
// What becomes of the landing folder of an unsuccessful export: it may be deleted if the cluster can no longer write to
// it and it cannot be a backup; if it is a complete one, it becomes a backup after all. Where the outcome of the export
// is not known, its files decide.

#include "common/time.hpp"
#include "daemon/core/job.hpp"

#include <string>
#include <string_view>

namespace sb::core {

/// What is known about a landing folder.
struct Leftover {
    bool from_unsuccessful_job = false;  ///< the journal has an export into it that ended without success
    bool has_unfinished_job = false;     ///< one uses its backup's name
    bool task_may_write = false;         ///< a task of the cluster has not finished, or its state is not known
    bool has_manifest = false;           ///< that of this export: making it a backup was interrupted
    bool unreadable = false;             ///< it could not be read
    std::string spoiled = {};            ///< why it can no longer become a backup, although it has its manifest
    std::string foreign_entry = {};      ///< something in it that no export wrote
    bool is_worthless = false;           ///< whatever its files look like
    ExportEnd end = ExportEnd::unknown;
    enum class Content { none, whole, broken };
    Content content = Content::none;  ///< of its files; none = they could not be inspected
    UtcTime job_ended;
    UtcTime newest_change;        ///< of its files
    UtcTime folder_changed = {};  ///< when a name in it last changed: a person may be at work there
};

enum class LeftoverReason {
    removable,
    rescuable,  ///< it is a complete backup that only needs its name
    not_ours,
    job_unfinished,
    task_may_write,
    unreadable,
    too_young,
    changed_since,
    may_be_a_backup,
    not_inspected,
    spoiled,
    holds_other_files,
};

inline constexpr std::chrono::hours leftover_age{24};
/// A file of a failed export may be dated a little later than the end of the job: a share lags, clocks differ.
inline constexpr std::chrono::minutes late_write{10};

/// Whether a finished job may have left a landing folder behind. Exports of earlier versions went into the folder with
/// the backup's name, which another program may have filled since: those are never touched.
bool may_have_left_a_folder(Job const& job);

/// The export was cancelled, the cluster reported that it failed, or data may be missing that no inspection misses.
bool is_worthless_export(Job const& job);

/// Whether the task may be the job's export, still running. A task without an object may work on any VM.
bool may_write_into(Job const& job, TaskReport const& task);

/// not_inspected: the content decides, and is `none`.
LeftoverReason evaluate_leftover(Leftover const& folder, UtcTime now);

/// "kept: it cannot be read". `backup`: the name that was ordered.
std::string explain(LeftoverReason reason, Leftover const& folder, std::string_view backup);

}  // namespace sb::core
