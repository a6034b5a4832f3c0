#pragma once
// Small named values that survive a restart of the process.

#include "daemon/journal/database.hpp"

#include <map>
#include <optional>
#include <string>

namespace sb::journal {

std::optional<std::string> fact(Database& database, std::string const& name);
std::map<std::string, std::string> all_facts(Database& database);
void set_fact(Database& database, std::string const& name, std::string const& value);

}  // namespace sb::journal
