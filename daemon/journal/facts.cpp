#include "daemon/journal/facts.hpp"

namespace sb::journal {

std::optional<std::string> fact(Database& database, std::string const& name) {
    auto select = database.prepare("SELECT value FROM facts WHERE name = ?1");
    select.bind(1, name);
    if (!select.step()) return std::nullopt;
    return select.text(0);
}

std::map<std::string, std::string> all_facts(Database& database) {
    auto select = database.prepare("SELECT name, value FROM facts");
    std::map<std::string, std::string> facts;
    while (select.step()) facts.emplace(select.text(0), select.text(1));
    return facts;
}

void set_fact(Database& database, std::string const& name, std::string const& value) {
    auto upsert = database.prepare(
        "INSERT INTO facts (name, value) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET value = excluded.value");
    upsert.bind(1, name).bind(2, value);
    upsert.step();
}

}  // namespace sb::journal
