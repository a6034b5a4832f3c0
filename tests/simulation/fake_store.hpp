#pragma once
// Hooks and a journal in memory, used through the same calls as the real ones; and the share of fake_catalog.hpp.

#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"
#include "tests/simulation/fake_catalog.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace sb::test {

class FakeHooks final : public ports::JobHooks {
public:
    explicit FakeHooks(ports::Time& time) : time_(time) {}

    std::set<HookKind> set;
    bool delay = false;
    bool must_succeed = false;
    Milliseconds length{0};
    std::string problem;  ///< what each run ends with
    std::string command_line = "/opt/hook";
    std::vector<std::string> runs;  ///< "pre_backup FILE01 nightly"

    bool is_set(HookKind kind) const override { return set.contains(kind); }
    std::string command(HookKind kind) const override { return set.contains(kind) ? command_line : std::string(); }
    bool delays_post_backup() const override { return delay; }
    bool pre_backup_must_succeed() const override { return must_succeed; }
    task<std::string> run(HookKind kind, ports::HookVariables variables) override {
        static char const* const names[] = {"pre_backup",   "post_backup",  "pre_restore",
                                            "post_restore", "pre_schedule", "post_schedule"};
        auto const end = time_.steady_now() + length;
        co_await time_.sleep_until(end);
        runs.push_back(std::string(names[static_cast<std::size_t>(kind)]) + " " + variables.vm_name + " " +
                       variables.backup_name);
        co_return problem;
    }

private:
    ports::Time& time_;
};

class FakeJournal : public ports::Journal {
public:
    std::map<JobId, core::Job> jobs;
    std::map<core::RunId, core::Run> runs;
    std::map<std::string, std::string> facts;
    std::map<std::string, Error> unreadable_facts;
    std::vector<core::Condition> standing;  ///< the recorded conditions
    int conditions_saved = 0;
    std::optional<Error> unreadable_conditions;
    std::vector<std::pair<JobId, core::Phase>> transitions;
    std::map<JobId, core::OwedHook> owed;
    std::vector<core::DeletedBackup> deleted;  ///< rows of the trash
    std::map<VmUuid, core::VmLink> links;      ///< by the earlier VM
    std::optional<Error> unreadable_links;
    std::map<std::string, core::TrustedCopy> trusted;  ///< by core::trust_key()
    bool full = false;
    int writes = 0;              ///< attempts to record a job, a run, a hook's end or a row of the trash
    std::set<int> failing;       ///< which of them fail: `writes` during the attempt
    std::set<core::Phase> lost;  ///< phases of jobs that cannot be recorded
    bool crashes = false;        ///< the next write throws
    bool is_new = false;         ///< it needs a rebuild
    std::optional<ports::JournalReplaced> replaced;

