#pragma once
// A share and a journal in memory, used through the same calls as the real ones.

#include "daemon/ports/catalog.hpp"
#include "daemon/ports/job_hooks.hpp"
#include "daemon/ports/journal.hpp"
#include "daemon/ports/time.hpp"

#include <algorithm>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace sb::test {

class FakeCatalog final : public ports::Catalog {
public:
    std::set<std::string> folders;                    ///< every folder, backup or not
    std::map<std::string, core::Manifest> manifests;  ///< the backups
    std::map<std::string, VmUuid>
        unreadable;                       ///< folders with an unreadable manifest; their VM according to the definition
    std::map<std::string, Error> bad;     ///< by folder: what the inspection finds
    std::map<std::string, Error> unseen;  ///< by folder: it cannot be read
    std::map<std::string, UtcTime> changed;  ///< by folder: when a file in it was last written to
    std::vector<std::string> discarded;
    ports::Space room{1ull << 50, 1ull << 51};
    std::string mark;                             ///< of the storage; empty = none
    std::deque<Milliseconds> looks_at_mark_take;  ///< the next reads of the mark take this long and show what was there
                                                  ///< at their start; after be_slow()
    Milliseconds marking_takes{0};                ///< after be_slow()
    int marks_made = 0;
    std::optional<Error> mark_unreadable, marking_fails;
    std::string boot = "boot 1";  ///< of the machine with the share's disk; empty = not known
    std::vector<std::string> removed;
    std::function<void(std::string const&)> on_remove = [](std::string const&) {};  ///< runs during the deletion

    std::function<std::uint64_t(std::string const&)> grown = [](std::string const&) { return std::uint64_t{1}; };

    /// Listing takes this long and shows what was there at its start.
    void be_slow(ports::Time& time, Milliseconds length) {
        time_ = &time;
        list_takes_ = length;
    }

    task<Result<void>> check_new_name(std::string folder) override {
        if (folder.find('/') != std::string::npos)
            co_return Error{Errc::invalid_name, "'" + folder + "' holds a separator"};
        if (folders.contains(folder)) co_return Error{Errc::name_in_use, "folder '" + folder + "' exists already"};
        co_return boost::system::in_place_value;
    }
    task<Result<std::vector<core::BackupFile>>> inspect(ports::Expectation expected) override {
        if (auto const it = bad.find(expected.folder); it != bad.end()) co_return it->second;
        if (!folders.contains(expected.folder))
            co_return Error{Errc::share_not_visible, "no folder '" + expected.folder + "'"};
        std::vector<core::BackupFile> files(1);
        files.front().name = expected.definition_file;
        files.front().role = "definition";
        co_return files;
    }
    std::vector<std::string> settled;
    task<Result<void>> flush(std::string folder) override {
        settled.push_back(std::move(folder));
        co_return boost::system::in_place_value;
    }
    task<Result<void>> commit(core::Manifest manifest) override {
        manifests[manifest.backup] = manifest;
        co_return boost::system::in_place_value;
    }
    task<Result<void>> discard(std::string folder) override {
        if (manifests.contains(folder)) co_return Error{Errc::refused, "it holds a manifest"};
        folders.erase(folder);
        discarded.push_back(folder);
        co_return boost::system::in_place_value;
    }
    task<Result<void>> remove(std::string folder) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        auto const it = manifests.find(folder);
        if (it == manifests.end()) co_return Error{Errc::refused, "'" + folder + "' has no manifest"};
        if (it->second.is_protected) co_return Error{Errc::refused, "backup '" + folder + "' is protected"};
        manifests.erase(it);
        folders.erase(folder);
        removed.push_back(folder);
        on_remove(folder);
        co_return boost::system::in_place_value;
    }
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        auto const it = manifests.find(folder);
        if (it == manifests.end()) co_return Error{Errc::refused, "'" + folder + "' has no manifest"};
        it->second.is_protected = is_protected;
        co_return backup_of(folder);
    }
    task<Result<bool>> exists(std::string folder) override { co_return folders.contains(folder); }
    task<Result<ports::FolderStats>> folder_stats(std::string folder) override {
        if (auto const it = unseen.find(folder); it != unseen.end()) co_return it->second;
        ports::FolderStats stats;
        stats.exists = folders.contains(folder);
        if (stats.exists) stats.bytes = grown(folder);
        if (auto const it = changed.find(folder); it != changed.end()) stats.newest_change = it->second;
        co_return stats;
    }
    task<Result<core::Backup>> find(std::string folder) override {
        if (!folders.contains(folder)) co_return Error{Errc::not_found, "no backup '" + folder + "'"};
        co_return backup_of(folder);
    }
    task<Result<std::vector<core::Backup>>> list() override {
        std::vector<core::Backup> all;
        all.reserve(folders.size());
        for (auto const& folder : folders) all.push_back(backup_of(folder));
        if (time_ != nullptr) {
            auto const listed = time_->steady_now() + list_takes_;
            co_await time_->sleep_until(listed);
        }
        co_return all;
    }
    task<Result<ports::Space>> space() override { co_return room; }
    task<std::string> boot_of_disk() override { co_return boot; }
    task<Result<ports::StorageMark>> storage_mark() override {
        if (mark_unreadable) co_return *mark_unreadable;
        ports::StorageMark found{"/share", mark, !manifests.empty()};
        if (!looks_at_mark_take.empty()) {
            auto const wake = time_->steady_now() + looks_at_mark_take.front();
            looks_at_mark_take.pop_front();
            co_await time_->sleep_until(wake);
        }
        co_return found;
    }
    task<Result<std::string>> mark_storage() override {
        if (marking_fails) co_return *marking_fails;
        auto made = std::string(mark.empty() ? "made here" : "made over another one");
        if (marking_takes.count() > 0) {
            auto const wake = time_->steady_now() + marking_takes;
            co_await time_->sleep_until(wake);
        }
        mark = std::move(made);
        ++marks_made;
        co_return mark;
    }

