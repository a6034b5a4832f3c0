#include "daemon/journal/sqlite_journal.hpp"

#include "daemon/journal/database.hpp"
#include "daemon/journal/facts.hpp"
#include "daemon/journal/job_record.hpp"
#include "daemon/journal/prune.hpp"
#include "daemon/journal/run_record.hpp"
#include "daemon/journal/schema.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

namespace sb::journal {
namespace {

namespace fs = std::filesystem;

Error as_error(DatabaseError const& failure, std::string const& path) {
    auto const code = (failure.code & 0xff) == SQLITE_FULL ? Errc::no_space : Errc::io;
    return {code, "the journal '" + path + "': " + failure.words};
}

/// A limit as SQLite takes it.
std::int64_t at_most(std::size_t limit) { return static_cast<std::int64_t>(std::min<std::size_t>(limit, 1000000)); }

constexpr char const* unfinished_jobs = "WHERE phase <> 'finished' ORDER BY id";

std::vector<core::Job> select_jobs(Database& database, std::string const& condition,
                                   std::optional<std::int64_t> value) {
    auto query = database.prepare(("SELECT id, " + std::string(job_columns) + " FROM jobs " + condition).c_str());
    if (value) query.bind(1, *value);
    std::vector<core::Job> jobs;
    while (query.step()) jobs.push_back(read_job(query));
    return jobs;
}

/// That old rows cannot be deleted (a full disk) must stop neither the daemon nor the addition that came before.
void prune_if_possible(Database& database, std::string const& path) {
    try {
        prune(database);
    } catch (DatabaseError const& failure) {
        spdlog::warn("the journal '{}': old records could not be deleted: {}", path, failure.words);
    }
}

/// Opens it and makes sure that it is whole and ours. Throws DatabaseError; SQLITE_CORRUPT for a newer schema too,
/// since the remedy is the same.
Database open_whole(fs::path const& path) {
    auto database = Database::open(path);
    database.execute("PRAGMA journal_mode = WAL");
    database.execute("PRAGMA synchronous = FULL");
    database.execute("PRAGMA foreign_keys = ON");
    {
        auto check = database.prepare("PRAGMA quick_check(1)");
        auto words = check.step() ? check.text(0) : std::string();
        std::replace(words.begin(), words.end(), '\n', ' ');  // one event, one line of log
        if (words != "ok") throw DatabaseError{SQLITE_CORRUPT, words};
    }
    auto const version = schema_of(database);
    if (version > newest_schema())
        throw DatabaseError{SQLITE_CORRUPT, "it was written by a newer scale-backup (schema " +
                                                std::to_string(version) + ", this one knows " +
                                                std::to_string(newest_schema()) + ")"};
    migrate(database);
    // The daemon takes these up right after; better to know now that it can.
    select_jobs(database, unfinished_jobs, std::nullopt);
    check_unfinished_runs(database);
    prune_if_possible(database, path.string());
    return database;
}

/// The journal with its write-ahead log, which belongs to it and would spoil a new one.
Result<fs::path> set_aside(fs::path const& path, UtcTime now) {
    auto const stamp = ".damaged-" + std::to_string(now.time_since_epoch().count() / 1000);
    auto target = path.string() + stamp;
    std::error_code failure;
    for (int i = 1; fs::exists(target, failure); ++i) target = path.string() + stamp + "-" + std::to_string(i);
    for (std::string const part : {"", "-wal", "-shm"}) {
        fs::rename(path.string() + part, target + part, failure);
        if (failure && failure != std::errc::no_such_file_or_directory)
            return Error{Errc::io,
                         "setting the damaged journal '" + path.string() + part + "' aside: " + failure.message()};
    }
    return fs::path(target);
}

constexpr char const* insert_job =
    "INSERT INTO jobs (kind, vm, vm_name, backup, definition_file, scheduled, phase, outcome, cancel_requested, error_code,"
    " error_context, disks, expected_bytes, tag_before, tag, percent, queued, started, posted, finished,"
    " pre_hook, post_hook, warnings)"
    " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20,"
    " ?21, ?22, ?23)";
constexpr char const* update_job =
    "UPDATE jobs SET kind = ?1, vm = ?2, vm_name = ?3, backup = ?4, definition_file = ?5, scheduled = ?6, phase = ?7,"
    " outcome = ?8, cancel_requested = ?9, error_code = ?10, error_context = ?11, disks = ?12, expected_bytes = ?13,"
    " tag_before = ?14, tag = ?15, percent = ?16, queued = ?17, started = ?18, posted = ?19, finished = ?20,"
    " pre_hook = ?21, post_hook = ?22, warnings = ?23 WHERE id = ?24";

class SqliteJournal : public ports::Journal {
public:
    SqliteJournal(BlockingPool& pool, Database database, std::string path, std::function<UtcTime()> now)
        : pool_(pool), database_(std::move(database)), path_(std::move(path)), now_(std::move(now)) {}

