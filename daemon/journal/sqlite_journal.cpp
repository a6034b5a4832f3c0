#include "daemon/journal/sqlite_journal.hpp"

#include "daemon/journal/claimed_jobs.hpp"
#include "daemon/journal/condition_record.hpp"
#include "daemon/journal/database.hpp"
#include "daemon/journal/deleted_backups_table.hpp"
#include "daemon/journal/facts.hpp"
#include "daemon/journal/jobs_table.hpp"
#include "daemon/journal/last_id.hpp"
#include "daemon/journal/memory_copy.hpp"
#include "daemon/journal/open_database.hpp"
#include "daemon/journal/owed_hooks_table.hpp"
#include "daemon/journal/prune.hpp"
#include "daemon/journal/run_record.hpp"
#include "daemon/journal/trusted_copies_table.hpp"
#include "daemon/journal/vm_links_table.hpp"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <utility>

namespace sb::journal {
namespace {

namespace fs = std::filesystem;

std::string what_to_do(int sqlite_code) {
    switch (sqlite_code & 0xff) {
        case SQLITE_FULL: return "; free space on the file system of the state directory";
        case SQLITE_READONLY:
        case SQLITE_PERM:
        case SQLITE_CANTOPEN:
            return "; the state directory must exist, and the daemon's user must have write access to it";
        case SQLITE_BUSY: return "; another program (a sqlite3 shell?) has locked it for 5 seconds: close it";
        case SQLITE_IOERR: return "; check the disk and the file system of the state directory";
        default: return {};
    }
}

Error as_error(DatabaseError const& failure, std::string const& path) {
    auto const code = (failure.code & 0xff) == SQLITE_FULL ? Errc::no_space : Errc::io;
    return {code, "the journal '" + path + "': " + failure.message + what_to_do(failure.code)};
}

/// A limit in SQLite's type.
std::int64_t at_most(std::size_t limit) { return static_cast<std::int64_t>(std::min<std::size_t>(limit, 1000000)); }

class SqliteJournal : public ports::Journal {
public:
    SqliteJournal(BlockingPool& pool, Database database, std::string path, std::function<UtcTime()> now)
        : pool_(pool), database_(std::move(database)), path_(std::move(path)), now_(std::move(now)) {
        copy_.load_from(database_);
    }

    task<Result<JobId>> add(core::Job job) override {
        return on_pool<JobId>([this, job = std::move(job)] { return add_now(job); });
    }
    task<Result<ports::JobOfRun>> add_to_run(core::Job job, core::Run run) override {
        return on_pool<ports::JobOfRun>(
            [this, job = std::move(job), run = std::move(run)] { return add_to_run_now(job, run); });
    }
    task<Result<void>> save(core::Job job) override {
        return on_pool<void>([this, job = std::move(job)] { save_now(job); });
    }
    task<Result<std::vector<core::Job>>> unfinished() override {
        return on_pool<std::vector<core::Job>>(
            [this] { return select_jobs(database_, unfinished_jobs, std::nullopt); });
    }
    task<Result<std::vector<core::Job>>> recent(std::size_t limit) override {
        return on_pool<std::vector<core::Job>>([this, limit] {
            // By id, not by time: the wall clock can jump.
            return select_readable_jobs(database_, "WHERE phase = 'finished' ORDER BY id DESC LIMIT ?1",
                                        at_most(limit));
        });
    }
    task<Result<core::Job>> find(JobId id) override {
        return on_pool<core::Job>([this, id] {
            auto jobs = select_jobs(database_, "WHERE id = ?1 AND phase = 'finished'", static_cast<std::int64_t>(id));
            if (jobs.empty()) throw Error{Errc::not_found, "there is no job " + std::to_string(id)};
            return std::move(jobs.front());
        });
    }

    task<Result<core::RunId>> add_run(core::Run run) override {
        return on_pool<core::RunId>([this, run = std::move(run)] { return add_run_now(run); });
    }
    task<Result<void>> save_run(core::Run run) override {
        return on_pool<void>([this, run = std::move(run)] {
            if (journal::save_run(database_, run)) copy_.keep(run);
        });
    }
    task<Result<std::vector<core::Run>>> recent_runs(std::size_t limit) override {
        return on_pool<std::vector<core::Run>>(
            [this, limit] { return journal::recent_runs(database_, at_most(limit)); });
    }

    task<Result<std::vector<core::OwedHook>>> owed_hooks() override {
        return on_pool<std::vector<core::OwedHook>>([this] { return journal::owed_hooks(database_); });
    }
    task<Result<void>> settle_hook(JobId job, std::string problem) override {
        return on_pool<void>([this, job, problem = std::move(problem)] { settle_hook_now(job, problem); });
    }