    task<Result<JobId>> add(core::Job job) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        job.id = jobs.empty() ? 1 : jobs.rbegin()->first + 1;
        jobs[job.id] = job;
        co_return job.id;
    }
    task<Result<ports::JobOfRun>> add_to_run(core::Job job, core::Run run) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        job.id = jobs.empty() ? 1 : jobs.rbegin()->first + 1;
        if (run.id == 0) run.id = runs.empty() ? 1 : runs.rbegin()->first + 1;
        run.jobs.push_back(job.id);
        jobs[job.id] = job;
        runs[run.id] = run;
        ports::JobOfRun const ids{job.id, run.id};
        co_return ids;
    }
    task<Result<void>> save(core::Job job) override {
        bool const is_refused_now = is_refused();
        if (is_refused_now || lost.contains(job.phase)) co_return Error{Errc::no_space, "the disk is full"};
        auto const& before = jobs[job.id];
        if (before.revision > job.revision) co_return boost::system::in_place_value;
        auto const hook = before.phase == core::Phase::finished ? std::nullopt : core::owed_hook_of(job);
        if (hook) owed[job.id] = *hook;
        auto const copy = core::trusted_by(job);
        if (copy) trusted.try_emplace(core::trust_key(*copy), *copy);
        transitions.emplace_back(job.id, job.phase);
        jobs[job.id] = job;
        co_return boost::system::in_place_value;
    }
    task<Result<std::vector<core::Job>>> unfinished() override {
        std::vector<core::Job> some;
        for (auto const& [id, job] : jobs)
            if (job.phase != core::Phase::finished) some.push_back(job);
        co_return some;
    }
    task<Result<std::vector<core::Job>>> recent(std::size_t limit) override {
        std::vector<core::Job> some;
        for (auto it = jobs.rbegin(); it != jobs.rend() && some.size() < limit; ++it)
            if (it->second.phase == core::Phase::finished) some.push_back(it->second);
        co_return some;
    }
    task<Result<core::Job>> find(JobId id) override {
        if (!jobs.contains(id)) co_return Error{Errc::not_found, "no job " + std::to_string(id)};
        co_return jobs[id];
    }

    task<Result<core::RunId>> add_run(core::Run run) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        run.id = runs.empty() ? 1 : runs.rbegin()->first + 1;
        runs[run.id] = run;
        co_return run.id;
    }
    task<Result<void>> save_run(core::Run run) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        if (!runs.contains(run.id)) co_return Error{Errc::not_found, "no run " + std::to_string(run.id)};
        if (runs[run.id].revision <= run.revision) runs[run.id] = run;
        co_return boost::system::in_place_value;
    }
    task<Result<std::vector<core::Run>>> recent_runs(std::size_t limit) override {
        std::vector<core::Run> some;
        for (auto it = runs.rbegin(); it != runs.rend() && some.size() < limit; ++it) some.push_back(it->second);
        co_return some;
    }

    task<Result<std::vector<core::OwedHook>>> owed_hooks() override {
        std::vector<core::OwedHook> hooks;
        for (auto const& [job, hook] : owed) hooks.push_back(hook);
        co_return hooks;
    }
    task<Result<void>> settle_hook(JobId job, std::string problem) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        owed.erase(job);
        if (!problem.empty()) jobs[job].warnings.push_back(problem);
        co_return boost::system::in_place_value;
    }

    task<Result<std::vector<core::DeletedBackup>>> deleted_backups() override { co_return deleted; }
    task<Result<void>> add_deleted(core::DeletedBackup row) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        auto const known = std::ranges::find(deleted, row.entry, &core::DeletedBackup::entry);
        if (known != deleted.end()) *known = std::move(row);
        else deleted.push_back(std::move(row));
        co_return boost::system::in_place_value;
    }
    task<Result<void>> forget_deleted(std::string entry) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        std::erase_if(deleted, [&](auto const& known) { return known.entry == entry; });
        co_return boost::system::in_place_value;
    }

    task<Result<std::vector<core::VmLink>>> vm_links() override {
        if (unreadable_links) co_return *unreadable_links;
        std::vector<core::VmLink> all;
        for (auto const& [earlier, link] : links) all.push_back(link);
        co_return all;
    }
    task<Result<void>> add_vm_link(core::VmLink link) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        links.insert_or_assign(link.earlier, link);
        co_return boost::system::in_place_value;
    }
    task<Result<void>> forget_vm_link(VmUuid earlier) override {
        if (is_refused()) co_return Error{Errc::no_space, "the disk is full"};
        links.erase(earlier);
        co_return boost::system::in_place_value;
    }

    task<Result<std::vector<core::TrustedCopy>>> trusted_copies() override {
        std::vector<core::TrustedCopy> all;
        for (auto const& [key, copy] : trusted) all.push_back(copy);
        co_return all;
    }
    task<Result<void>> save_trusted(std::vector<core::TrustedCopy> copies,
                                    std::vector<core::TrustedCopy> forgotten) override {
        if (full) co_return Error{Errc::no_space, "the disk is full"};
        for (auto const& copy : copies) trusted.insert_or_assign(core::trust_key(copy), copy);
        for (auto const& copy : forgotten) trusted.erase(core::trust_key(copy));
        co_return boost::system::in_place_value;
    }

    task<Result<std::vector<core::Condition>>> conditions() override {
        if (unreadable_conditions) co_return *unreadable_conditions;
        co_return standing;
    }
    task<Result<void>> save_conditions(std::vector<core::Condition> conditions) override {
        if (full) co_return Error{Errc::no_space, "the disk is full"};
        standing = std::move(conditions);
        ++conditions_saved;
        co_return boost::system::in_place_value;
    }

    task<Result<bool>> needs_rebuild() override { co_return is_new; }
    task<Result<void>> rebuild_history(std::vector<core::Job> rebuilt, std::string why) override {
        if (!why.empty() && !replaced) replaced = ports::JournalReplaced{UtcTime{}, why};
        for (auto& job : rebuilt) {
            auto const is_its = [&](auto const& known) {
                return known.second.vm == job.vm && known.second.attempt == job.attempt &&
                       (!job.attempt.empty() || known.second.backup == job.backup);
            };
            if (std::ranges::any_of(jobs, is_its)) continue;
            JobId const newest = jobs.empty() ? 0 : jobs.rbegin()->first;
            if (job.id == 0 || job.id > newest || jobs.contains(job.id)) job.id = newest + 1;
            jobs[job.id] = job;
        }
        is_new = false;
        co_return boost::system::in_place_value;
    }
    task<Result<std::optional<ports::JournalReplaced>>> journal_replaced() override { co_return replaced; }

    task<Result<std::optional<std::string>>> fact(std::string name) override {
        if (auto const it = unreadable_facts.find(name); it != unreadable_facts.end()) co_return it->second;
        std::optional<std::string> value;
        if (auto const it = facts.find(name); it != facts.end()) value = it->second;
        co_return value;
    }
    task<Result<void>> set_fact(std::string name, std::string value) override {
        if (full) co_return Error{Errc::no_space, "the disk is full"};
        facts[name] = value;
        co_return boost::system::in_place_value;
    }

private:
    bool is_refused() {
        if (std::exchange(crashes, false)) throw std::runtime_error("a bug of the journal");
        return failing.contains(++writes) || full;
    }
};

}  // namespace sb::test
