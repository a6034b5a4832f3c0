#pragma once
// The fakes behind a gate, through which each call of the engine passes on its way in and out. At any of these places
// the adversary can kill the daemon: then nothing passes any more, and nothing later has an effect.

#include "tests/simulation/fake_cluster.hpp"
#include "tests/simulation/fake_store.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <functional>
#include <string>
#include <utility>

namespace sb::test::adversary {

class Gate {
public:
    explicit Gate(asio::io_context& io) : io_(io) {}

    /// Kills at the nth place from here.
    void kill_at(int nth) { countdown_ = nth; }
    void kill() { state_ = State::killed; }
    /// What is left of the killed daemon ends now, instead of waiting forever.
    void bury() { state_ = State::buried; }
    void open() {
        state_ = State::open;
        countdown_ = 0;
    }
    bool is_open() const { return state_ == State::open; }
    std::function<void()> on_kill = [] {};

    template <class T>
    task<T> pass(task<T> call) {
        co_await arrive();
        auto result = co_await std::move(call);
        co_await arrive();
        co_return result;
    }
    /// `note` sees the result even if the caller does not.
    template <class T, class Note>
    task<T> pass(task<T> call, Note note) {
        co_await arrive();
        auto result = co_await std::move(call);
        note(result);
        co_await arrive();
        co_return result;
    }
    task<void> arrive() {
        if (state_ == State::open && countdown_ > 0 && --countdown_ == 0) {
            state_ = State::killed;
            on_kill();
        }
        if (state_ == State::open) co_return;
        if (state_ == State::buried) throw boost::system::system_error(asio::error::operation_aborted);
        asio::steady_timer never(io_, asio::steady_timer::time_point::max());
        co_await never.async_wait(asio::use_awaitable);
    }

private:
    enum class State { open, killed, buried };
    asio::io_context& io_;
    State state_ = State::open;
    int countdown_ = 0;
};

/// What the world adds to the fakes, and what it learns from them.
struct Observer {
    virtual ~Observer() = default;
    virtual FakeCatalog& share() = 0;  ///< what LocalPath shows: the share, or the empty folder below it
    virtual void ordered(ports::ExportOrder const& order) = 0;
    virtual void importing(ports::ImportOrder const& order) = 0;
    virtual void hide(ports::Vms& vms) = 0;
    virtual std::optional<Error> why_not_whole(std::string const& folder) = 0;
    virtual std::optional<Error> why_not_removable() = 0;
    virtual void removing(std::string const& folder) = 0;
    virtual void looking(std::string const& folder) = 0;
    virtual void discarding(std::string const& landing) = 0;
    virtual void rename_answered(Result<std::string> const& name) = 0;
    virtual task<void> write() = 0;  ///< a write to the journal begins
    virtual void wrote(bool is_written) = 0;
    virtual bool lies_about_write() = 0;  ///< the record is written, and the answer is an error
    virtual void hook_ran(HookKind kind, ports::HookVariables const& variables) = 0;
    virtual task<void> hang() = 0;     ///< a call into LocalPath begins
    virtual void refused_write() = 0;  ///< the share refused one
    virtual void update_shown() = 0;   ///< the cluster reported an update
};

class GatedCluster final : public ports::Cluster {
public:
    GatedCluster(FakeCluster& real, Gate& gate, Observer& world) : real_(real), gate_(gate), world_(world) {}

