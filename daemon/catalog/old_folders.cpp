#include "daemon/catalog/old_folders.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"
#include "daemon/catalog/export_files.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/core/landing.hpp"
#include "daemon/verify/inspect.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace sb::catalog {
namespace {

using core::OldFolder;
using platform::EntryKind;
using platform::FileInfo;
using platform::Folder;

Error incomplete(std::string message) { return Error{Errc::incomplete_backup, std::move(message)}; }

/// Sizes and times, to compare with a later snapshot.
struct Snapshot {
    std::map<std::string, FileInfo> files;
    UtcTime folder_changed;
    std::string first_subfolder;  ///< the first one that holds files of an export
    bool operator==(Snapshot const&) const = default;
};

bool holds_an_export(Folder const& folder, std::string const& name) {
    auto const below = folder.subfolder(name);
    if (!below) return false;
    auto const entries = below->entries();
    return entries && std::ranges::any_of(*entries, [](auto const& entry) {
               return entry.kind == EntryKind::file && is_export_file(entry.name);
           });
}

Result<Snapshot> take_snapshot(Folder const& local_path, Folder const& folder, std::string const& name) {
    Snapshot snapshot;
    auto const folder_info = local_path.info(name);
    if (!folder_info) return folder_info.error();
    if (*folder_info) snapshot.folder_changed = (*folder_info)->modified;
    auto const entries = folder.entries();
    if (!entries) return entries.error();
    for (auto const& entry : *entries) {
        if (entry.kind == EntryKind::folder && snapshot.first_subfolder.empty() && holds_an_export(folder, entry.name))
            snapshot.first_subfolder = entry.name;
        if (entry.kind != EntryKind::file) continue;
        auto const info = folder.info(entry.name);
        if (!info) return info.error();
        if (*info) snapshot.files.emplace(entry.name, **info);
    }
    return snapshot;
}

void set_times(Snapshot const& snapshot, OldFolder& found) {
    found.last_change = snapshot.folder_changed;
    found.first_change = snapshot.folder_changed;
    for (auto const& [name, info] : snapshot.files) {
        found.size_bytes += info.size_bytes;
        found.last_change = std::max(found.last_change, info.modified);
        found.first_change = std::min(found.first_change, info.modified);
    }
}

/// The first definition that parses.
Result<verify::Definition> choose_definition(Folder const& folder, Snapshot const& snapshot, OldFolder& found) {
    std::vector<std::string> names;
    bool any = false;
    for (auto const& [name, info] : snapshot.files) {
        names.push_back(name);
        any |= is_export_file(name);
    }
    auto const candidates = definition_candidates(names, found.name);
    if (candidates.empty() && !snapshot.first_subfolder.empty())
        return incomplete("its export is one folder deeper, in '" + snapshot.first_subfolder +
                          "' (the VM's name contains '/'): move that folder up, then adopt it");
    if (candidates.empty())
        return incomplete(any ? "it has disk images but no definition (.xml)"
                              : "not an export: no definition (.xml), no disk image");
    std::optional<Error> first;
    for (auto const& name : candidates) {
        auto definition = verify::read_definition(folder, name);
        if (definition) {
            found.definition_file = name;
            return definition;
        }
        if (!first) first = definition.error();
    }
    return *first;
}

Result<void> inspect(Folder const& folder, Snapshot const& snapshot, OldFolder& found) {
    auto const definition = choose_definition(folder, snapshot, found);
    if (!definition) return definition.error();
    found.vm_uuid = definition->uuid;
    found.vm_name = definition->name;
    found.vm_tags = definition->tags;
    ports::Expectation expected;
    expected.folder = found.name;
    expected.definition_file = found.definition_file;
    auto files = verify::inspect_folder(folder, expected);
    if (!files) return files.error();
    found.files = std::move(*files);
    for (auto const& disk : definition->disks) {
        if (!disk.needs_image()) continue;
        auto const image = std::ranges::find(found.files, verify::image_name(disk.base), &core::BackupFile::name);
        core::Disk known;
        known.uuid = DiskUuid(disk.base);
        known.type = upper(disk.bus) + "_DISK";
        known.capacity_bytes = image == found.files.end() ? 0 : image->virtual_bytes;
        found.disks.push_back(std::move(known));
    }
    if (found.disks.empty()) return incomplete("its definition lists no disk");
    return {};
}

std::string how_to_adopt_landing(std::string const& name) {
    return "it is the folder of an export that did not become a backup: rename it first, for example to '" +
           name.substr(0, name.rfind('.')) + "', then adopt it under that name";
}

class LocalOldFolders : public ports::OldFolders {
public:
    LocalOldFolders(BlockingPool& pool, std::filesystem::path local_path)
        : pool_(pool), local_path_(std::move(local_path)) {}

