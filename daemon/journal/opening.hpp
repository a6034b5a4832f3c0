#pragma once
// A journal that is whole, whatever lies there: the one that is found, or a new one beside it.

#include "common/time.hpp"
#include "daemon/journal/database.hpp"
#include "daemon/ports/journal.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

namespace sb::journal {

/// "yes" in a new journal, until the backups' manifests have been read into it.
inline constexpr char const* rebuild_fact = "rebuild_history";

/// Whether a fact is about the journal's file, and not about the world.
bool is_of_this_file(std::string_view fact_name);
void note_journal_replaced(Database& database, UtcTime now, std::string const& why);
std::optional<ports::BegunAnew> why_journal_replaced(Database& database);

enum class When { at_start, in_mid_run };

/// Opens the journal, or makes it. A file that is damaged or of a newer version is set aside (renamed, never deleted),
/// said in the log and in the new journal. Throws DatabaseError, or Error if it cannot be set aside.
Database open_or_begin(std::filesystem::path const& path, UtcTime now, When when);

/// The journal's file, closed, seems damaged. As open_or_begin; an empty file would be a new journal, and is said too.
Database examine_again(std::filesystem::path const& path, UtcTime now);

/// The journal's file is gone from where it was, with all that it knew: begins a new one there, folder and all.
Database begin_again(std::filesystem::path const& path, UtcTime now);

/// That old rows cannot be deleted (a full disk) must stop neither the daemon nor the addition that came before.
void prune_if_possible(Database& database, std::string const& path);

}  // namespace sb::journal
