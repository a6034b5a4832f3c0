#include "daemon/catalog/landing.hpp"

#include "common/text/case_key.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/landed.hpp"
#include "daemon/catalog/listed_files.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/random_digits.hpp"
#include "daemon/core/landing.hpp"

#include <set>
#include <utility>

namespace sb::catalog {
namespace {

using platform::EntryKind;
using platform::Folder;

/// Far above what one backup name needs; a bound in case that a file system refuses every name.
constexpr unsigned max_number = 9999;

/// `not_found` would mean that there is nothing to commit.
Error as_obstacle(Error error) {
    if (error.code == Errc::not_found) error.code = Errc::io;
    return error;
}

/// An interruption may have left them in the system's cache.
Result<void> flush_manifest(Landed const& landed) {
    if (auto const done = landed.folder.sync_file(core::manifest_file_name); !done) return done;
    return landed.folder.sync();
}

Result<void> write_backup_name(Landed& landed, std::string const& name) {
    if (landed.manifest.backup == name) return flush_manifest(landed);
    ManifestChanges changes;
    changes.backup = name;
    auto text = with_changes(landed.text, changes);
    if (!text) return text.error();
    if (auto const written = landed.folder.write_durably(core::manifest_file_name, *text); !written) return written;
    landed.text = std::move(*text);
    landed.manifest.backup = name;
    return {};
}

/// Anyone who can write to the share may have put something else in its place before the rename.
Result<void> check_is_still_the_same(Folder const& local_path, std::string const& name, Landed const& landed) {
    auto const now = local_path.subfolder(name);
    auto const same = now ? now->is_same_as(landed.folder) : Result<bool>(now.error());
    if (same && *same) return {};
    return Error{Errc::io, "'" + landed.folder.path() +
                               "' was replaced by something else while it was being renamed to '" + name + "'"};
}

Result<std::string> rename_to_free_name(Folder const& local_path, Landed& landed, std::string const& backup) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::set<std::string> taken;
    for (auto const& entry : *entries) taken.insert(case_key(entry.name));
    for (unsigned number = 1; number <= max_number; ++number) {
        auto name = core::numbered_name(backup, number);
        if (taken.contains(case_key(name))) continue;
        // Before the rename, so that no interruption leaves a backup whose manifest has another name.
        if (auto const written = write_backup_name(landed, name); !written) return written.error();
        // The commit may have waited for days: a folder whose files have changed must not look like a backup.
        if (auto const whole = check_as_inspected(landed.folder, landed.manifest); !whole) return whole.error();
        auto const renamed = local_path.rename_exclusively(landed.name, name);
        if (!renamed && renamed.error().code == Errc::name_in_use) continue;  // taken since the listing
        if (!renamed) return renamed.error();
        if (auto const same = check_is_still_the_same(local_path, name, landed); !same) return same.error();
        if (auto const flushed = local_path.sync(); !flushed) return flushed.error();
        return name;
    }
    return Error{Errc::name_in_use, "'" + backup + "' and its numbered names are all taken in '" + local_path.path() +
                                        "': rename or move some of them"};
}

/// The backup's name as far as the landing folder's shows it.
std::string without_attempt(std::string const& landing) { return landing.substr(0, landing.rfind('.')); }

}  // namespace

Result<void> check_landing(std::string const& name) {
    if (core::is_landing_folder(name) && platform::is_plain_name(name) && !name.starts_with('.')) return {};
    return Error{Errc::refused, "'" + name + "' is not the folder of an export in progress"};
}

Result<std::string> name_on_disk(Folder const& local_path, std::string const& folder) {
    if (!core::is_landing_folder(folder)) return folder;
    auto const exact = local_path.info(folder);
    if (!exact) return exact.error();
    if (*exact) return folder;
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    auto const key = case_key(folder);
    for (auto const& entry : *entries)
        if (entry.kind == EntryKind::folder && case_key(entry.name) == key) return entry.name;
    return folder;
}

Result<Folder> open_on_disk(Folder const& local_path, std::string const& folder) {
    auto const name = name_on_disk(local_path, folder);
    if (!name) return name.error();
    return local_path.subfolder(*name);
}

Result<std::string> new_attempt(Folder const& local_path) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::set<std::string> taken;
    for (auto const& entry : *entries) taken.insert(core::attempt_of(entry.name));
    for (;;) {
        auto attempt = random_digits(core::attempt_digits);
        if (!taken.contains(attempt)) return attempt;
    }
}

Result<std::optional<core::Manifest>> find_manifest(Folder const& local_path, std::string const& landing,
                                                    std::string const& backup) {
    if (auto const valid = check_landing(landing); !valid) return valid.error();
    auto found = find_landed(local_path, landing, backup);
    if (!found) return as_obstacle(found.error());
    if (!*found) return std::optional<core::Manifest>{};
    return std::optional(std::move((*found)->manifest));
}

Result<std::string> commit_landing(Folder const& local_path, std::string const& landing, std::string const& backup,
                                   std::mutex& manifest_mutex) {
    if (auto const valid = check_landing(landing); !valid) return valid.error();
    if (auto const valid = check_folder_name(backup); !valid) return valid.error();
    std::lock_guard const lock(manifest_mutex);
    auto found = find_landed(local_path, landing, backup);
    if (!found) return as_obstacle(found.error());
    if (!*found)
        return Error{Errc::not_found, "there is no finished export in '" + local_path.path() + "/" + landing +
                                          "', and no backup '" + backup + "' was made of it"};
    auto& landed = **found;
    if (core::is_landing_folder(landed.name)) {
        auto name = rename_to_free_name(local_path, landed, backup);
        if (!name) return as_obstacle(name.error());
        return name;
    }
    // Renamed before an interruption.
    if (auto const flushed = flush_manifest(landed); !flushed) return as_obstacle(flushed.error());
    if (auto const flushed = local_path.sync(); !flushed) return as_obstacle(flushed.error());
    return landed.name;
}

Result<std::vector<std::string>> list_landing_folders(Folder const& local_path) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::vector<std::string> names;
    for (auto const& entry : *entries)
        if (entry.kind == EntryKind::folder && check_landing(entry.name)) names.push_back(entry.name);
    return names;
}

Result<std::vector<FinishedCommit>> finish_commits(Folder const& local_path,
                                                   std::function<bool(core::Manifest const&)> const& accepts,
                                                   std::mutex& manifest_mutex) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::vector<FinishedCommit> finished;
    for (auto const& entry : *entries) {
        if (entry.kind != EntryKind::folder || !check_landing(entry.name)) continue;
        auto const attempt = core::attempt_of(entry.name);
        auto const found = manifest_of_attempt(local_path, entry.name, attempt);
        if (!found) finished.push_back({entry.name, without_attempt(entry.name), found.error()});
        if (!found || !*found) continue;
        auto const& manifest = (*found)->manifest;
        auto const backup = ordered_name(manifest.backup, entry.name);
        if (!backup || (accepts && !accepts(manifest))) continue;
        auto const exact = name_on_disk(local_path, core::landing_folder(*backup, attempt));
        if (exact && *exact != entry.name) continue;  // a copy whose name differs in case
        auto const already = is_backup_already(local_path, attempt);
        if (already && *already) continue;
        auto name = commit_landing(local_path, entry.name, *backup, manifest_mutex);
        finished.push_back({entry.name, *backup, std::move(name)});
    }
    return finished;
}

}  // namespace sb::catalog
