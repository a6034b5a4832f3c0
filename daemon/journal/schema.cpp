#include "daemon/journal/schema.hpp"

#include <array>
#include <set>
#include <string>

namespace sb::journal {
namespace {

// Step i migrates from version i to i + 1. Never change a released step: add another.
// Times are milliseconds since 1970, UTC; lists are JSON arrays. AUTOINCREMENT: an id is never reused, even after the
// newest row was deleted.
constexpr std::array<char const*, 12> steps{
    R"sql(
CREATE TABLE jobs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  vm TEXT NOT NULL,
  vm_name TEXT NOT NULL,
  backup TEXT NOT NULL,
  definition_file TEXT NOT NULL,
  scheduled INTEGER NOT NULL,
  phase TEXT NOT NULL,
  outcome TEXT NOT NULL,
  cancel_requested INTEGER NOT NULL,
  error_code TEXT NOT NULL,
  error_context TEXT NOT NULL,
  disks TEXT NOT NULL,
  expected_bytes INTEGER NOT NULL,
  tag_before TEXT NOT NULL,
  tag TEXT NOT NULL,
  percent INTEGER NOT NULL,
  queued INTEGER NOT NULL,
  started INTEGER,
  posted INTEGER,
  finished INTEGER,
  pre_hook INTEGER NOT NULL DEFAULT 0,
  post_hook INTEGER NOT NULL DEFAULT 0,
  warnings TEXT NOT NULL DEFAULT '[]'
);
CREATE INDEX jobs_by_phase ON jobs(phase);
CREATE TABLE transitions (
  job INTEGER NOT NULL REFERENCES jobs(id) ON DELETE CASCADE,
  at INTEGER NOT NULL,
  from_phase TEXT NOT NULL,
  to_phase TEXT NOT NULL,
  note TEXT NOT NULL
);
CREATE INDEX transitions_by_job ON transitions(job);
CREATE TABLE runs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run_trigger TEXT NOT NULL,
  phase TEXT NOT NULL,
  started INTEGER NOT NULL,
  finished INTEGER,
  jobs TEXT NOT NULL,
  delayed_hooks TEXT NOT NULL,
  succeeded INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  deleted TEXT NOT NULL,
  behind TEXT NOT NULL,
  problems TEXT NOT NULL
);
CREATE INDEX runs_by_phase ON runs(phase);
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO facts VALUES ('recollect', 'yes');
)sql",
    R"sql(
ALTER TABLE jobs ADD COLUMN level TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN forced INTEGER NOT NULL DEFAULT 0;
)sql",
    R"sql(
CREATE TABLE conditions (
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  since INTEGER NOT NULL,
  confirmed INTEGER NOT NULL,
  reason TEXT NOT NULL,
  PRIMARY KEY (kind, subject)
) WITHOUT ROWID;
)sql",
    R"sql(
ALTER TABLE jobs ADD COLUMN attempt TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN export_end TEXT NOT NULL DEFAULT '';
)sql",
    // A job in progress does not say whether its hook is delayed: it is, unless it has one to run immediately. What an
    // unfinished run still has to run becomes owed: delayed_hooks, which was filled after the last export had ended.
    R"sql(
ALTER TABLE jobs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN delayed_hook INTEGER NOT NULL DEFAULT 0;
ALTER TABLE runs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
CREATE TABLE owed_hooks (
  job INTEGER PRIMARY KEY,
  vm_name TEXT NOT NULL,
  backup TEXT NOT NULL,
  since INTEGER NOT NULL
);
UPDATE jobs SET delayed_hook = 1 WHERE kind = 'backup' AND scheduled = 1 AND post_hook = 0
  AND phase IN ('pre_hook', 'posting', 'resolving', 'following', 'inspecting', 'committing');
INSERT OR IGNORE INTO owed_hooks (job, vm_name, backup, since)
  SELECT jobs.id, jobs.vm_name, jobs.backup, coalesce(jobs.finished, jobs.queued)
  FROM runs, json_each(CASE WHEN NOT json_valid(runs.jobs) OR NOT json_valid(runs.delayed_hooks) THEN '[]'
                            WHEN runs.delayed_hooks = '[]' THEN runs.jobs
                            ELSE runs.delayed_hooks END) AS owed, jobs
  WHERE runs.phase IN ('pre_hook', 'exporting', 'delayed_hooks') AND jobs.id = owed.value
    AND jobs.kind = 'backup' AND jobs.outcome = 'succeeded' AND jobs.post_hook = 0;
UPDATE runs SET delayed_hooks = '[]';
)sql",
    R"sql(
ALTER TABLE jobs ADD COLUMN cluster_uuid TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN cluster_name TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN cluster_host TEXT NOT NULL DEFAULT '';
)sql",
    R"sql(
