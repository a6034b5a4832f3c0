#pragma once
// A job as a row of the journal.

#include "daemon/core/job.hpp"
#include "daemon/journal/database.hpp"

namespace sb::journal {

/// Columns in the order that bind_job and read_job use, without the id.
inline constexpr char const* job_columns =
    "kind, vm, vm_name, backup, definition_file, scheduled, phase, outcome, cancel_requested, error_code, "
    "error_context, disks, expected_bytes, tag_before, tag, percent, queued, started, posted, finished, pre_hook, "
    "post_hook, warnings, level, forced, attempt, export_end, revision, "
    "delayed_hook, cluster_uuid, cluster_name, cluster_host, size_bytes, is_claim, inspected";
inline constexpr int job_column_count = 35;

/// Binds ?1 to ?35.
void bind_job(Statement& statement, core::Job const& job);
/// Reads a row "id, job_columns". Throws DatabaseError (as for a damaged file) for a value that this version does not
/// know. Only the end of an export may be such a value: it is unknown then, so that the files decide.
core::Job read_job(Statement const& row);

}  // namespace sb::journal
