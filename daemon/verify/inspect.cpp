#include "daemon/verify/inspect.hpp"

#include "common/text/ascii.hpp"
#include "daemon/verify/content_verification.hpp"
#include "daemon/verify/hashed_reads.hpp"
#include "daemon/verify/qcow2.hpp"
#include "daemon/verify/qcow2_header.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace sb::verify {
namespace {

constexpr std::uint64_t mebibyte = 1u << 20;

/// Reports a missing or unusable file as a defect of the backup; errors of the file system stay `io`.
Error as_missing(Error error, std::string const& what) {
    if (error.code == Errc::not_found) return incomplete(what + " is missing");
    if (error.code == Errc::refused) return damaged(what + ": " + error.context);
    return while_doing(std::move(error), what);
}

/// The definition's disk for this device: its image is named after the device's uuid. If a cluster names images
/// differently, the serial still begins like the uuid.
DefinedDisk const* defined_disk(Definition const& definition, core::Disk const& device) {
    auto const& uuid = device.uuid.text();
    for (auto const& disk : definition.disks)
        if (disk.needs_image() && equal_ignoring_case(disk.base, uuid)) return &disk;
    DefinedDisk const* by_serial = nullptr;
    for (auto const& disk : definition.disks) {
        if (!disk.needs_image() || disk.serial.size() < 8 || uuid.size() < 8) continue;
        if (!equal_ignoring_case(std::string_view(disk.serial).substr(0, 8), std::string_view(uuid).substr(0, 8)))
            continue;
        if (by_serial != nullptr) return nullptr;
        by_serial = &disk;
    }
    return by_serial;
}

/// The rounding of capacities is not documented, so a size rounded up to the next MiB passes. A smaller one has lost
/// the end of the disk.
bool is_expected_size(std::uint64_t virtual_bytes, std::uint64_t capacity) {
    if (capacity == 0 || virtual_bytes == capacity) return true;
    auto const rounded = capacity + (mebibyte - capacity % mebibyte) % mebibyte;
    return virtual_bytes == rounded;
}

std::string structure_of(Digest const& digest) { return std::string(structure_version) + hex(digest); }

struct CheckedImage {
    std::uint64_t virtual_bytes = 0;
    std::string structure;
};

Result<CheckedImage> check_image(platform::Folder const& folder, std::string const& name, std::uint64_t capacity) {
    auto const image = folder.open_file(name);
    if (!image) return as_missing(image.error(), "the disk image '" + name + "'");
    HashedReads const tables(**image);
    auto const checked = check_qcow2(tables);
    if (!checked) {
        // A refusal means that the image could not be verified.
        auto error = checked.error();
        if (error.code == Errc::refused) error.code = Errc::damaged_backup;
        return while_doing(std::move(error), "the disk image '" + name + "'");
    }
    if (!is_expected_size(checked->virtual_bytes, capacity))
        return damaged("the virtual size of the disk image '" + name + "' is " +
                       std::to_string(checked->virtual_bytes) + " bytes, but the cluster's disk has " +
                       std::to_string(capacity));
    return CheckedImage{checked->virtual_bytes, structure_of(tables.digest())};
}

Result<std::string> definition_text(platform::Folder const& folder, std::string const& file) {
    auto text = folder.read(file, max_definition_bytes);
    if (!text) return as_missing(text.error(), "the definition '" + file + "'");
    return text;
}

Result<Definition> parse_named(std::string const& file, std::string_view text) {
    auto definition = parse_definition(text);
    if (!definition) return while_doing(definition.error(), "'" + file + "'");
    return definition;
}

/// Image name -> capacity that the cluster reported (0 = unknown), for every image that must exist.
Result<std::map<std::string, std::uint64_t>> images_needed(platform::Folder const& folder, Definition const& definition,
                                                           ports::Expectation const& expected) {
    std::map<std::string, std::uint64_t> images;
    for (auto const& disk : definition.disks)
        if (disk.needs_image()) images.emplace(image_name(disk.base), 0);
    for (auto const& device : expected.disks) {
        if (!core::is_exported(device)) continue;
        auto const* const disk = defined_disk(definition, device);
        // Without the disk in the definition, a restore would create a VM that lacks it.
        if (disk == nullptr) {
            auto const file = image_name(device.uuid.text());
            if (auto const info = folder.info(file); info && !*info)
                return incomplete("the disk image '" + file + "' (" + device.type + ") is missing");
            return damaged("the definition '" + expected.definition_file + "' does not list the VM's disk " +
                           device.uuid.text() + " (" + device.type + ")");
        }
        images[image_name(disk->base)] = device.capacity_bytes;
    }
    return images;
}

/// The manifest, the digests, and files that hooks add and may change or remove later: Windows writes to a VHDX that it
/// mounts. Hidden files are temporary files, such as the manifest's.
bool is_not_part_of_the_backup(std::string_view name) {
    return name == core::manifest_file_name || name == digests_file_name || name.starts_with('.') ||
           ends_with_ignoring_case(name, ".vhdx");
}

}  // namespace

