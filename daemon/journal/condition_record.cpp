#include "daemon/journal/condition_record.hpp"

#include "daemon/journal/columns.hpp"

#include <spdlog/spdlog.h>

#include <utility>

namespace sb::journal {

std::vector<core::Condition> recorded_conditions(Database& database) {
    auto query = database.prepare("SELECT kind, subject, since, confirmed, reason FROM conditions");
    std::vector<core::Condition> conditions;
    while (query.step()) {
        auto const kind = core::condition_kind_from_name(query.text(0));
        if (!kind) {
            spdlog::warn("the journal has a condition of the unknown kind '{}': skipped", query.text(0));
            continue;
        }
        core::Condition condition;
        condition.kind = *kind;
        condition.subject = query.text(1);
        condition.since = time_from(query.integer(2));
        condition.confirmed = time_from(query.integer(3));
        condition.reason = query.text(4);
        conditions.push_back(std::move(condition));
    }
    return conditions;
}

void replace_conditions(Database& database, std::vector<core::Condition> const& conditions) {
    database.execute("DELETE FROM conditions");
    for (auto const& condition : conditions) {
        auto statement = database.prepare(
            "INSERT INTO conditions (kind, subject, since, confirmed, reason) VALUES (?1, ?2, ?3, ?4, ?5)");
        statement.bind(1, core::info_of(condition.kind).name)
            .bind(2, condition.subject)
            .bind(3, column_of(condition.since))
            .bind(4, column_of(condition.confirmed))
            .bind(5, condition.reason);
        statement.step();
    }
}

}  // namespace sb::journal