    task<Result<ports::Vms>> list_vms() override {
        auto vms = co_await gate_.pass(real_.list_vms());
        if (vms) world_.hide(*vms);
        co_return vms;
    }
    task<Result<core::Vm>> get_vm(VmUuid uuid) override { return gate_.pass(real_.get_vm(std::move(uuid))); }
    task<Result<ports::OrderAccepted>> start_export(ports::ExportOrder order) override {
        co_await gate_.arrive();
        world_.ordered(order);
        co_return co_await gate_.pass(real_.start_export(std::move(order)));
    }
    task<Result<ports::OrderAccepted>> start_import(ports::ImportOrder order) override {
        co_await gate_.arrive();
        world_.importing(order);
        co_return co_await gate_.pass(real_.start_import(std::move(order)));
    }
    task<Result<core::TaskReport>> get_task(TaskTag tag) override { return gate_.pass(real_.get_task(std::move(tag))); }
    task<Result<std::vector<core::TaskReport>>> list_tasks() override { return gate_.pass(real_.list_tasks()); }
    std::string host() const override { return real_.host(); }
    task<Result<ports::ClusterIdentity>> identity() override { return gate_.pass(real_.identity()); }
    std::optional<ports::ClusterDate> latest_date() const override { return real_.latest_date(); }
    task<Result<bool>> update_in_progress() override {
        // Not const: returned from a coroutine, a constant Result<bool> becomes its own has_value().
        auto answer = co_await gate_.pass(real_.update_in_progress());
        if (answer && *answer) world_.update_shown();
        co_return answer;
    }

private:
    FakeCluster& real_;
    Gate& gate_;
    Observer& world_;
};

class GatedHooks final : public ports::JobHooks {
public:
    GatedHooks(FakeHooks& real, Gate& gate, Observer& world) : real_(real), gate_(gate), world_(world) {}

    bool is_set(HookKind kind) const override { return real_.is_set(kind); }
    std::string command(HookKind kind) const override { return real_.command(kind); }
    bool delays_post_backup() const override { return real_.delays_post_backup(); }
    bool pre_backup_must_succeed() const override { return real_.pre_backup_must_succeed(); }
    task<std::string> run(HookKind kind, ports::HookVariables variables) override {
        auto const call = variables;
        auto const note = [this, kind, call](std::string const&) { world_.hook_ran(kind, call); };
        return gate_.pass(real_.run(kind, std::move(variables)), note);
    }

private:
    FakeHooks& real_;
    Gate& gate_;
    Observer& world_;
};

class GatedCatalog final : public ports::Catalog {
public:
    GatedCatalog(Gate& gate, Observer& world) : gate_(gate), world_(world) {}

