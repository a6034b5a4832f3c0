#include "daemon/journal/jobs_table.hpp"

#include "daemon/journal/last_id.hpp"

#include <spdlog/spdlog.h>

namespace sb::journal {
namespace {

constexpr char const* insert_sql =
    "INSERT INTO jobs (kind, vm, vm_name, backup, definition_file, scheduled, phase, outcome, cancel_requested, "
    "error_code,"
    " error_context, disks, expected_bytes, tag_before, tag, percent, queued, started, posted, finished,"
    " pre_hook, post_hook, warnings, level, forced, attempt, export_end, revision, delayed_hook, cluster_uuid,"
    " cluster_name, cluster_host, size_bytes, is_claim, inspected, id)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
    " ?21, ?22, ?23, ?24, ?25, ?26, ?27, ?28, ?29, ?30,"
    " ?31, ?32, ?33, ?34, ?35, ?36)";
constexpr char const* update_sql =
    "UPDATE jobs SET kind = ?1, vm = ?2, vm_name = ?3, backup = ?4, definition_file = ?5, scheduled = ?6, phase = ?7,"
    " outcome = ?8, cancel_requested = ?9, error_code = ?10, error_context = ?11, disks = ?12, expected_bytes = ?13,"
    " tag_before = ?14, tag = ?15, percent = ?16, queued = ?17, started = ?18, posted = ?19, finished = ?20,"
    " pre_hook = ?21, post_hook = ?22, warnings = ?23, level = ?24, forced = ?25,"
    " attempt = ?26, export_end = ?27, revision = ?28, delayed_hook = ?29, cluster_uuid = ?30,"
    " cluster_name = ?31, cluster_host = ?32, size_bytes = ?33, is_claim = ?34, inspected = ?35"
    " WHERE id = ?36 AND revision <= ?28";

std::int64_t column_of_id(JobId id) { return static_cast<std::int64_t>(id); }

Statement jobs_where(Database& database, std::string const& condition, std::optional<std::int64_t> value) {
    auto query = database.prepare(("SELECT id, " + std::string(job_columns) + " FROM jobs " + condition).c_str());
    if (value) query.bind(1, *value);
    return query;
}

}  // namespace

std::vector<core::Job> select_jobs(Database& database, std::string const& condition,
                                   std::optional<std::int64_t> value) {
    auto query = jobs_where(database, condition, value);
    std::vector<core::Job> jobs;
    while (query.step()) jobs.push_back(read_job(query));
    return jobs;
}

std::vector<core::Job> select_readable_jobs(Database& database, std::string const& condition,
                                            std::optional<std::int64_t> value) {
    auto query = jobs_where(database, condition, value);
    std::vector<core::Job> jobs;
    while (query.step()) {
        try {
            jobs.push_back(read_job(query));
        } catch (DatabaseError const& failure) {
            spdlog::warn("skipped the journal's record of job {}: {}", query.integer(0), failure.message);
        }
    }
    return jobs;
}

JobId insert_job(Database& database, core::Job const& job) {
    // SQLite would report a full disk. Reopening the file removes what used the numbers up.
    if (last_id(database, "jobs") >= max_id) throw DatabaseError{SQLITE_CORRUPT, "no number is left for another job"};
    auto insert = database.prepare(insert_sql);
    bind_job(insert, job);
    insert.bind(job_column_count + 1, std::optional<std::int64_t>());
    insert.step();
    return static_cast<JobId>(database.last_row_id());
}

bool insert_job_with_id(Database& database, core::Job const& job) {
    if (recorded_phase(database, job.id)) return false;
    auto insert = database.prepare(insert_sql);
    bind_job(insert, job);
    insert.bind(job_column_count + 1, column_of_id(job.id));
    insert.step();
    return true;
}

bool update_job(Database& database, core::Job const& job) {
    auto update = database.prepare(update_sql);
    bind_job(update, job);
    update.bind(job_column_count + 1, column_of_id(job.id));
    update.step();
    return database.changes() == 1;
}

std::optional<std::string> recorded_phase(Database& database, JobId id) {
    auto query = database.prepare("SELECT phase FROM jobs WHERE id = ?1");
    query.bind(1, column_of_id(id));
    if (!query.step()) return std::nullopt;
    return query.text(0);
}

void note_transition(Database& database, UtcTime at, std::string const& from, core::Job const& job) {
    auto note = job.error ? job.error->context : std::string();
    if (note.empty() && job.cancel_requested) note = "cancel requested";
    auto insert =
        database.prepare("INSERT INTO transitions (job, at, from_phase, to_phase, note) VALUES (?1, ?2, ?3, ?4, ?5)");
    insert.bind(1, column_of_id(job.id))
        .bind(2, std::int64_t{at.time_since_epoch().count()})
        .bind(3, from)
        .bind(4, core::name_of(job.phase))
        .bind(5, note);
    insert.step();
}

}  // namespace sb::journal
