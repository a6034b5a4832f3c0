#include "daemon/catalog/export_files.hpp"

#include "common/text/ascii.hpp"
#include "common/text/case_key.hpp"
#include "daemon/core/landing.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/verify/backup_files.hpp"
#include "daemon/verify/content_verification.hpp"
#include "daemon/verify/digest_format.hpp"

#include <algorithm>
#include <array>

namespace sb::catalog {
namespace {

using platform::EntryKind;

/// In a landing folder, the definition has the backup's name.
bool is_expected_definition(std::string const& file, std::string const& folder) {
    if (!has_extension(file, ".xml")) return false;
    if (!core::is_landing_folder(folder)) return true;
    auto const stem = file.substr(0, file.size() - std::string_view(".xml").size());
    return case_key(core::landing_folder(stem, core::attempt_of(folder))) == case_key(folder);
}

/// Manifest and digests, and the files that become them.
bool is_own_file(std::string_view file) {
    if (file == core::manifest_file_name || file == verify::digests_file_name) return true;
    return file == platform::Folder::temporary_name(core::manifest_file_name) ||
           file == verify::unfinished_digests_name;
}

/// Created without a request: views of folders, resource forks, files that are deleted while they are open.
bool is_file_of_a_system(std::string_view file) {
    static constexpr std::array<std::string_view, 5> names{"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store",
                                                           ".apdisk"};
    static constexpr std::array<std::string_view, 4> prefixes{"._", ".nfs", ".fuse_hidden", ".smbdelete"};
    auto const begins = [&](std::string_view prefix) { return file.starts_with(prefix); };
    return std::ranges::find(names, lower(file)) != names.end() || std::ranges::any_of(prefixes, begins);
}

bool is_foreign(platform::Entry const& entry, std::string const& folder) {
    auto const& name = entry.name;
    if (entry.kind == EntryKind::folder) return !is_folder_of_nas(name);
    if (entry.kind != EntryKind::file) return true;
    return !is_expected_definition(name, folder) && !has_extension(name, ".qcow2") && !verify::is_device_file(name) &&
           !is_own_file(name) && !is_file_of_a_system(name);
}

}  // namespace

bool has_extension(std::string_view name, std::string_view extension) {
    return name.size() > extension.size() && ends_with_ignoring_case(name, extension);
}

bool is_export_file(std::string_view file) { return has_extension(file, ".xml") || has_extension(file, ".qcow2"); }

std::vector<std::string> definition_candidates(std::vector<std::string> const& files, std::string const& folder) {
    std::vector<std::string> candidates;
    for (auto const& name : files)
        if (has_extension(name, ".xml")) candidates.push_back(name);
    std::stable_partition(candidates.begin(), candidates.end(),
                          [&](auto const& name) { return name == folder + ".xml"; });
    return candidates;
}

bool is_folder_of_nas(std::string_view name) {
    static constexpr std::array<std::string_view, 8> names{
        "@eadir", ".@__thumb", ".@__desc", "@tmp", ".appledouble", "@recycle", "#snapshot", "@recently-snapshot"};
    return std::ranges::find(names, lower(name)) != names.end();
}

std::string foreign_entry(std::vector<platform::Entry> const& entries, std::string const& folder) {
    for (auto const& entry : entries)
        if (is_foreign(entry, folder)) return entry.name;
    return {};
}

}  // namespace sb::catalog