    task<Result<std::string>> new_attempt(std::string backup) override {
        return through(world_.share().new_attempt(std::move(backup)));
    }
    task<Result<void>> check_new_name(std::string folder) override {
        return through(world_.share().check_new_name(std::move(folder)));
    }
    task<Result<std::vector<core::BackupFile>>> inspect(ports::Expectation expected) override {
        auto const problem = world_.why_not_whole(expected.folder);
        auto found = co_await through(world_.share().inspect(std::move(expected)));
        if (found && problem) co_return *problem;
        co_return found;
    }
    task<Result<void>> write_manifest(std::string folder, core::Manifest manifest) override {
        auto const written = co_await through(world_.share().write_manifest(std::move(folder), std::move(manifest)));
        if (!written) world_.refused_write();
        co_return written;
    }
    task<Result<core::DefinedVm>> defined_vm(std::string folder, std::string file) override {
        return through(world_.share().defined_vm(std::move(folder), std::move(file)));
    }
    task<Result<std::optional<core::Manifest>>> find_manifest(std::string landing, std::string backup) override {
        return through(world_.share().find_manifest(std::move(landing), std::move(backup)));
    }
    task<Result<std::string>> commit(std::string landing, std::string backup) override {
        auto const note = [this](Result<std::string> const& name) { world_.rename_answered(name); };
        return through(world_.share().commit(std::move(landing), std::move(backup)), note);
    }
    task<Result<ports::Removal>> discard(std::string landing) override {
        co_await gate_.arrive();
        if (world_.share().discarding_fails) world_.refused_write();
        else world_.discarding(landing);
        co_return co_await through(world_.share().discard(std::move(landing)));
    }
    task<Result<ports::Removal>> remove(std::string folder) override {
        co_await gate_.arrive();
        if (auto const refused = world_.why_not_removable()) co_return *refused;
        world_.removing(folder);
        co_return co_await through(world_.share().remove(std::move(folder)));
    }
    task<Result<std::uint64_t>> freed_by_removing(std::string folder) override {
        return through(world_.share().freed_by_removing(std::move(folder)));
    }
    task<Result<std::string>> new_trash_entry() override { return through(world_.share().new_trash_entry()); }
    task<Result<void>> move_to_trash(std::string folder, std::string entry) override {
        co_await gate_.arrive();
        if (auto const refused = world_.why_not_removable()) co_return *refused;
        world_.removing(folder);
        co_return co_await through(world_.share().move_to_trash(std::move(folder), std::move(entry)));
    }
    task<Result<void>> take_from_trash(std::string entry, std::string folder, std::string identity) override {
        return through(world_.share().take_from_trash(std::move(entry), std::move(folder), std::move(identity)));
    }
    task<Result<ports::Removal>> empty_trash_entry(std::string entry) override {
        return through(world_.share().empty_trash_entry(std::move(entry)));
    }
    task<Result<std::vector<std::string>>> trash_entries() override { return through(world_.share().trash_entries()); }
    task<Result<core::Backup>> accept(std::string folder) override {
        return through(world_.share().accept(std::move(folder)));
    }
    task<Result<void>> check_readable(std::string folder) override {
        world_.looking(folder);
        return through(world_.share().check_readable(std::move(folder)));
    }
    task<Result<std::string>> file_states(std::string folder) override {
        return through(world_.share().file_states(std::move(folder)));
    }
    task<Result<std::vector<std::string>>> landing_folders() override {
        return through(world_.share().landing_folders());
    }
    task<Result<void>> probe() override { return through(world_.share().probe()); }
    task<Result<core::Backup>> set_protected(std::string folder, bool is_protected) override {
        return through(world_.share().set_protected(std::move(folder), is_protected));
    }
    task<Result<bool>> exists(std::string folder) override { return through(world_.share().exists(std::move(folder))); }
    task<Result<ports::FolderStats>> folder_stats(std::string folder) override {
        return through(world_.share().folder_stats(std::move(folder)));
    }
    task<Result<core::Backup>> find(std::string folder) override {
        return through(world_.share().find(std::move(folder)));
    }
    task<Result<std::vector<core::Backup>>> list() override { return through(world_.share().list()); }
    task<Result<ports::Space>> space() override { return through(world_.share().space()); }
    task<std::string> boot_of_disk() override { return through(world_.share().boot_of_disk()); }
    task<Result<ports::StorageMark>> storage_mark() override { return through(world_.share().storage_mark()); }
    task<Result<std::string>> mark_storage() override { return through(world_.share().mark_storage()); }
    task<Result<std::optional<std::string>>> owner_file(std::string cluster) override {
        return through(world_.share().owner_file(std::move(cluster)));
    }
    task<Result<std::vector<std::string>>> owner_files() override { return through(world_.share().owner_files()); }
    task<Result<void>> write_owner_file(std::string cluster, std::string text) override {
        return through(world_.share().write_owner_file(std::move(cluster), std::move(text)));
    }

private:
    template <class T>
    task<T> through(task<T> call) {
        co_await world_.hang();
        co_return co_await gate_.pass(std::move(call));
    }
    template <class T, class Note>
    task<T> through(task<T> call, Note note) {
        co_await world_.hang();
        co_return co_await gate_.pass(std::move(call), std::move(note));
    }

    Gate& gate_;
    Observer& world_;
};

class GatedJournal final : public ports::Journal {
public:
    GatedJournal(FakeJournal& real, Gate& gate, Observer& world) : real_(real), gate_(gate), world_(world) {}

