#pragma once
// The backups that wait in the trash, as rows of the journal.

#include "daemon/core/deleted_backup.hpp"
#include "daemon/journal/database.hpp"

#include <string>
#include <vector>

namespace sb::journal {

/// In the order in which they were added: the wall clock can jump.
std::vector<core::DeletedBackup> deleted_backups(Database& database);
/// Replaces the row of the same entry, at its place.
void add_deleted_backup(Database& database, core::DeletedBackup const& deleted);
void remove_deleted_backup(Database& database, std::string const& entry);
/// Call it in a transaction.
void replace_deleted_backups(Database& database, std::vector<core::DeletedBackup> const& deleted);

}  // namespace sb::journal
