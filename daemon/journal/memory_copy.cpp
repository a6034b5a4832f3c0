#include "daemon/journal/memory_copy.hpp"

#include "daemon/journal/condition_record.hpp"
#include "daemon/journal/deleted_backups_table.hpp"
#include "daemon/journal/facts.hpp"
#include "daemon/journal/jobs_table.hpp"
#include "daemon/journal/last_id.hpp"
#include "daemon/journal/open_database.hpp"
#include "daemon/journal/owed_hooks_table.hpp"
#include "daemon/journal/run_record.hpp"
#include "daemon/journal/trusted_copies_table.hpp"
#include "daemon/journal/vm_links_table.hpp"

#include <algorithm>
#include <optional>

namespace sb::journal {
namespace {

void put_job(Database& database, core::Job const& job, UtcTime now) {
    auto const before = recorded_phase(database, job.id);
    if (before) update_job(database, job);
    else insert_job_with_id(database, job);
    if (before != core::name_of(job.phase)) note_transition(database, now, before.value_or(""), job);
}

}  // namespace

void MemoryCopy::load_from(Database& database) {
    for (auto const& job : select_jobs(database, unfinished_jobs, std::nullopt)) keep(job);
    for (auto const& run : unfinished_runs(database)) keep(run);
    for (auto const& hook : owed_hooks(database)) keep(hook);
    for (auto& deleted : deleted_backups(database)) keep(std::move(deleted));
    for (auto const& link : vm_links(database)) keep(link);
    for (auto const& copy : trusted_copies(database)) keep(copy);
    keep(recorded_conditions(database));
    for (auto const& [name, value] : all_facts(database))
        if (!is_about_the_file(name)) keep_fact(name, value);
    last_job_ = std::max(last_job_, last_id(database, "jobs"));
    last_run_ = std::max(last_run_, last_id(database, "runs"));
}

void MemoryCopy::keep(core::Job const& job) {
    last_job_ = std::max(last_job_, job.id);
    if (job.phase == core::Phase::finished) jobs_.erase(job.id);
    else jobs_.insert_or_assign(job.id, job);
}

void MemoryCopy::keep(core::Run const& run) {
    last_run_ = std::max(last_run_, run.id);
    if (run.phase == core::RunPhase::finished) runs_.erase(run.id);
    else runs_.insert_or_assign(run.id, run);
}

void MemoryCopy::keep(core::DeletedBackup deleted) {
    auto const known = std::ranges::find(deleted_, deleted.entry, &core::DeletedBackup::entry);
    if (known != deleted_.end()) *known = std::move(deleted);
    else deleted_.push_back(std::move(deleted));
}

void MemoryCopy::drop_deleted(std::string const& entry) {
    std::erase_if(deleted_, [&](core::DeletedBackup const& known) { return known.entry == entry; });
}

void MemoryCopy::write_to(Database& database, UtcTime now) const {
    Transaction transaction(database);
    for (auto const& [id, job] : jobs_) put_job(database, job, now);
    for (auto const& [id, run] : runs_) put_run(database, run);
    std::vector<core::OwedHook> hooks;
    for (auto const& [job, hook] : owed_hooks_) hooks.push_back(hook);
    replace_owed_hooks(database, hooks);
    replace_deleted_backups(database, deleted_);
    std::vector<core::VmLink> links;
    for (auto const& [earlier, link] : vm_links_) links.push_back(link);
    replace_vm_links(database, links);
    std::vector<core::TrustedCopy> trusted;
    for (auto const& [key, copy] : trusted_) trusted.push_back(copy);
    replace_trusted_copies(database, trusted);
    replace_conditions(database, conditions_);
    for (auto const& [name, value] : facts_) set_fact(database, name, value);
    raise_last_id(database, "jobs", last_job_);
    raise_last_id(database, "runs", last_run_);
    transaction.commit();
}

}  // namespace sb::journal