    task<Result<std::vector<core::DeletedBackup>>> deleted_backups() override {
        return on_pool<std::vector<core::DeletedBackup>>([this] { return journal::deleted_backups(database_); });
    }
    task<Result<void>> add_deleted(core::DeletedBackup deleted) override {
        return on_pool<void>([this, deleted = std::move(deleted)] {
            add_deleted_backup(database_, deleted);
            copy_.keep(deleted);
        });
    }
    task<Result<void>> forget_deleted(std::string entry) override {
        return on_pool<void>([this, entry = std::move(entry)] {
            remove_deleted_backup(database_, entry);
            copy_.drop_deleted(entry);
        });
    }

    task<Result<std::vector<core::VmLink>>> vm_links() override {
        return on_pool<std::vector<core::VmLink>>([this] { return journal::vm_links(database_); });
    }
    task<Result<void>> add_vm_link(core::VmLink link) override {
        return on_pool<void>([this, link = std::move(link)] {
            journal::add_vm_link(database_, link);
            copy_.keep(link);
        });
    }
    task<Result<void>> forget_vm_link(VmUuid earlier) override {
        return on_pool<void>([this, earlier = std::move(earlier)] {
            remove_vm_link(database_, earlier);
            copy_.drop_vm_link(earlier);
        });
    }

    task<Result<std::vector<core::TrustedCopy>>> trusted_copies() override {
        return on_pool<std::vector<core::TrustedCopy>>([this] { return journal::trusted_copies(database_); });
    }
    task<Result<void>> save_trusted(std::vector<core::TrustedCopy> copies,
                                    std::vector<core::TrustedCopy> forgotten) override {
        return on_pool<void>([this, copies = std::move(copies), forgotten = std::move(forgotten)] {
            Transaction transaction(database_);
            for (auto const& copy : copies) put_trusted_copy(database_, copy);
            for (auto const& copy : forgotten) remove_trusted_copy(database_, core::trust_key(copy));
            transaction.commit();
            for (auto const& copy : copies) copy_.keep(copy);
            for (auto const& copy : forgotten) copy_.drop(copy);
        });
    }

    task<Result<std::vector<core::Condition>>> conditions() override {
        return on_pool<std::vector<core::Condition>>([this] { return recorded_conditions(database_); });
    }
    task<Result<void>> save_conditions(std::vector<core::Condition> conditions) override {
        return on_pool<void>([this, conditions = std::move(conditions)] {
            Transaction transaction(database_);
            replace_conditions(database_, conditions);
            transaction.commit();
            copy_.keep(conditions);
        });
    }

    task<Result<bool>> needs_rebuild() override {
        return on_pool<bool>([this] { return journal::fact(database_, rebuild_fact) == "yes"; });
    }
    task<Result<void>> rebuild_history(std::vector<core::Job> jobs, std::string why) override {
        return on_pool<void>([this, jobs = std::move(jobs), why = std::move(why)] {
            Transaction transaction(database_);
            bool const is_new = journal::fact(database_, rebuild_fact) == "yes";
            auto const added = add_claimed_jobs(database_, jobs, now_());
            bool const says_why = is_new && why_journal_replaced(database_);
            if (!why.empty() && !says_why) note_journal_replaced(database_, now_(), why);
            journal::set_fact(database_, rebuild_fact, "done");
            transaction.commit();
            for (auto const& job : added) copy_.keep(job);  // for its id
            prune_if_possible(database_, path_);
        });
    }
    task<Result<JobId>> newest_job() override {
        return on_pool<JobId>([this]() -> JobId { return last_id(database_, "jobs"); });
    }
    task<Result<void>> raise_next_id(JobId above) override {
        return on_pool<void>([this, above] {
            if (above > max_id || last_id(database_, "jobs") >= above) return;
            Transaction transaction(database_);
            raise_last_id(database_, "jobs", above);
            transaction.commit();
            copy_.raise_last_job(above);
        });
    }
    task<Result<std::optional<ports::JournalReplaced>>> journal_replaced() override {
        return on_pool<std::optional<ports::JournalReplaced>>([this] { return why_journal_replaced(database_); });
    }

    task<Result<std::optional<std::string>>> fact(std::string name) override {
        return on_pool<std::optional<std::string>>(
            [this, name = std::move(name)] { return journal::fact(database_, name); });
    }
    task<Result<void>> set_fact(std::string name, std::string value) override {
        return on_pool<void>([this, name = std::move(name), value = std::move(value)] {
            journal::set_fact(database_, name, value);
            copy_.keep_fact(name, value);
        });
    }

private:
    /// A plain function that only creates the coroutine. The module's exceptions end here.
    template <class T, class Call>
    task<Result<T>> on_pool(Call call) {
        auto work = [this, call = std::move(call)]() -> Result<T> {
            auto outcome = attempt<T>(call);
            if (outcome || !may_be_damaged_) return outcome;
            return attempt<T>(call);  // in the journal that replaces it
        };
        return pool_.run(std::move(work));
    }

    template <class T, class Call>
    Result<T> attempt(Call const& call) {
        try {
            ensure_usable();
            if constexpr (std::is_void_v<T>) {
                call();
                return {};
            } else {
                return call();
            }
        } catch (DatabaseError const& failure) {
            may_be_damaged_ = may_mean_damage(failure.code) && may_check_for_damage();
            return as_error(failure, path_);
        } catch (Error const& error) {
            return error;
        }
    }