CREATE TABLE deleted_backups (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  entry TEXT NOT NULL UNIQUE,
  backup TEXT NOT NULL,
  vm TEXT NOT NULL,
  vm_name TEXT NOT NULL,
  cluster_uuid TEXT NOT NULL,
  installation TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  deleted INTEGER NOT NULL,
  why TEXT NOT NULL
);
ALTER TABLE runs ADD COLUMN not_reached TEXT NOT NULL DEFAULT '[]';
)sql",
    R"sql(
CREATE TABLE vm_links (
  earlier TEXT PRIMARY KEY,
  later TEXT NOT NULL,
  cluster_uuid TEXT NOT NULL,
  since INTEGER NOT NULL
) WITHOUT ROWID;
)sql",
    R"sql(
ALTER TABLE deleted_backups ADD COLUMN manifest TEXT NOT NULL DEFAULT '';
)sql",
    R"sql(
ALTER TABLE vm_links ADD COLUMN earlier_name TEXT NOT NULL DEFAULT '';
)sql",
    // The jobs so far have made their backups; some of them may have been taken from manifests, which was trusted then.
    // Adoptions have no job: the check of the copies that the journal does not know finds them.
    R"sql(
ALTER TABLE jobs ADD COLUMN size_bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE jobs ADD COLUMN is_claim INTEGER NOT NULL DEFAULT 0;
CREATE TABLE trusted_copies (
  id INTEGER PRIMARY KEY,
  copy TEXT NOT NULL UNIQUE,
  backup TEXT NOT NULL,
  attempt TEXT NOT NULL,
  job INTEGER NOT NULL,
  vm TEXT NOT NULL,
  started INTEGER NOT NULL,
  scheduled INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  source TEXT NOT NULL,
  since INTEGER NOT NULL,
  proof TEXT NOT NULL,
  missing_since INTEGER
);
INSERT OR IGNORE INTO trusted_copies
    (copy, backup, attempt, job, vm, started, scheduled, size_bytes, source, since, proof)
  SELECT attempt || char(10) || id || char(10) || vm || char(10) || backup, backup, attempt, id, vm,
    coalesce(posted, queued), scheduled, expected_bytes, 'job', coalesce(finished, queued), ''
  FROM jobs WHERE kind = 'backup' AND (outcome = 'succeeded' OR phase = 'post_hook') ORDER BY id;
)sql",
    // Of the copies so far, the manifests still say how the export ended, whether a person accepted it, and whether it
    // is protected.
    R"sql(
ALTER TABLE trusted_copies ADD COLUMN export_end TEXT NOT NULL DEFAULT '';
ALTER TABLE trusted_copies ADD COLUMN accepted INTEGER;
ALTER TABLE trusted_copies ADD COLUMN damage_level TEXT NOT NULL DEFAULT '';
ALTER TABLE trusted_copies ADD COLUMN damage_reason TEXT NOT NULL DEFAULT '';
ALTER TABLE trusted_copies ADD COLUMN damaged INTEGER;
ALTER TABLE trusted_copies ADD COLUMN is_protected INTEGER;
ALTER TABLE trusted_copies ADD COLUMN digest_root TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN inspected TEXT NOT NULL DEFAULT '';
)sql"};

}  // namespace

Steps all_steps() { return steps; }

int newest_schema() { return static_cast<int>(steps.size()); }

int schema_of(Database& database) {
    auto version = database.prepare("PRAGMA user_version");
    return version.step() ? static_cast<int>(version.integer(0)) : 0;
}

void migrate(Database& database, Steps to) {
    for (auto version = static_cast<std::size_t>(schema_of(database)); version < to.size(); ++version) {
        Transaction step(database);
        database.execute(to[version]);
        database.execute(("PRAGMA user_version = " + std::to_string(version + 1)).c_str());
        step.commit();
    }
}

namespace {

/// "table.column" of each.
std::set<std::string> columns_of(Database& database) {
    std::set<std::string> columns;
    auto query = database.prepare(
        "SELECT tables.name || '.' || columns.name FROM sqlite_master AS tables, pragma_table_info(tables.name) AS "
        "columns WHERE tables.type = 'table'");
    while (query.step()) columns.insert(query.text(0));
    return columns;
}

}  // namespace

void check_columns(Database& database) {
    auto fresh = Database::open(":memory:");
    migrate(fresh, all_steps());
    auto const present = columns_of(database);
    for (auto const& column : columns_of(fresh))
        if (!present.contains(column)) throw DatabaseError{SQLITE_CORRUPT, "it has no column " + column};
}

}  // namespace sb::journal
