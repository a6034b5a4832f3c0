#pragma once
// What must not be lost with the journal's file while the daemon runs: held in memory too, and recorded again in a new
// file.

#include "daemon/core/job.hpp"
#include "daemon/core/run.hpp"
#include "daemon/journal/database.hpp"

#include <cstdint>
#include <map>
#include <string>

namespace sb::journal {

class Kept {
public:
    /// All that an earlier process has left to be ended.
    void learn_from(Database& database);

    /// As they have been recorded. One that is finished needs no keeping: a backup's manifest tells of it.
    void keep(core::Job const& job);
    void keep(core::Run const& run);
    void keep_fact(std::string const& name, std::string const& value) { facts_.insert_or_assign(name, value); }

    /// In one transaction. What the database holds under the same id, or name, is older.
    void put_into(Database& database, UtcTime now) const;

private:
    std::map<JobId, core::Job> jobs_;
    std::map<core::RunId, core::Run> runs_;
    std::map<std::string, std::string> facts_;
    std::uint64_t last_job_ = 0, last_run_ = 0;  ///< the highest ids that were given
};

}  // namespace sb::journal
