#include "daemon/catalog/landed.hpp"

#include "common/text/case_key.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/landing.hpp"
#include "daemon/catalog/listed_files.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/core/landing.hpp"

#include <charconv>
#include <utility>

namespace sb::catalog {
namespace {

using platform::EntryKind;
using platform::Folder;

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

/// A commit writes the name into the manifest before it renames the folder; a copy's manifest has the original's.
bool has_its_own_name(Landed const& landed) { return case_key(landed.manifest.backup) == case_key(landed.name); }

bool is_defect(Error const& error) {
    return error.code == Errc::incomplete_backup || error.code == Errc::damaged_backup;
}

struct Committed {
    std::optional<Landed> renamed;  ///< by a commit, and whole
    std::optional<Landed> copied;   ///< by a person, or renamed, and whole
    std::optional<Error> problem;   ///< of the renamed one, or of a folder that may be it
};

/// What has become of this attempt already.
Result<Committed> find_committed(Folder const& local_path, std::string const& backup, std::string const& attempt) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    Committed committed;
    for (auto const& entry : *entries) {
        if (entry.kind != EntryKind::folder || !is_name_of(entry.name, backup)) continue;
        auto found = manifest_of_attempt(local_path, entry.name, attempt);
        if (!found) committed.problem = found.error();
        if (!found || !*found) continue;
        bool const renamed = has_its_own_name(**found);
        auto& place = renamed ? committed.renamed : committed.copied;
        auto const whole = check_as_inspected((*found)->folder, (*found)->manifest);
        if (whole && (!place || entry.name == backup)) place = std::move(*found);
        // An incomplete copy is not the backup.
        else if (!whole && (renamed || !is_defect(whole.error()))) committed.problem = whole.error();
    }
    return committed;
}

}  // namespace

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

Result<std::optional<Landed>> find_landed(Folder const& local_path, std::string const& landing,
                                          std::string const& backup) {
    auto const attempt = core::attempt_of(landing);
    auto const name = name_on_disk(local_path, landing);
    if (!name) return name.error();
    auto found = manifest_of_attempt(local_path, *name, attempt);
    if (!found) return found;
    auto committed = find_committed(local_path, backup, attempt);
    if (*found) {
        // What was put into the landing folder after it had been renamed is a copy.
        if (committed && committed->renamed) return std::move(committed->renamed);
        auto const whole = check_as_inspected((*found)->folder, (*found)->manifest);
        if (whole) return found;
        if (committed && committed->copied) return std::move(committed->copied);
        return whole.error();
    }
    auto const there = local_path.info(*name);
    if (!there) return there.error();
    if (committed && committed->renamed) return std::move(committed->renamed);
    if (committed && committed->copied) return std::move(committed->copied);
    // While the landing folder is there, an unreadable folder with the backup's name belongs to another backup.
    if (*there) return std::optional<Landed>{};
    if (!committed) return committed.error();
    if (committed->problem) return *committed->problem;  // it may be the one
    return std::optional<Landed>{};
}

Result<bool> is_backup_already(Folder const& local_path, std::string const& attempt) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    for (auto const& entry : *entries) {
        if (entry.kind != EntryKind::folder || !may_be_backup(entry.name)) continue;
        auto const found = manifest_of_attempt(local_path, entry.name, attempt);
        if (found && *found && check_as_inspected((*found)->folder, (*found)->manifest)) return true;
    }
    return false;
}

std::optional<std::string> ordered_name(std::string const& in_manifest, std::string const& landing) {
    auto const attempt = core::attempt_of(landing);
    for (auto const& name : {in_manifest, split_number(in_manifest).base})
        if (case_key(core::landing_folder(name, attempt)) == case_key(landing)) return name;
    return std::nullopt;
}

}  // namespace sb::catalog