    JobId add_now(core::Job job) {
        Transaction transaction(database_);
        job.id = insert_job(database_, job);
        note_transition(database_, now_(), "", job);
        transaction.commit();
        copy_.keep(job);
        prune_periodically();
        return job.id;
    }

    ports::JobOfRun add_to_run_now(core::Job job, core::Run run) {
        Transaction transaction(database_);
        job.id = insert_job(database_, job);
        note_transition(database_, now_(), "", job);
        run.jobs.push_back(job.id);
        if (run.id == 0) run.id = journal::add_run(database_, run);
        else if (!journal::save_run(database_, run))
            throw Error{Errc::internal, "the journal has a newer record of run " + std::to_string(run.id)};
        transaction.commit();
        copy_.keep(job);
        copy_.keep(run);
        prune_periodically();
        return {job.id, run.id};
    }

    core::RunId add_run_now(core::Run run) {
        run.id = journal::add_run(database_, run);
        copy_.keep(run);
        prune_periodically();
        return run.id;
    }

    void prune_periodically() {
        if (++additions_ % additions_between_prunings == 0) prune_if_possible(database_, path_);
    }

    void save_now(core::Job const& job) {
        Transaction transaction(database_);
        auto const before = recorded_phase(database_, job.id);
        if (!before && !was_replaced_)
            throw Error{Errc::not_found, "the journal does not know job " + std::to_string(job.id)};
        if (before && !update_job(database_, job)) return;  // the journal has a newer record
        if (!before) insert_job_with_id(database_, job);
        if (before != core::name_of(job.phase)) note_transition(database_, now_(), before.value_or(""), job);
        std::optional<core::OwedHook> owed;
        if (before != core::name_of(core::Phase::finished)) owed = core::owed_hook_of(job);
        if (owed) add_owed_hook(database_, *owed);
        auto const trusted = core::trusted_by(job);
        bool const is_new_copy = trusted && add_trusted_copy(database_, *trusted);
        transaction.commit();
        copy_.keep(job);
        if (owed) copy_.keep(*owed);
        if (is_new_copy) copy_.keep(*trusted);
    }

    void settle_hook_now(JobId id, std::string const& problem) {
        Transaction transaction(database_);
        remove_owed_hook(database_, id);
        // The job may be unreadable or no longer recorded.
        auto jobs = select_readable_jobs(database_, "WHERE id = ?1", static_cast<std::int64_t>(id));
        if (!problem.empty() && !jobs.empty()) {
            jobs.front().warnings.push_back(problem);
            ++jobs.front().revision;
            update_job(database_, jobs.front());
        }
        transaction.commit();
        copy_.drop_owed_hook(id);
    }

    void ensure_usable() {
        if (database_.has_moved()) reopen(recreate);
        else if (may_be_damaged_ || (database_.is_overwritten() && may_check_for_damage())) check_for_damage();
        if (!needs_copy_) return;
        copy_.write_to(database_, now_());
        needs_copy_ = false;
    }

    /// Checks the file as at startup, and sets it aside if it is damaged.
    void check_for_damage() {
        may_be_damaged_ = false;
        last_damage_check_ = now_();
        reopen(check_and_reopen);
    }
    /// A disk that corrupts each new file must not be filled with files that were set aside; and a single unreadable
    /// record in an intact file must not cause a full check each time it is read.
    bool may_check_for_damage() const {
        constexpr auto pause = std::chrono::minutes(1);
        return !last_damage_check_ || now_() - *last_damage_check_ > pause || now_() < *last_damage_check_;
    }

    void reopen(Database (*open)(fs::path const&, UtcTime)) {
        database_ = Database();  // its write-ahead log must not be closed over the new file's
        needs_copy_ = was_replaced_ = true;
        database_ = open(path_, now_());
    }

    BlockingPool& pool_;
    Database database_;
    std::string const path_;
    std::function<UtcTime()> const now_;
    int additions_ = 0;
    MemoryCopy copy_;
    bool was_replaced_ = false;  ///< while running: records that are not in the copy may be missing
    bool needs_copy_ = false;    ///< the copy could not be written yet
    bool may_be_damaged_ = false;
    std::optional<UtcTime> last_damage_check_;
};

}  // namespace

Result<std::unique_ptr<ports::Journal>> open_journal(BlockingPool& pool, std::filesystem::path path,
                                                     std::function<UtcTime()> now) {
    if (!now) now = [] { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); };
    try {
        auto database = open_or_create(path, now(), When::at_startup);
        std::unique_ptr<ports::Journal> journal =
            std::make_unique<SqliteJournal>(pool, std::move(database), path.string(), std::move(now));
        return journal;
    } catch (Error const& error) {
        return error;
    } catch (DatabaseError const& failure) {
        return as_error(failure, path.string());
    }
}

}  // namespace sb::journal
