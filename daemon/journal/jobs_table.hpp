#pragma once
// The jobs and their transitions as SQL. Throws DatabaseError.

#include "daemon/journal/database.hpp"
#include "daemon/journal/job_record.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::journal {

inline constexpr char const* unfinished_jobs = "WHERE phase <> 'finished' ORDER BY id";

/// `condition` may have one parameter. An unreadable row is an error.
std::vector<core::Job> select_jobs(Database& database, std::string const& condition, std::optional<std::int64_t> value);
/// For finished jobs: skips and logs an unreadable row. The daemon must start even if its history is damaged.
std::vector<core::Job> select_readable_jobs(Database& database, std::string const& condition,
                                            std::optional<std::int64_t> value);

/// Gives the job a new id.
JobId insert_job(Database& database, core::Job const& job);
/// Keeps the job's id. False if that id is taken.
bool insert_job_with_id(Database& database, core::Job const& job);
/// False if there is no such job, or a newer revision of it.
bool update_job(Database& database, core::Job const& job);
/// The recorded phase; nothing if there is no such job.
std::optional<std::string> recorded_phase(Database& database, JobId id);
void note_transition(Database& database, UtcTime at, std::string const& from, core::Job const& job);

}  // namespace sb::journal
