#include "daemon/catalog/landing.hpp"

#include "common/text/ascii.hpp"
#include "common/text/case_key.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/random_digits.hpp"
#include "daemon/core/landing.hpp"

#include <algorithm>
#include <charconv>
#include <set>
#include <utility>

namespace sb::catalog {
namespace {

using platform::EntryKind;
using platform::Folder;

/// Far above what one backup name needs; a bound in case that a file system refuses every name.
constexpr unsigned max_number = 9999;

/// A folder with the manifest of one attempt.
struct Landed {
    std::string name;  ///< on disk
    Folder folder;
    std::string text;  ///< of the manifest
    core::Manifest manifest;
};

/// `not_found` would mean that there is nothing to commit.
Error as_obstacle(Error error) {
    if (error.code == Errc::not_found) error.code = Errc::io;
    return error;
}

/// A manifest that cannot be decoded, or that is a link, is not the one of this attempt: it is written again.
Result<std::optional<Landed>> manifest_of_attempt(Folder const& local_path, std::string const& name,
                                                  std::string const& attempt) {
    auto const is_absent = [](Error const& error) {
        return error.code == Errc::not_found || error.code == Errc::refused;
    };
    auto folder = local_path.subfolder(name);
    if (!folder && is_absent(folder.error())) return std::optional<Landed>{};
    if (!folder) return folder.error();
    auto text = folder->read(core::manifest_file_name, max_manifest_bytes);
    if (!text && is_absent(text.error())) return std::optional<Landed>{};
    if (!text) return text.error();
    auto manifest = decode_manifest(*text);
    if (!manifest || manifest->attempt != attempt) return std::optional<Landed>{};
    return std::optional(Landed{name, std::move(*folder), std::move(*text), std::move(*manifest)});
}

struct NumberedName {
    std::string base;
    unsigned number = 1;
};

/// "web1 (2)" is the second "web1".
NumberedName split_number(std::string const& name) {
    auto const open = name.rfind(" (");
    if (open == name.npos || !name.ends_with(')')) return {name};
    unsigned number = 0;
    auto const* const first = name.data() + open + 2;
    auto const* const last = name.data() + name.size() - 1;
    auto const [end, problem] = std::from_chars(first, last, number);
    if (problem != std::errc{} || end != last || number < 2) return {name};
    return {name.substr(0, open), number};
}

/// Whether a commit of this backup may have chosen the folder's name.
bool is_name_of(std::string const& folder, std::string const& backup) {
    auto const key = case_key(folder);
    return key == case_key(backup) || key == case_key(core::numbered_name(backup, split_number(folder).number));
}

/// The folder that this attempt has become already.
Result<std::optional<Landed>> find_committed(Folder const& local_path, std::string const& backup,
                                             std::string const& attempt) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::optional<Error> unreadable;
    for (auto const& entry : *entries) {
        if (entry.kind != EntryKind::folder || !is_name_of(entry.name, backup)) continue;
        auto found = manifest_of_attempt(local_path, entry.name, attempt);
        if (found && *found) return found;
        if (!found) unreadable = found.error();
    }
    if (unreadable) return *unreadable;  // it may be the one
    return std::optional<Landed>{};
}

Result<std::optional<Landed>> find_landed(Folder const& local_path, std::string const& landing,
                                          std::string const& backup) {
    auto const attempt = core::attempt_of(landing);
    auto const name = name_on_disk(local_path, landing);
    if (!name) return name.error();
    auto found = manifest_of_attempt(local_path, *name, attempt);
    if (!found || *found) return found;
    auto const there = local_path.info(*name);
    if (!there) return there.error();
    auto committed = find_committed(local_path, backup, attempt);
    // While the landing folder is there, an unreadable folder with the backup's name belongs to another backup.
    if (!committed && *there) return std::optional<Landed>{};
    return committed;
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

/// The name that was ordered. An interrupted commit may have written a numbered one into the manifest already.
std::string ordered_name(std::string const& name, std::string const& landing) {
    auto const base = split_number(name).base;
    auto const expected = core::landing_folder(base, core::attempt_of(landing));
    bool const is_whole = expected.starts_with(base);  // a shortened name fits several backups
    return is_whole && case_key(expected) == case_key(landing) ? base : name;
}

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

Result<std::size_t> finish_commits(Folder const& local_path) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::mutex alone;  // nothing else runs yet
    std::size_t finished = 0;
    std::optional<Error> problem;
    for (auto const& entry : *entries) {
        if (entry.kind != EntryKind::folder || !check_landing(entry.name)) continue;
        auto const found = manifest_of_attempt(local_path, entry.name, core::attempt_of(entry.name));
        if (found && !*found) continue;
        auto const name =
            found ? commit_landing(local_path, entry.name, ordered_name((*found)->manifest.backup, entry.name), alone)
                  : Result<std::string>(found.error());
        if (name) ++finished;
        else if (!problem) problem = while_doing(name.error(), "the finished export in '" + entry.name + "'");
    }
    if (problem) return *problem;
    return finished;
}

}  // namespace sb::catalog
