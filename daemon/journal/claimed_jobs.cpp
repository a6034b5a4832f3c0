#include "daemon/journal/claimed_jobs.hpp"

#include "daemon/core/rebuild_history.hpp"
#include "daemon/journal/jobs_table.hpp"
#include "daemon/journal/last_id.hpp"

#include <algorithm>
#include <cstddef>
#include <set>
#include <string>
#include <utility>

namespace sb::journal {
namespace {

/// Tells one export from others. Those of an earlier version have no attempt.
std::string export_of(std::string const& vm, std::string const& attempt, std::string const& backup) {
    return attempt.empty() ? vm + "\n\n" + backup : vm + '\n' + attempt;
}

std::set<std::string> known_exports(Database& database) {
    auto query = database.prepare("SELECT vm, attempt, backup FROM jobs WHERE kind = 'backup'");
    std::set<std::string> known;
    while (query.step()) known.insert(export_of(query.text(0), query.text(1), query.text(2)));
    return known;
}

std::size_t claims_in(Database& database) {
    auto query = database.prepare("SELECT count(*) FROM jobs WHERE is_claim = 1 AND phase = 'finished'");
    return query.step() ? static_cast<std::size_t>(query.integer(0)) : 0;
}

}  // namespace

std::vector<core::Job> add_claimed_jobs(Database& database, std::vector<core::Job> jobs, UtcTime now) {
    auto known = known_exports(database);
    std::erase_if(jobs, [&](core::Job const& job) {
        return !known.insert(export_of(job.vm.text(), job.attempt, job.backup)).second;
    });
    auto const room = core::max_claimed_jobs - std::min(core::max_claimed_jobs, claims_in(database));
    auto const surplus = jobs.size() - std::min(jobs.size(), room);
    jobs.erase(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(surplus));
    for (auto& job : jobs) {
        bool const may_keep_id = job.id != 0 && job.id <= last_id(database, "jobs");
        if (!may_keep_id || !insert_job_with_id(database, job)) job.id = insert_job(database, job);
        note_transition(database, now, "", job);
    }
    return jobs;
}

}  // namespace sb::journal
