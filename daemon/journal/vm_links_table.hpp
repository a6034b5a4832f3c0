#pragma once
// Which VM continues which earlier one, as rows of the journal.

#include "daemon/core/vm_links.hpp"
#include "daemon/journal/database.hpp"

#include <vector>

namespace sb::journal {

std::vector<core::VmLink> vm_links(Database& database);
/// Replaces the row of the same earlier VM.
void add_vm_link(Database& database, core::VmLink const& link);
void remove_vm_link(Database& database, VmUuid const& earlier);
/// Call it in a transaction.
void replace_vm_links(Database& database, std::vector<core::VmLink> const& links);

}  // namespace sb::journal
