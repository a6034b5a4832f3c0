#include "daemon/journal/opening.hpp"

#include "daemon/journal/facts.hpp"
#include "daemon/journal/jobs_table.hpp"
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

constexpr std::string_view journal_replaced_at = "journal_replaced_at";
constexpr std::string_view journal_replaced_why = "journal_replaced_why";

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
    migrate(database, all_steps());
    // The daemon takes these up right after; better to know now that it can.
    select_jobs(database, unfinished_jobs, std::nullopt);
    // quick_check does not look into every page of content.
    select_readable_jobs(database, "WHERE phase = 'finished' ORDER BY id DESC", std::nullopt);
    unfinished_runs(database);
    prune_if_possible(database, path.string());
    return database;
}

/// The journal with its write-ahead log, which belongs to it and would spoil a new one.
fs::path set_aside(fs::path const& path, UtcTime now) {
    auto const stamp = ".damaged-" + std::to_string(now.time_since_epoch().count() / 1000);
    auto target = path.string() + stamp;
    std::error_code failure;
    for (int i = 1; fs::exists(target, failure); ++i) target = path.string() + stamp + "-" + std::to_string(i);
    // The log first: killed in between, a new journal must not find the old one's log and take it for its own.
    for (std::string const part : {"-wal", "-shm", ""}) {
        fs::rename(path.string() + part, target + part, failure);
        if (failure && failure != std::errc::no_such_file_or_directory)
            throw Error{Errc::io,
                        "setting the damaged journal '" + path.string() + part + "' aside: " + failure.message()};
    }
    return target;
}

}  // namespace

bool is_of_this_file(std::string_view fact_name) {
    return fact_name == rebuild_fact || fact_name == journal_replaced_at || fact_name == journal_replaced_why;
}

void note_journal_replaced(Database& database, UtcTime now, std::string const& why) {
    set_fact(database, std::string(journal_replaced_at), format_rfc3339(now));
    set_fact(database, std::string(journal_replaced_why), why);
}

std::optional<ports::BegunAnew> why_journal_replaced(Database& database) {
    auto const why = fact(database, std::string(journal_replaced_why));
    if (!why) return std::nullopt;
    auto const at = parse_rfc3339(fact(database, std::string(journal_replaced_at)).value_or(""));
    return ports::BegunAnew{at ? *at : UtcTime{}, *why};
}

void prune_if_possible(Database& database, std::string const& path) {
    try {
        prune(database);
    } catch (DatabaseError const& failure) {
        spdlog::warn("the journal '{}': old records could not be deleted: {}", path, failure.words);
    }
}

Database open_or_begin(fs::path const& path, UtcTime now, When when) {
    try {
        return open_whole(path);
    } catch (DatabaseError const& failure) {
        if (!may_mean_damage(failure.code)) throw;
        auto const aside = set_aside(path, now);
        auto const why = "the journal '" + path.string() + "' cannot be used (" + failure.words +
                         "): it was set aside as '" + aside.string() + "' and a new one is begun";
        spdlog::error(
            "{}. Finished backups are not touched; jobs that {}", why,
            when == When::at_start ? "were under way are not known any more" : "are under way are recorded again");
        auto database = open_whole(path);
        note_journal_replaced(database, now, why);
        return database;
    }
}

Database examine_again(fs::path const& path, UtcTime now) {
    spdlog::warn("the journal '{}' seems damaged and is examined", path.string());
    std::error_code ignored;
    bool const emptied = fs::file_size(path, ignored) == 0;
    auto database = open_or_begin(path, now, When::in_mid_run);
    if (!emptied) return database;
    auto const why = "the journal '" + path.string() + "' was emptied while the daemon ran: a new one is begun";
    spdlog::error("{}. Finished backups are not touched; jobs that are under way are recorded again", why);
    note_journal_replaced(database, now, why);
    return database;
}

Database begin_again(fs::path const& path, UtcTime now) {
    // If that fails, so does what follows, with words.
    static_cast<void>(platform::make_private_directory(path.parent_path()));
    auto database = open_or_begin(path, now, When::in_mid_run);
    auto const why = "the journal '" + path.string() +
                     "' was taken away or replaced while the daemon ran: it goes on with what it "
                     "finds there";
    spdlog::error("{}. Finished backups are not touched; jobs that are under way are recorded again", why);
    note_journal_replaced(database, now, why);
    return database;
}

}  // namespace sb::journal
