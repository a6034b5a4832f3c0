#include "daemon/journal/prune.hpp"

namespace sb::journal {
namespace {

/// `sql` deletes the finished rows below the ?1th newest. With fewer rows the subquery is NULL and nothing matches.
int delete_below(Database& database, char const* sql, int limit) {
    auto statement = database.prepare(sql);
    statement.bind(1, std::int64_t{limit} - 1);
    statement.step();
    return database.changes();
}

}  // namespace

int prune(Database& database) {
    Transaction transaction(database);
    // ON DELETE CASCADE deletes the transitions with their job.
    int const jobs = delete_below(database,
                                  "DELETE FROM jobs WHERE phase = 'finished' AND id < (SELECT id FROM jobs"
                                  " WHERE phase = 'finished' ORDER BY id DESC LIMIT 1 OFFSET ?1)",
                                  max_finished_jobs);
    int const runs = delete_below(database,
                                  "DELETE FROM runs WHERE phase = 'finished' AND id < (SELECT id FROM runs"
                                  " WHERE phase = 'finished' ORDER BY id DESC LIMIT 1 OFFSET ?1)",
                                  max_finished_runs);
    transaction.commit();
    return jobs + runs;
}

}  // namespace sb::journal