bool structure_differs(std::string_view then, std::string_view now) {
    return then.starts_with(structure_version) && now.starts_with(structure_version) && then != now;
}

Result<Definition> read_definition(platform::Folder const& folder, std::string const& file) {
    auto const text = definition_text(folder, file);
    if (!text) return text.error();
    return parse_named(file, *text);
}

Result<void> check_header(platform::Folder const& folder, std::string const& image) {
    auto const what = "the disk image '" + image + "'";
    auto const file = folder.open_file(image);
    if (!file) return as_missing(file.error(), what);
    auto const header = read_qcow2_header(**file);
    if (!header) return while_doing(header.error(), what);
    auto const ends_inside = [&](std::uint64_t offset, std::uint64_t length) {
        return offset <= (*file)->size() && length <= (*file)->size() - offset;
    };
    if (ends_inside(header->l1_offset, std::uint64_t{header->l1_entries} * 8) &&
        ends_inside(header->refcount_table_offset, header->refcount_table_clusters * header->cluster_bytes()))
        return {};
    return incomplete(what + " ends before the end of its tables");
}

Result<std::vector<core::BackupFile>> inspect_folder(platform::Folder const& folder,
                                                     ports::Expectation const& expected) {
    auto const text = definition_text(folder, expected.definition_file);
    if (!text) return text.error();
    auto const definition = parse_named(expected.definition_file, *text);
    if (!definition) return definition.error();
    auto const images = images_needed(folder, *definition, expected);
    if (!images) return images.error();

    std::map<std::string, CheckedImage> checked;
    for (auto const& [name, capacity] : *images) {
        auto image = check_image(folder, name, capacity);
        if (!image) return image.error();
        checked.emplace(name, std::move(*image));
    }

    auto const entries = folder.entries();
    if (!entries) return entries.error();
    std::vector<core::BackupFile> files;
    for (auto const& entry : *entries) {
        bool const needed = entry.name == expected.definition_file || checked.contains(entry.name);
        if (entry.kind != platform::EntryKind::file || (!needed && is_not_part_of_the_backup(entry.name))) continue;
        auto const info = folder.info(entry.name);
        if (!info) return info.error();
        if (!*info) continue;
        core::BackupFile file{.name = entry.name, .role = "other", .size_bytes = (*info)->size_bytes};
        if (entry.name == expected.definition_file) {
            file.role = "definition";
            file.structure = structure_of(sha256(std::as_bytes(std::span(*text))));
        }
        if (auto const disk = checked.find(entry.name); disk != checked.end()) {
            file.role = "disk";
            file.virtual_bytes = disk->second.virtual_bytes;
            file.structure = disk->second.structure;
        }
        files.push_back(std::move(file));
    }
    return files;
}

}  // namespace sb::verify
