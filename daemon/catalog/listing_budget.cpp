#include "daemon/catalog/listing_budget.hpp"

#include "common/text/size_text.hpp"
#include "common/text/utf8.hpp"
#include "daemon/catalog/manifest_codec.hpp"

#include <iterator>

namespace sb::catalog {
namespace {

constexpr char const* advice = "Remove folders that are not your backups from LocalPath";
constexpr std::size_t longest_word = 64, longest_name = 256, longest_reason = 512;

/// Short texts are in the value itself.
std::size_t heap_bytes(std::string const& text) {
    static std::size_t const inside = std::string().capacity();
    constexpr std::size_t overhead = 17;  // the NUL, and what the allocator notes for a block
    return text.capacity() > inside ? text.capacity() + overhead : 0;
}

std::size_t heap_bytes(core::Disk const& disk) {
    return heap_bytes(disk.uuid.text()) + heap_bytes(disk.type) + heap_bytes(disk.name) + heap_bytes(disk.cache_mode);
}

std::size_t heap_bytes(core::BackupFile const& file) {
    return heap_bytes(file.name) + heap_bytes(file.role) + heap_bytes(file.content) + heap_bytes(file.structure);
}

template <class Item>
std::size_t heap_bytes(std::vector<Item> const& list) {
    constexpr std::size_t overhead = 16;
    std::size_t bytes = list.capacity() == 0 ? 0 : list.capacity() * sizeof(Item) + overhead;
    for (auto const& item : list) bytes += heap_bytes(item);
    return bytes;
}

std::size_t heap_bytes(core::Manifest const& manifest) {
    std::size_t bytes = heap_bytes(manifest.vm_tags) + heap_bytes(manifest.disks) + heap_bytes(manifest.files);
    for (auto const* text : {&manifest.backup, &manifest.attempt, &manifest.vm_uuid.text(), &manifest.vm_name,
                             &manifest.cluster_host, &manifest.cluster_uuid, &manifest.cluster_name,
                             &manifest.task_tag.text(), &manifest.definition_file, &manifest.program})
        bytes += heap_bytes(*text);
    if (manifest.verified) bytes += heap_bytes(manifest.verified->level);
    if (manifest.damage) bytes += heap_bytes(manifest.damage->level) + heap_bytes(manifest.damage->reason);
    if (manifest.adopted) bytes += heap_bytes(manifest.adopted->notes);
    return bytes;
}

void cut(std::string& text, std::size_t longest) {
    if (text.size() > longest) text = text.substr(0, whole_characters(text, longest)) + "…";
    text.shrink_to_fit();
}

template <class Item>
void drop(std::vector<Item>& list) {
    list = std::vector<Item>();
}

void compact(core::Manifest& manifest) {
    drop(manifest.files);
    drop(manifest.vm_tags);
    if (manifest.adopted) drop(manifest.adopted->notes);
    cut(manifest.cluster_name, longest_name);
    cut(manifest.program, longest_word);
    if (manifest.verified) cut(manifest.verified->level, longest_word);
    if (manifest.damage) {
        cut(manifest.damage->level, longest_word);
        cut(manifest.damage->reason, longest_reason);
    }
    manifest.disks.shrink_to_fit();
}

}  // namespace

std::size_t kept_bytes(core::Backup const& backup) {
    return sizeof(core::Backup) + heap_bytes(backup.name) + heap_bytes(backup.folder) + heap_bytes(backup.problem) +
           heap_bytes(backup.presumed_vm.text()) + heap_bytes(backup.manifest_digest) +
           (backup.manifest ? heap_bytes(*backup.manifest) : std::size_t{0});
}

core::Backup for_listing(core::Backup backup) {
    cut(backup.problem, longest_reason);
    if (!backup.manifest) return backup;
    compact(*backup.manifest);
    if (kept_bytes(backup) > max_listed_backup_bytes) drop(backup.manifest->disks);
    return backup;
}

core::Backup without_manifest(core::Backup const& backup, std::string const& why) {
    core::Backup bare;
    bare.name = backup.name;
    bare.folder = backup.folder;
    bare.size_bytes = backup.size_bytes;
    bare.state = core::BackupState::unverified;
    bare.problem = why;
    return bare;
}

std::string ManifestReads::refusal(std::size_t bytes) {
    // One that is larger than any manifest is refused before it is read.
    if (bytes <= max_small_manifest_bytes || bytes > max_manifest_bytes) return {};
    if (large_.fetch_add(bytes) + bytes <= max_large_manifests_bytes) return {};
    return "its manifest of " + size_text(bytes) + " is too large to be read for this list: those larger than " +
           size_text(max_small_manifest_bytes) + " have more than " + size_text(max_large_manifests_bytes) +
           " together, so it does not count. " + advice;
}

std::string ListingBudget::why() {
    return "its manifest is too large for this list and does not count: the manifests in LocalPath take more memory "
           "than a list may (" +
           size_text(max_listing_bytes) + "), and it is among the largest. " + advice;
}

std::vector<std::string> ListingBudget::add(core::Backup const& backup) {
    by_size_.emplace(kept_bytes(backup), backup.name);
    kept_ += kept_bytes(backup);
    std::vector<std::string> without_room;
    while (kept_ > most_ && !by_size_.empty()) {
        auto const largest = std::prev(by_size_.end());
        kept_ -= largest->first;
        without_room.push_back(largest->second);
        by_size_.erase(largest);
    }
    return without_room;
}

}  // namespace sb::catalog
