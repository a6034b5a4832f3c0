// scale-backup.json as anyone with write access to the share could leave it.
#include "daemon/catalog/listing_budget.hpp"
#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/manifest_edit.hpp"
#include "daemon/catalog/manifest_checksum.hpp"
#include "tests/fuzz/property.hpp"

namespace sb::fuzz {
namespace {

using catalog::Checksum;

void check_limits(core::Manifest const& manifest) {
    auto const most = catalog::max_manifest_entries;
    bool const short_lists = manifest.vm_tags.size() <= most && manifest.disks.size() <= most &&
                             manifest.files.size() <= most &&
                             (!manifest.adopted || manifest.adopted->notes.size() <= most);
    must_hold(short_lists, "a list longer than its limit");
    auto const fits = [](std::string const& text) { return text.size() <= catalog::max_manifest_text_bytes; };
    bool short_texts = fits(manifest.backup) && fits(manifest.vm_name) && fits(manifest.definition_file) &&
                       fits(manifest.program) && fits(manifest.cluster_name) && fits(manifest.task_tag.text());
    for (auto const& tag : manifest.vm_tags) short_texts &= fits(tag);
    for (auto const& disk : manifest.disks) short_texts &= fits(disk.uuid.text()) && fits(disk.type);
    for (auto const& file : manifest.files) short_texts &= fits(file.name) && fits(file.structure);
    if (manifest.damage) short_texts &= fits(manifest.damage->reason) && fits(manifest.damage->level);
    must_hold(short_texts, "a text longer than its limit");
}

void check_listed(core::Manifest const& manifest) {
    core::Backup backup;
    backup.name = backup.folder = std::string(255, 'n');
    backup.problem = manifest.damage ? manifest.damage->reason : std::string();
    backup.manifest = manifest;
    auto const listed = catalog::for_listing(std::move(backup));
    must_hold(catalog::kept_bytes(listed) <= catalog::max_listed_backup_bytes, "a list keeps too much of a backup");
    must_hold(core::identity_of(*listed.manifest) == core::identity_of(manifest), "a list changes an identity");
}

void check_manifest(core::Manifest const& manifest) {
    check_limits(manifest);
    check_listed(manifest);
    must_hold(!manifest.vm_uuid.empty(), "a backup without a VM");
    must_hold(!manifest.files.empty(), "a backup without files");
    for (auto const& file : manifest.files)
        must_hold(
            !file.name.empty() && file.name != "." && file.name != ".." && file.name.find('/') == std::string::npos,
            "a file that could be outside its folder");

    auto const text = catalog::encode_manifest(manifest);
    must_hold(catalog::check_checksum(text) == Checksum::valid, "our manifest has no valid checksum");
    auto const again = catalog::decode_manifest(text);
    must_hold(again.has_value(),
              "a written manifest cannot be read: " + (again ? std::string() : again.error().context));
    must_hold(catalog::encode_manifest(*again) == text, "a written manifest is read as something else");
}

void check_edit(std::string_view text, core::Manifest const& before) {
    auto const changed = catalog::with_protection(text, !before.is_protected);
    if (!changed) return;
    bool const was_invalid = catalog::check_checksum(text) == Checksum::invalid;
    must_hold(catalog::check_checksum(*changed) == (was_invalid ? Checksum::invalid : Checksum::valid),
              "our change changes whether its checksum is valid");
    auto after = catalog::decode_manifest(*changed);
    must_hold(after.has_value(), "our change makes it unreadable");
    must_hold(after->is_protected != before.is_protected, "our change is missing");
    after->is_protected = before.is_protected;
    must_hold(*after == before, "our change changes something else");
}

}  // namespace
}  // namespace sb::fuzz

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* bytes, std::size_t size) {
    using namespace sb;
    auto const text = fuzz::text_of(bytes, size);
    auto const manifest = catalog::decode_manifest(text);
    if (manifest) {
        fuzz::check_manifest(*manifest);
        fuzz::check_edit(text, *manifest);
        return 0;
    }
    auto const code = manifest.error().code;
    fuzz::must_hold(code == Errc::damaged_backup || code == Errc::refused, "an error of another kind");
    fuzz::must_hold(!manifest.error().context.empty(), "an error without a message");
    return 0;
}