    task<Result<JobId>> add(core::Job job) override {
        return on_pool<JobId>([this, job = std::move(job)] { return add_now(job); });
    }
    task<Result<void>> save(core::Job job) override {
        return on_pool<void>([this, job = std::move(job)] { save_now(job); });
    }
    task<Result<std::vector<core::Job>>> unfinished() override {
        return on_pool<std::vector<core::Job>>([this] {
            return select_jobs(database_, unfinished_jobs, std::nullopt);
        });
    }
    task<Result<std::vector<core::Job>>> recent(std::size_t limit) override {
        return on_pool<std::vector<core::Job>>([this, limit] {
            // By id, not by time: the wall clock can jump.
            return select_jobs(database_, "WHERE phase = 'finished' ORDER BY id DESC LIMIT ?1", at_most(limit));
        });
    }
    task<Result<core::Job>> find(JobId id) override {
        return on_pool<core::Job>([this, id] {
            auto jobs = select_jobs(database_, "WHERE id = ?1 AND phase = 'finished'", static_cast<std::int64_t>(id));
            if (jobs.empty()) throw Error{Errc::not_found, "there is no finished job " + std::to_string(id)};
            return std::move(jobs.front());
        });
    }

    task<Result<core::RunId>> add_run(core::Run run) override {
        return on_pool<core::RunId>([this, run = std::move(run)] {
            auto const id = journal::add_run(database_, run);
            prune_now_and_then();
            return id;
        });
    }
    task<Result<void>> save_run(core::Run run) override {
        return on_pool<void>([this, run = std::move(run)] { journal::save_run(database_, run); });
    }
    task<Result<std::vector<core::Run>>> recent_runs(std::size_t limit) override {
        return on_pool<std::vector<core::Run>>(
            [this, limit] { return journal::recent_runs(database_, at_most(limit)); });
    }

    task<Result<std::optional<std::string>>> fact(std::string name) override {
        return on_pool<std::optional<std::string>>(
            [this, name = std::move(name)] { return journal::fact(database_, name); });
    }
    task<Result<void>> set_fact(std::string name, std::string value) override {
        return on_pool<void>([this, name = std::move(name), value = std::move(value)] {
            journal::set_fact(database_, name, value);
        });
    }

private:
    /// A plain function that only makes the coroutine. This room's exceptions end here.
    template <class T, class Call>
    task<Result<T>> on_pool(Call call) {
        auto work = [this, call = std::move(call)]() -> Result<T> {
            try {
                if constexpr (std::is_void_v<T>) {
                    call();
                    return {};
                } else {
                    return call();
                }
            } catch (DatabaseError const& failure) {
                return as_error(failure, path_);
            } catch (Error const& error) {
                return error;
            }
        };
        return pool_.run(std::move(work));
    }

    JobId add_now(core::Job const& job) {
        Transaction transaction(database_);
        auto insert = database_.prepare(insert_job);
        bind_job(insert, job);
        insert.step();
        auto const id = static_cast<JobId>(database_.last_row_id());
        note_transition(id, "", job);
        transaction.commit();
        prune_now_and_then();
        return id;
    }

    void prune_now_and_then() {
        if (++additions_ % additions_between_prunings == 0) prune_if_possible(database_, path_);
    }

    void save_now(core::Job const& job) {
        Transaction transaction(database_);
        std::string before;
        {
            auto select = database_.prepare("SELECT phase FROM jobs WHERE id = ?1");
            select.bind(1, static_cast<std::int64_t>(job.id));
            if (!select.step()) throw Error{Errc::not_found, "the journal does not know job " + std::to_string(job.id)};
            before = select.text(0);
        }
        auto update = database_.prepare(update_job);
        bind_job(update, job);
        update.bind(job_column_count + 1, static_cast<std::int64_t>(job.id));
        update.step();
        if (before != core::name_of(job.phase)) note_transition(job.id, before, job);
        transaction.commit();
    }

    void note_transition(JobId id, std::string const& from, core::Job const& job) {
        auto note = job.error ? job.error->context : std::string();
        if (note.empty() && job.cancel_requested) note = "cancel requested";
        auto insert = database_.prepare(
            "INSERT INTO transitions (job, at, from_phase, to_phase, note) VALUES (?1, ?2, ?3, ?4, ?5)");
        insert.bind(1, static_cast<std::int64_t>(id))
            .bind(2, std::int64_t{now_().time_since_epoch().count()})
            .bind(3, from)
            .bind(4, core::name_of(job.phase))
            .bind(5, note);
        insert.step();
    }

    BlockingPool& pool_;
    Database database_;
    std::string const path_;
    std::function<UtcTime()> const now_;
    int additions_ = 0;
};

}  // namespace

Result<std::unique_ptr<ports::Journal>> open_journal(BlockingPool& pool, std::filesystem::path path,
                                                     std::function<UtcTime()> now) {
    if (!now) now = [] { return std::chrono::floor<Milliseconds>(std::chrono::system_clock::now()); };
    try {
        Database database;
        try {
            database = open_whole(path);
        } catch (DatabaseError const& failure) {
            if (!means_damaged(failure.code)) throw;
            auto const aside = set_aside(path, now());
            if (!aside) return aside.error();
            spdlog::error("the journal '{}' cannot be used ({}): it was set aside as '{}' and a new one is begun. "
                          "Finished backups are not touched; jobs that were under way are not known any more",
                          path.string(), failure.words, aside->string());
            database = open_whole(path);
        }
        std::unique_ptr<ports::Journal> journal =
            std::make_unique<SqliteJournal>(pool, std::move(database), path.string(), std::move(now));
        return journal;
    } catch (DatabaseError const& failure) {
        return as_error(failure, path.string());
    }
}

}  // namespace sb::journal
