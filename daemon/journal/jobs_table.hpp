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

/// `condition` may have one parameter. A row that cannot be understood is an error.
std::vector<core::Job> select_jobs(Database& database, std::string const& condition, std::optional<std::int64_t> value);
/// Finished jobs: one that cannot be understood is left out, and said in the log. History is not worth a daemon that
/// does not start.
std::vector<core::Job> select_readable_jobs(Database& database, std::string const& condition,
                                            std::optional<std::int64_t> value);

/// Gives the job a new id.
JobId insert_job(Database& database, core::Job const& job);
/// Under the id that it has. False if that one is taken.
bool insert_job_as_it_is(Database& database, core::Job const& job);
/// False if there is no such job.
bool update_job(Database& database, core::Job const& job);
/// The phase that is recorded; nothing if there is no such job.
std::optional<std::string> recorded_phase(Database& database, JobId id);
void note_transition(Database& database, UtcTime at, std::string const& from, core::Job const& job);

}  // namespace sb::journal