private:
    core::Backup backup_of(std::string const& folder) const {
        core::Backup backup;
        backup.name = folder;
        if (auto const it = manifests.find(folder); it != manifests.end()) {
            backup.state = core::BackupState::complete;
            backup.manifest = it->second;
            if (it->second.damage) {
                backup.state = core::BackupState::damaged;
                backup.problem = it->second.damage->reason;
            }
        } else {
            backup.problem = "no manifest";
        }
        if (auto const it = unreadable.find(folder); it != unreadable.end()) {
            backup.state = core::BackupState::damaged;
            backup.manifest.reset();
            backup.presumed_vm = it->second;
            backup.problem = "its manifest cannot be read";
        }
        return backup;
    }

    ports::Time* time_ = nullptr;
    Milliseconds list_takes_{0};
};

class FakeHooks final : public ports::JobHooks {
public:
    explicit FakeHooks(ports::Time& time) : time_(time) {}

    std::set<HookKind> set;
    bool delay = false;
    bool must_succeed = false;
    Milliseconds length{0};
    std::string problem;            ///< what each run ends with
    std::vector<std::string> runs;  ///< "pre_backup FILE01 nightly"

    bool is_set(HookKind kind) const override { return set.contains(kind); }
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

class FakeJournal final : public ports::Journal {
public:
    std::map<JobId, core::Job> jobs;
    std::map<core::RunId, core::Run> runs;
    std::map<std::string, std::string> facts;
    std::vector<core::Condition> standing;  ///< the recorded conditions
    int conditions_saved = 0;
    std::optional<Error> unreadable_conditions;
    std::vector<std::pair<JobId, core::Phase>> transitions;
    bool full = false;
    bool is_new = false;  ///< it needs a rebuild
    std::optional<ports::JournalReplaced> replaced;

    task<Result<JobId>> add(core::Job job) override {
        if (full) co_return Error{Errc::no_space, "the disk is full"};
        job.id = jobs.empty() ? 1 : jobs.rbegin()->first + 1;
        jobs[job.id] = job;
        co_return job.id;
    }
    task<Result<void>> save(core::Job job) override {
        if (full) co_return Error{Errc::no_space, "the disk is full"};
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
        if (full) co_return Error{Errc::no_space, "the disk is full"};
        run.id = runs.empty() ? 1 : runs.rbegin()->first + 1;
        runs[run.id] = run;
        co_return run.id;
    }
    task<Result<void>> save_run(core::Run run) override {
        if (full) co_return Error{Errc::no_space, "the disk is full"};
        if (!runs.contains(run.id)) co_return Error{Errc::not_found, "no run " + std::to_string(run.id)};
        runs[run.id] = run;
        co_return boost::system::in_place_value;
    }
    task<Result<std::vector<core::Run>>> recent_runs(std::size_t limit) override {
        std::vector<core::Run> some;
        for (auto it = runs.rbegin(); it != runs.rend() && some.size() < limit; ++it) some.push_back(it->second);
        co_return some;
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
        for (auto const& job : rebuilt) jobs.try_emplace(job.id, job);
        is_new = false;
        co_return boost::system::in_place_value;
    }
    task<Result<std::optional<ports::JournalReplaced>>> journal_replaced() override { co_return replaced; }

    task<Result<std::optional<std::string>>> fact(std::string name) override {
        std::optional<std::string> value;
        if (auto const it = facts.find(name); it != facts.end()) value = it->second;
        co_return value;
    }
    task<Result<void>> set_fact(std::string name, std::string value) override {
        if (full) co_return Error{Errc::no_space, "the disk is full"};
        facts[name] = value;
        co_return boost::system::in_place_value;
    }
};

}  // namespace sb::test
