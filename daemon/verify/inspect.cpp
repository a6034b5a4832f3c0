#include "daemon/verify/inspect.hpp"

#include "common/text/ascii.hpp"
#include "daemon/verify/backup_files.hpp"
#include "daemon/verify/device_files.hpp"
#include "daemon/verify/hashed_reads.hpp"
#include "daemon/verify/needed_images.hpp"
#include "daemon/verify/qcow2.hpp"
#include "daemon/verify/qcow2_header.hpp"

#include <algorithm>
#include <map>
#include <utility>
#include <variant>

namespace sb::verify {
namespace {

/// Reports a missing or unusable file as a defect of the backup; errors of the file system stay `io`.
Error as_missing(Error error, std::string const& what) {
    if (error.code == Errc::not_found) return incomplete(what + " is missing");
    if (error.code == Errc::refused) return damaged(what + ": " + error.context);
    return while_doing(std::move(error), what);
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
    if (!core::is_size_of_image(checked->virtual_bytes, capacity))
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

using CheckedImages = std::map<std::string, CheckedImage>;

Result<CheckedImages> check_images(platform::Folder const& folder, Definition const& definition,
                                   ports::Expectation const& expected) {
    auto const needed = needed_images(definition, expected);
    if (!needed) return needed.error();
    if (auto const* const unlisted = std::get_if<UnlistedDisk>(&*needed)) {
        auto const file = image_name(unlisted->disk.uuid.text());
        if (auto const info = folder.info(file); info && !*info)
            return incomplete("the disk image '" + file + "' (" + unlisted->disk.type + ") is missing");
        return damaged("the definition '" + expected.definition_file + "' does not list the VM's disk " +
                       unlisted->disk.uuid.text() + " (" + unlisted->disk.type + ")");
    }
    CheckedImages checked;
    for (auto const& [name, capacity] : std::get<NeededImages>(*needed)) {
        auto image = check_image(folder, name, capacity);
        if (!image) return image.error();
        checked.emplace(name, std::move(*image));
    }
    return checked;
}

/// Sets the size. A file that was checked a moment ago must still be there.
Result<void> set_size(platform::Folder const& folder, core::BackupFile& file) {
    auto const info = folder.info(file.name);
    if (!info) return info.error();
    if (!*info) return incomplete("'" + file.name + "' is missing");
    file.size_bytes = (*info)->size_bytes;
    return {};
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
    auto const images = check_images(folder, *definition, expected);
    if (!images) return images.error();
    // On a share that ignores case, an image may be listed under another spelling than it was opened with.
    auto const is_image = [&](std::string const& file) {
        return std::ranges::any_of(*images, [&](auto const& image) { return equal_ignoring_case(image.first, file); });
    };
    auto const devices = device_files(folder, *definition, expected, is_image);
    if (!devices) return devices.error();

    if (images->size() + devices->size() + 1 > max_backup_files)
        return damaged("the folder has more than " + std::to_string(max_backup_files) + " files of a VM");

    std::vector<core::BackupFile> files;
    files.push_back({.name = expected.definition_file,
                     .role = definition_role,
                     .structure = structure_of(sha256(std::as_bytes(std::span(*text))))});
    for (auto const& [name, image] : *images)
        files.push_back(
            {.name = name, .role = disk_role, .virtual_bytes = image.virtual_bytes, .structure = image.structure});
    for (auto& file : files)
        if (auto const sized = set_size(folder, file); !sized) return sized.error();
    files.insert(files.end(), devices->begin(), devices->end());
    std::ranges::sort(files, {}, &core::BackupFile::name);
    return files;
}

}  // namespace sb::verify
