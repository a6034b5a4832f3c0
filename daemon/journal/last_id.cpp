#include "daemon/journal/last_id.hpp"

namespace sb::journal {

std::uint64_t last_id(Database& database, std::string_view table) {
    auto query = database.prepare("SELECT seq FROM sqlite_sequence WHERE name = ?1");
    query.bind(1, table);
    return query.step() ? static_cast<std::uint64_t>(query.integer(0)) : 0;
}

void raise_last_id(Database& database, std::string_view table, std::uint64_t to) {
    if (to > max_id || last_id(database, table) >= to) return;
    auto remove = database.prepare("DELETE FROM sqlite_sequence WHERE name = ?1");
    remove.bind(1, table);
    remove.step();
    auto note = database.prepare("INSERT INTO sqlite_sequence (name, seq) VALUES (?1, ?2)");
    note.bind(1, table).bind(2, static_cast<std::int64_t>(to));
    note.step();
}

int forget_impossible_jobs(Database& database) {
    if (last_id(database, "jobs") <= max_id) return 0;
    Transaction transaction(database);
    auto remove = database.prepare("DELETE FROM jobs WHERE id > ?1 AND phase = 'finished'");
    remove.bind(1, static_cast<std::int64_t>(max_id));
    remove.step();
    int const removed = database.changes();
    auto lower = database.prepare(
        "UPDATE sqlite_sequence SET seq = (SELECT coalesce(max(id), 0) FROM jobs) WHERE name = 'jobs'");
    lower.step();
    transaction.commit();
    return removed;
}

}  // namespace sb::journal
