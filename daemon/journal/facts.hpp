#pragma once
// Small facts that outlive the process, by name.

#include "daemon/journal/database.hpp"

#include <optional>
#include <string>

namespace sb::journal {

std::optional<std::string> fact(Database& database, std::string const& name);
void set_fact(Database& database, std::string const& name, std::string const& value);

}  // namespace sb::journal
