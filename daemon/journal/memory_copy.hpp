#pragma once
// A copy in memory of everything that must not be lost with the journal's file while the daemon runs. It is written to
// the file that replaces a lost one.

#include "daemon/core/condition.hpp"
#include "daemon/core/deleted_backup.hpp"
#include "daemon/core/job.hpp"
#include "daemon/core/owed_hook.hpp"
#include "daemon/core/run.hpp"
#include "daemon/core/trusted_copy.hpp"
#include "daemon/core/vm_links.hpp"
#include "daemon/journal/database.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace sb::journal {

class MemoryCopy {
public:
    /// Loads everything that an earlier process left unfinished.
    void load_from(Database& database);

    /// Call after recording. Finished jobs and runs are dropped: a backup's manifest has the details.
    void keep(core::Job const& job);
    void keep(core::Run const& run);
    void keep(core::OwedHook const& hook) { owed_hooks_.insert_or_assign(hook.job, hook); }
    void drop_owed_hook(JobId job) { owed_hooks_.erase(job); }
    void keep(core::DeletedBackup deleted);
    void drop_deleted(std::string const& entry);
    void keep(core::VmLink const& link) { vm_links_.insert_or_assign(link.earlier, link); }
    void drop_vm_link(VmUuid const& earlier) { vm_links_.erase(earlier); }
    void keep(core::TrustedCopy const& copy) { trusted_.insert_or_assign(core::trust_key(copy), copy); }
    void drop(core::TrustedCopy const& copy) { trusted_.erase(core::trust_key(copy)); }
    void keep(std::vector<core::Condition> conditions) { conditions_ = std::move(conditions); }
    /// New jobs get higher ids than this one, also in the file that replaces a lost one.
    void raise_last_job(JobId to) { last_job_ = std::max(last_job_, to); }
    void keep_fact(std::string const& name, std::string const& value) { facts_.insert_or_assign(name, value); }

    /// In one transaction. Entries of the database with the same id or name are older.
    void write_to(Database& database, UtcTime now) const;

private:
    std::map<JobId, core::Job> jobs_;
    std::map<core::RunId, core::Run> runs_;
    std::map<JobId, core::OwedHook> owed_hooks_;
    std::vector<core::DeletedBackup> deleted_;  ///< as they were added
    std::map<VmUuid, core::VmLink> vm_links_;
    std::map<std::string, core::TrustedCopy> trusted_;  ///< by core::trust_key()
    std::vector<core::Condition> conditions_;
    std::map<std::string, std::string> facts_;
    std::uint64_t last_job_ = 0, last_run_ = 0;  ///< the highest ids in use
};

}  // namespace sb::journal
