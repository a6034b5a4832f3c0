#include "daemon/catalog/storage_mark.hpp"

#include "common/text/ascii.hpp"
#include "daemon/catalog/folder_name.hpp"
#include "daemon/catalog/random_digits.hpp"
#include "daemon/core/local_path_owner.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/storage_mark.hpp"
#include "daemon/verify/sha256.hpp"

#include <algorithm>
#include <span>

namespace sb::catalog {
namespace {

using platform::Folder;

constexpr std::size_t mark_digits = 32;

Result<bool> holds_a_backup(Folder const& local_path) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    return std::ranges::any_of(*entries, [&](platform::Entry const& entry) {
        if (entry.kind != platform::EntryKind::folder || !may_be_backup(entry.name)) return false;
        auto const folder = local_path.subfolder(entry.name);
        if (!folder) return false;
        auto const manifest = folder->info(core::manifest_file_name);
        return manifest && *manifest;
    });
}

}  // namespace

Result<ports::StorageMark> read_storage_mark(Folder const& local_path) {
    constexpr std::size_t max_bytes = 1000;
    ports::StorageMark mark{.path = local_path.path()};
    auto const text = local_path.read(core::storage_mark_file, max_bytes);
    if (text) {
        // An administrator may write it with echo, which adds a newline.
        mark.id = trimmed(*text, spaces_and_line_ends);
    } else if (text.error().code != Errc::not_found) {
        return text.error();
    }
    if (!mark.id.empty()) return mark;  // a folder that hangs must not hold it up
    auto const has_backups = holds_a_backup(local_path);
    if (!has_backups) return has_backups.error();
    mark.has_backups = *has_backups;
    return mark;
}

Result<std::string> write_storage_mark(Folder const& local_path) {
    auto mark = random_digits(mark_digits);
    if (auto const written = local_path.write_durably(core::storage_mark_file, mark + "\n"); !written)
        return written.error();
    return mark;
}

Result<std::optional<std::string>> read_owner_file(Folder const& local_path, std::string const& cluster) {
    constexpr std::size_t max_bytes = 4000;
    auto text = local_path.read(std::string(core::owner_file_prefix) + cluster, max_bytes);
    if (text) return std::optional(std::move(*text));
    if (text.error().code == Errc::not_found) return std::optional<std::string>();
    return text.error();
}

Result<std::vector<std::string>> list_owner_files(Folder const& local_path) {
    auto const entries = local_path.entries();
    if (!entries) return entries.error();
    std::vector<std::string> clusters;
    for (auto const& entry : *entries)
        if (entry.name.starts_with(core::owner_file_prefix))
            clusters.push_back(entry.name.substr(core::owner_file_prefix.size()));
    if (clusters.size() > core::max_owner_files)
        return Error{Errc::refused, "'" + local_path.path() + "' has " + std::to_string(clusters.size()) + " files '" +
                                        std::string(core::owner_file_prefix) + "...', which are too many"};
    return clusters;
}

std::string claim_file(std::string const& cluster, std::string const& text) {
    constexpr std::size_t digits = 32;
    auto writer = core::parse_owner(text).value_or(core::LocalPathOwner());
    writer.seen = UtcTime();
    writer.stopped = false;
    auto const name = core::owner_text(writer) + cluster;
    return std::string(core::claim_file_prefix) +
           verify::hex(verify::sha256(std::as_bytes(std::span(name)))).substr(0, digits);
}

Result<void> write_owner_file(Folder const& local_path, std::string const& cluster, std::string const& text) {
    auto const claim = claim_file(cluster, text);
    if (auto const written = local_path.write_durably(claim, text); !written) return written;
    return local_path.rename_durably(claim, std::string(core::owner_file_prefix) + cluster);
}

}  // namespace sb::catalog
