#pragma once
// The journal in memory, whose writes of jobs take time, and whose answers may be wrong.

#include "tests/simulation/fake_store.hpp"

#include <string>
#include <utility>
#include <vector>

namespace sb::test {

class SlowJournal final : public ports::Journal {
public:
    SlowJournal(FakeJournal& real, ports::Time& time) : real_(real), time_(time) {}

    Milliseconds save_takes{0};
    bool denies_add = false;  ///< a new job is recorded, and the answer is an error

    task<Result<JobId>> add(core::Job job) override {
        auto id = co_await real_.add(std::move(job));
        if (denies_add) co_return Error{Errc::io, "the disk did not confirm the write"};
        co_return id;
    }
    task<Result<void>> save(core::Job job) override {
        auto const written = time_.steady_now() + save_takes;
        co_await time_.sleep_until(written);
        co_return co_await real_.save(std::move(job));
    }

    task<Result<ports::JobOfRun>> add_to_run(core::Job job, core::Run run) override {
        return real_.add_to_run(std::move(job), std::move(run));
    }
    task<Result<std::vector<core::Job>>> unfinished() override { return real_.unfinished(); }
    task<Result<std::vector<core::Job>>> recent(std::size_t limit) override { return real_.recent(limit); }
    task<Result<core::Job>> find(JobId id) override { return real_.find(id); }
    task<Result<core::RunId>> add_run(core::Run run) override { return real_.add_run(std::move(run)); }
    task<Result<void>> save_run(core::Run run) override { return real_.save_run(std::move(run)); }
    task<Result<std::vector<core::Run>>> recent_runs(std::size_t limit) override { return real_.recent_runs(limit); }
    task<Result<std::vector<core::OwedHook>>> owed_hooks() override { return real_.owed_hooks(); }
    task<Result<void>> settle_hook(JobId job, std::string problem) override {
        return real_.settle_hook(job, std::move(problem));
    }
    task<Result<std::vector<core::DeletedBackup>>> deleted_backups() override { return real_.deleted_backups(); }
    task<Result<void>> add_deleted(core::DeletedBackup deleted) override {
        return real_.add_deleted(std::move(deleted));
    }
    task<Result<void>> forget_deleted(std::string entry) override { return real_.forget_deleted(std::move(entry)); }
    task<Result<std::vector<core::VmLink>>> vm_links() override { return real_.vm_links(); }
    task<Result<void>> add_vm_link(core::VmLink link) override { return real_.add_vm_link(std::move(link)); }
    task<Result<void>> forget_vm_link(VmUuid earlier) override { return real_.forget_vm_link(std::move(earlier)); }
    task<Result<std::vector<core::TrustedCopy>>> trusted_copies() override { return real_.trusted_copies(); }
    task<Result<void>> save_trusted(std::vector<core::TrustedCopy> copies,
                                    std::vector<core::TrustedCopy> forgotten) override {
        return real_.save_trusted(std::move(copies), std::move(forgotten));
    }
    task<Result<std::vector<core::Condition>>> conditions() override { return real_.conditions(); }
    task<Result<void>> save_conditions(std::vector<core::Condition> conditions) override {
        return real_.save_conditions(std::move(conditions));
    }
    task<Result<bool>> needs_rebuild() override { return real_.needs_rebuild(); }
    task<Result<void>> rebuild_history(std::vector<core::Job> jobs, std::string why) override {
        return real_.rebuild_history(std::move(jobs), std::move(why));
    }
    task<Result<std::optional<ports::JournalReplaced>>> journal_replaced() override { return real_.journal_replaced(); }
    task<Result<std::optional<std::string>>> fact(std::string name) override { return real_.fact(std::move(name)); }
    task<Result<void>> set_fact(std::string name, std::string value) override {
        return real_.set_fact(std::move(name), std::move(value));
    }

private:
    FakeJournal& real_;
    ports::Time& time_;
};

}  // namespace sb::test
