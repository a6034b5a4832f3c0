#pragma once
// The backups that the journal vouches for, as rows. Throws DatabaseError.

#include "daemon/core/trusted_copy.hpp"
#include "daemon/journal/database.hpp"

#include <string>
#include <vector>

namespace sb::journal {

/// In the order in which they were first recorded. A row that this version cannot read is left out and logged: its copy
/// is only a claim then, which is safe.
std::vector<core::TrustedCopy> trusted_copies(Database& database);
/// Replaces the row of the same copy.
void put_trusted_copy(Database& database, core::TrustedCopy const& copy);
/// Without effect if the copy has a row: it may have a proof. True if it had none.
bool add_trusted_copy(Database& database, core::TrustedCopy const& copy);
/// `key`: core::trust_key(). Succeeds if there is no such row.
void remove_trusted_copy(Database& database, std::string const& key);
/// Call it in a transaction.
void replace_trusted_copies(Database& database, std::vector<core::TrustedCopy> const& copies);

}  // namespace sb::journal