    task<Result<std::vector<std::string>>> list() override {
        auto work = [path = local_path_]() -> Result<std::vector<std::string>> {
            auto const root = Folder::open(path);
            if (!root) return while_doing(root.error(), "LocalPath");
            return folders_without_manifest(*root);
        };
        return pool_.run(std::move(work));
    }
    task<Result<OldFolder>> inspect(std::string folder) override {
        auto work = [path = local_path_, folder = std::move(folder)]() -> Result<OldFolder> {
            auto const root = Folder::open(path);
            if (!root) return Error{Errc::io, "LocalPath: " + root.error().context};
            return inspect_old_folder(*root, folder);
        };
        return pool_.run(std::move(work));
    }

private:
    BlockingPool& pool_;
    std::filesystem::path const local_path_;
};

}  // namespace

Result<std::vector<std::string>> folders_without_manifest(Folder const& local_path) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::vector<std::string> names;
    for (auto const& entry : *entries) {
        // JSON cannot hold a name that is not UTF-8, and Windows cannot see such a name on a share.
        if (entry.kind != EntryKind::folder || !may_be_backup(entry.name) || !is_utf8(entry.name)) continue;
        auto const folder = local_path.subfolder(entry.name);
        auto const files = folder ? folder->entries() : Result<std::vector<platform::Entry>>(folder.error());
        bool const by_name = core::read_scheduled_name(entry.name).has_value();
        if (!files) {
            names.push_back(entry.name);  // inspecting it reports why it cannot be read
            continue;
        }
        bool const ours =
            std::ranges::any_of(*files, [](auto const& file) { return file.name == core::manifest_file_name; });
        bool const an_export = std::ranges::any_of(
            *files, [](auto const& file) { return file.kind == EntryKind::file && is_export_file(file.name); });
        if (!ours && (an_export || by_name)) names.push_back(entry.name);
    }
    return names;
}

Result<OldFolder> inspect_old_folder(Folder const& local_path, std::string const& name) {
    OldFolder found;
    found.name = name;
    found.there = false;
    if (!platform::is_plain_name(name) || name.starts_with('.')) return found;
    auto const folder = local_path.subfolder(name);
    if (!folder && folder.error().code == Errc::not_found) return found;
    found.there = true;
    if (!folder) {
        found.problem = Error{Errc::refused, folder.error().context};
        return found;
    }
    auto const before = take_snapshot(local_path, *folder, name);
    if (!before) {
        found.problem = before.error();
        return found;
    }
    set_times(*before, found);
    auto const manifest = folder->info(core::manifest_file_name);
    found.has_manifest = manifest && manifest->has_value() && may_be_backup(name);
    if (found.has_manifest) return found;
    if (auto const valid = check_folder_name(name); !valid) {
        found.problem =
            Error{Errc::refused, core::is_landing_folder(name) ? how_to_adopt_landing(name)
                                                               : valid.error().context + "; rename it first"};
        return found;
    }
    if (auto const good = inspect(*folder, *before, found); !good) found.problem = good.error();
    auto const after = take_snapshot(local_path, *folder, name);
    found.changed_meanwhile = !after || *after != *before;
    return found;
}

std::unique_ptr<ports::OldFolders> make_old_folders(BlockingPool& pool, std::filesystem::path local_path) {
    return std::make_unique<LocalOldFolders>(pool, std::move(local_path));
}

}  // namespace sb::catalog
