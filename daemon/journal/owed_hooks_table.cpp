#include "daemon/journal/owed_hooks_table.hpp"

#include "daemon/journal/columns.hpp"

namespace sb::journal {

std::vector<core::OwedHook> owed_hooks(Database& database) {
    auto query = database.prepare("SELECT job, vm_name, backup, since FROM owed_hooks ORDER BY job");
    std::vector<core::OwedHook> hooks;
    while (query.step()) {
        auto const job = static_cast<JobId>(query.integer(0));
        hooks.push_back({job, query.text(1), query.text(2), time_from(query.integer(3))});
    }
    return hooks;
}

void add_owed_hook(Database& database, core::OwedHook const& hook) {
    auto insert =
        database.prepare("INSERT OR REPLACE INTO owed_hooks (job, vm_name, backup, since) VALUES (?1, ?2, ?3, ?4)");
    insert.bind(1, static_cast<std::int64_t>(hook.job))
        .bind(2, hook.vm_name)
        .bind(3, hook.backup)
        .bind(4, column_of(hook.since));
    insert.step();
}

void remove_owed_hook(Database& database, JobId job) {
    auto remove = database.prepare("DELETE FROM owed_hooks WHERE job = ?1");
    remove.bind(1, static_cast<std::int64_t>(job));
    remove.step();
}

void replace_owed_hooks(Database& database, std::vector<core::OwedHook> const& hooks) {
    database.execute("DELETE FROM owed_hooks");
    for (auto const& hook : hooks) add_owed_hook(database, hook);
}

}  // namespace sb::journal
