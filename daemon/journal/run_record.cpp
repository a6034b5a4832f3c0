#include "daemon/journal/run_record.hpp"

#include "daemon/journal/columns.hpp"

#include <string>

namespace sb::journal {
namespace {

// The column delayed_hooks is of earlier versions; owed_hooks has replaced it.
constexpr char const* insert =
    "INSERT INTO runs (run_trigger, phase, started, finished, jobs, succeeded, failed, deleted, behind, problems,"
    " revision, not_reached, delayed_hooks) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '[]')";
constexpr char const* upsert_run =
    "INSERT OR REPLACE INTO runs (run_trigger, phase, started, finished, jobs, succeeded, failed, deleted, behind,"
    " problems, revision, not_reached, delayed_hooks, id)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, '[]', ?13)";
constexpr char const* update =
    "UPDATE runs SET run_trigger = ?1, phase = ?2, started = ?3, finished = ?4, jobs = ?5, succeeded = ?6,"
    " failed = ?7, deleted = ?8, behind = ?9, problems = ?10, revision = ?11, not_reached = ?12 WHERE id = ?13"
    " AND revision <= ?11";
constexpr char const* select =
    "SELECT id, run_trigger, phase, started, finished, jobs, succeeded, failed, deleted, behind, problems, revision,"
    " not_reached FROM runs ";

/// Binds ?1 to ?12.
void bind_run(Statement& statement, core::Run const& run) {
    statement.bind(1, core::name_of(run.trigger))
        .bind(2, core::name_of(run.phase))
        .bind(3, column_of(run.started))
        .bind(4, column_of(run.finished))
        .bind(5, column_of(run.jobs))
        .bind(6, std::int64_t{run.succeeded})
        .bind(7, std::int64_t{run.failed})
        .bind(8, column_of(run.deleted))
        .bind(9, column_of(run.behind))
        .bind(10, column_of(run.problems))
        .bind(11, static_cast<std::int64_t>(run.revision))
        .bind(12, column_of(run.not_reached));
}

core::Run read_run(Statement const& row) {
    core::Run run;
    run.id = static_cast<core::RunId>(row.integer(0));
    run.trigger = known(core::run_trigger_from_name(row.text(1)), row.text(1));
    run.phase = known(core::run_phase_from_name(row.text(2)), row.text(2));
    run.started = time_from(row.integer(3));
    run.finished = time_from(row.optional_integer(4));
    run.jobs = numbers_from(row.text(5), "a run's jobs");
    run.succeeded = static_cast<int>(row.integer(6));
    run.failed = static_cast<int>(row.integer(7));
    run.deleted = texts_from(row.text(8), "a run's deleted backups");
    run.behind = texts_from(row.text(9), "a run's late VMs");
    run.problems = texts_from(row.text(10), "a run's problems");
    run.revision = static_cast<std::uint64_t>(row.integer(11));
    run.not_reached = texts_from(row.text(12), "the VMs that a run did not reach");
    return run;
}

}  // namespace

core::RunId add_run(Database& database, core::Run const& run) {
    auto statement = database.prepare(insert);
    bind_run(statement, run);
    statement.step();
    return static_cast<core::RunId>(database.last_row_id());
}

bool save_run(Database& database, core::Run const& run) {
    auto statement = database.prepare(update);
    bind_run(statement, run);
    statement.bind(13, static_cast<std::int64_t>(run.id));
    statement.step();
    if (database.changes() > 0) return true;
    auto known_run = database.prepare("SELECT 1 FROM runs WHERE id = ?1");
    known_run.bind(1, static_cast<std::int64_t>(run.id));
    if (!known_run.step()) throw Error{Errc::not_found, "the journal does not know run " + std::to_string(run.id)};
    return false;
}

void put_run(Database& database, core::Run const& run) {
    auto statement = database.prepare(upsert_run);
    bind_run(statement, run);
    statement.bind(13, static_cast<std::int64_t>(run.id));
    statement.step();
}

std::vector<core::Run> recent_runs(Database& database, std::int64_t limit) {
    auto query = database.prepare((std::string(select) + "ORDER BY id DESC LIMIT ?1").c_str());
    query.bind(1, limit);
    std::vector<core::Run> runs;
    while (query.step()) runs.push_back(read_run(query));
    return runs;
}

std::vector<core::Run> unfinished_runs(Database& database) {
    auto query = database.prepare((std::string(select) + "WHERE phase <> 'finished' ORDER BY id").c_str());
    std::vector<core::Run> runs;
    while (query.step()) runs.push_back(read_run(query));
    return runs;
}

}  // namespace sb::journal