    task<Result<JobId>> add(core::Job job) override { return written(real_.add(std::move(job))); }
    task<Result<ports::JobOfRun>> add_to_run(core::Job job, core::Run run) override {
        return written(real_.add_to_run(std::move(job), std::move(run)));
    }
    task<Result<void>> save(core::Job job) override { return confirmed(written(real_.save(std::move(job)))); }
    task<Result<core::RunId>> add_run(core::Run run) override { return written(real_.add_run(std::move(run))); }
    task<Result<void>> save_run(core::Run run) override { return written(real_.save_run(std::move(run))); }
    task<Result<void>> settle_hook(JobId job, std::string problem) override {
        return written(real_.settle_hook(job, std::move(problem)));
    }
    task<Result<void>> add_deleted(core::DeletedBackup deleted) override {
        return written(real_.add_deleted(std::move(deleted)));
    }
    task<Result<void>> forget_deleted(std::string entry) override {
        return written(real_.forget_deleted(std::move(entry)));
    }
    task<Result<void>> save_conditions(std::vector<core::Condition> conditions) override {
        return written(real_.save_conditions(std::move(conditions)));
    }
    task<Result<void>> set_fact(std::string name, std::string value) override {
        return written(real_.set_fact(std::move(name), std::move(value)));
    }

    task<Result<std::vector<core::Job>>> unfinished() override { return gate_.pass(real_.unfinished()); }
    task<Result<std::vector<core::Job>>> recent(std::size_t limit) override { return gate_.pass(real_.recent(limit)); }
    task<Result<core::Job>> find(JobId id) override { return gate_.pass(real_.find(id)); }
    task<Result<std::vector<core::Run>>> recent_runs(std::size_t limit) override {
        return gate_.pass(real_.recent_runs(limit));
    }
    task<Result<std::vector<core::OwedHook>>> owed_hooks() override { return gate_.pass(real_.owed_hooks()); }
    task<Result<std::vector<core::DeletedBackup>>> deleted_backups() override {
        return gate_.pass(real_.deleted_backups());
    }
    task<Result<std::vector<core::Condition>>> conditions() override { return gate_.pass(real_.conditions()); }
    task<Result<bool>> needs_rebuild() override { return gate_.pass(real_.needs_rebuild()); }
    task<Result<JobId>> newest_job() override { return gate_.pass(real_.newest_job()); }
    task<Result<void>> raise_next_id(JobId above) override { return written(real_.raise_next_id(above)); }
    task<Result<std::vector<core::TrustedCopy>>> trusted_copies() override {
        return gate_.pass(real_.trusted_copies());
    }
    task<Result<void>> save_trusted(std::vector<core::TrustedCopy> copies,
                                    std::vector<core::TrustedCopy> forgotten) override {
        return written(real_.save_trusted(std::move(copies), std::move(forgotten)));
    }
    task<Result<std::vector<core::VmLink>>> vm_links() override { return gate_.pass(real_.vm_links()); }
    task<Result<void>> add_vm_link(core::VmLink link) override { return written(real_.add_vm_link(std::move(link))); }
    task<Result<void>> forget_vm_link(VmUuid earlier) override {
        return written(real_.forget_vm_link(std::move(earlier)));
    }
    task<Result<void>> rebuild_history(std::vector<core::Job> jobs, std::string why) override {
        return gate_.pass(real_.rebuild_history(std::move(jobs), std::move(why)));
    }
    task<Result<std::optional<ports::JournalReplaced>>> journal_replaced() override {
        return gate_.pass(real_.journal_replaced());
    }
    task<Result<std::optional<std::string>>> fact(std::string name) override {
        return gate_.pass(real_.fact(std::move(name)));
    }

private:
    template <class T>
    task<Result<T>> written(task<Result<T>> call) {
        auto const note = [this](Result<T> const& result) { world_.wrote(result.has_value()); };
        auto passing = gate_.pass(std::move(call), note);
        co_await world_.write();
        co_return co_await std::move(passing);
    }
    task<Result<void>> confirmed(task<Result<void>> call) {
        auto result = co_await std::move(call);
        if (result && world_.lies_about_write()) co_return Error{Errc::io, "the disk did not confirm the write"};
        co_return result;
    }

    FakeJournal& real_;
    Gate& gate_;
    Observer& world_;
};

}  // namespace sb::test::adversary
