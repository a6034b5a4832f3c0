#pragma once
// Opens an intact journal in any case: the existing one, or a new one in its place.

#include "common/time.hpp"
#include "daemon/journal/database.hpp"
#include "daemon/ports/journal.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sb::journal {

/// "yes" in a new journal until the backups' manifests have been read into it.
inline constexpr char const* rebuild_fact = "recollect";  // as the first version wrote it

/// Whether a fact is about the journal's file itself.
bool is_about_the_file(std::string_view fact_name);
void note_journal_replaced(Database& database, UtcTime now, std::string const& why);
std::optional<ports::JournalReplaced> why_journal_replaced(Database& database);

enum class When { at_startup, while_running };

/// Opens or creates the journal. A damaged file, or one of a newer version, is set aside (renamed, never deleted); the
/// log and the new journal record that. Throws DatabaseError, or Error if the file cannot be set aside.
Database open_or_create(std::filesystem::path const& path, UtcTime now, When when);

/// Checks and reopens a closed file that appears damaged. As open_or_create; an empty file becomes a new journal and is
/// reported too.
Database check_and_reopen(std::filesystem::path const& path, UtcTime now);

/// The journal's file has disappeared: creates a new one there, including its folder.
Database recreate(std::filesystem::path const& path, UtcTime now);

/// A failure to delete old rows (a full disk) must stop neither the daemon nor the addition before it.
void prune_if_possible(Database& database, std::string const& path);

}  // namespace sb::journal
