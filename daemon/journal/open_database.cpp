#include "daemon/journal/open_database.hpp"

#include "daemon/journal/facts.hpp"
#include "daemon/journal/jobs_table.hpp"
#include "daemon/journal/last_id.hpp"
#include "daemon/journal/prune.hpp"
#include "daemon/journal/run_record.hpp"
#include "daemon/journal/schema.hpp"
#include "daemon/platform/private_directory.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <system_error>
#include <utility>

namespace sb::journal {
namespace {

namespace fs = std::filesystem;

// Names in the file stay as the first version wrote them: a journal outlives our taste.
constexpr std::string_view journal_replaced_at = "begun_anew_at";
constexpr std::string_view journal_replaced_why = "begun_anew_why";
constexpr std::string_view running_jobs_are_recorded_again = "running jobs are recorded again";

/// Opens the file and checks that it is intact and ours. Throws DatabaseError; SQLITE_CORRUPT for a newer schema too,
/// since the remedy is the same.
Database open_intact(fs::path const& path) {
    platform::create_private(path);  // SQLite would use the umask; its other files get the mode of this one
    auto database = Database::open(path);
    database.execute("PRAGMA journal_mode = WAL");
    database.execute("PRAGMA synchronous = FULL");
    database.execute("PRAGMA foreign_keys = ON");
    {
        auto check = database.prepare("PRAGMA quick_check(1)");
        auto result = check.step() ? check.text(0) : std::string();
        std::replace(result.begin(), result.end(), '\n', ' ');  // one event is one line of the log
        if (result != "ok") throw DatabaseError{SQLITE_CORRUPT, result};
    }
    auto const version = schema_of(database);
    if (version > newest_schema())
        throw DatabaseError{SQLITE_CORRUPT, "it was written by a newer scale-backup (schema " +
                                                std::to_string(version) + ", this one supports " +
                                                std::to_string(newest_schema()) + ")"};
    migrate(database, all_steps());
    check_columns(database);
    if (auto const removed = forget_impossible_jobs(database); removed > 0)
        spdlog::warn("the journal '{}': removed {} jobs whose numbers no job can have; a manifest claimed them",
                     path.string(), removed);
    // The daemon resumes these next; better to find out now whether they are readable.
    select_jobs(database, unfinished_jobs, std::nullopt);
    // quick_check does not read every page of content.
    select_readable_jobs(database, "WHERE phase = 'finished' ORDER BY id DESC", std::nullopt);
    unfinished_runs(database);
    prune_if_possible(database, path.string());
    return database;
}

/// Renames the journal together with its write-ahead log, which would corrupt a new journal.
fs::path set_aside(fs::path const& path, UtcTime now) {
    auto const stamp = ".damaged-" + std::to_string(now.time_since_epoch().count() / 1000);
    auto target = path.string() + stamp;
    std::error_code failure;
    for (int i = 1; fs::exists(target, failure); ++i) target = path.string() + stamp + "-" + std::to_string(i);
    // The log first: after a crash in between, a new journal must not find and use the old one's log.
    for (std::string const part : {"-wal", "-shm", ""}) {
        fs::rename(path.string() + part, target + part, failure);
        if (failure && failure != std::errc::no_such_file_or_directory)
            throw Error{Errc::io,
                        "setting the damaged journal '" + path.string() + part + "' aside: " + failure.message()};
    }
    return target;
}

}  // namespace

bool is_about_the_file(std::string_view fact_name) {
    return fact_name == rebuild_fact || fact_name == journal_replaced_at || fact_name == journal_replaced_why;
}

void note_journal_replaced(Database& database, UtcTime now, std::string const& why) {
    set_fact(database, std::string(journal_replaced_at), format_rfc3339(now));
    set_fact(database, std::string(journal_replaced_why), why);
}

std::optional<ports::JournalReplaced> why_journal_replaced(Database& database) {
    auto const why = fact(database, std::string(journal_replaced_why));
    if (!why) return std::nullopt;
    auto const at = parse_rfc3339(fact(database, std::string(journal_replaced_at)).value_or(""));
    return ports::JournalReplaced{at ? *at : UtcTime{}, *why};
}

void prune_if_possible(Database& database, std::string const& path) {
    try {
        prune(database);
    } catch (DatabaseError const& failure) {
        spdlog::warn("the journal '{}': old records could not be deleted: {}", path, failure.message);
    }
}

Database open_or_create(fs::path const& path, UtcTime now, When when) {
    try {
        return open_intact(path);
    } catch (DatabaseError const& failure) {
        if (!may_mean_damage(failure.code)) throw;
        auto const aside = set_aside(path, now);
        auto const why = "the journal '" + path.string() + "' is not usable (" + failure.message +
                         "): it was set aside as '" + aside.string() + "' and a new one was started";
        spdlog::error(
            "{}. Finished backups are not affected; {}", why,
            when == When::at_startup ? "unfinished jobs are no longer known" : running_jobs_are_recorded_again);
        auto database = open_intact(path);
        note_journal_replaced(database, now, why);
        return database;
    }
}

Database check_and_reopen(fs::path const& path, UtcTime now) {
    spdlog::warn("the journal '{}' appears damaged; checking it", path.string());
    std::error_code ignored;
    bool const emptied = fs::file_size(path, ignored) == 0;
    auto database = open_or_create(path, now, When::while_running);
    if (!emptied) return database;
    auto const why =
        "the journal '" + path.string() + "' was emptied while the daemon was running: a new one was started";
    spdlog::error("{}. Finished backups are not affected; {}", why, running_jobs_are_recorded_again);
    note_journal_replaced(database, now, why);
    return database;
}

Database recreate(fs::path const& path, UtcTime now) {
    // If that fails, the next step fails too and reports it.
    static_cast<void>(platform::make_private_directory(path.parent_path()));
    auto database = open_or_create(path, now, When::while_running);
    auto const why = "the journal '" + path.string() +
                     "' was removed or replaced while the daemon was running: the daemon continues with the file that "
                     "is there now";
    spdlog::error("{}. Finished backups are not affected; {}", why, running_jobs_are_recorded_again);
    note_journal_replaced(database, now, why);
    return database;
}

}  // namespace sb::journal
