#include "simulator/transfer/transfer.hpp"

#include "simulator/transfer/definition_xml.hpp"
#include "simulator/transfer/folder.hpp"
#include "simulator/transfer/qcow2_reader.hpp"
#include "simulator/transfer/qcow2_writer.hpp"

#include <algorithm>
#include <cerrno>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace sb::sim {
namespace {

constexpr std::uint64_t longest_definition = 4U << 20U;
constexpr std::uint64_t size_error = 64U << 20U;  // the error of the fault "wrong virtual size"

bool is_disk(std::optional<int> const& fault, std::size_t index) {
    return fault && *fault >= 0 && static_cast<std::size_t>(*fault) == index;
}

Outcome<SmbUri> parse_place(TransferPlace const& place) {
    auto uri = parse_smb_uri(place.path_uri);
    if (!uri) return failed_here(uri.error());
    return std::move(*uri);
}

std::string definition_name(TransferPlace const& place, SmbUri const& uri) {
    return place.definition_file.empty() ? uri.folder + ".xml" : place.definition_file;
}

/// Rejects a name that would leave the folder.
Outcome<void> require_plain(std::string const& name) {
    bool const plain = !name.empty() && name != "." && name != ".." &&
                       name.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
    if (plain) return {};
    return refused_by_share("open '" + name + "'", "NT_STATUS_OBJECT_NAME_INVALID", EINVAL);
}

Outcome<TransferredFile> export_disk(ExportSpec const& spec, std::size_t index, RawFile const& source, Folder& folder,
                                     Pace& pace) {
    auto const& disk = spec.disks[index];
    auto file = folder.create_file(disk.file_name);
    if (!file) return file.error();
    Qcow2Options options{
        .capacity = virtual_size_of(disk.capacity), .version_2 = spec.compat == "0.10", .compress = spec.compress};
    if (is_disk(spec.faults.wrong_virtual_size, index)) options.capacity += size_error;
    auto length = write_qcow2(source, options, **file, pace);
    if (!length) return length.error();
    if (is_disk(spec.faults.truncate_disk, index)) {
        *length /= 2;
        if (auto cut = (*file)->set_size(*length); !cut) return cut.error();
    }
    if (auto closed = (*file)->close(); !closed) return closed.error();
    return TransferredFile{disk.file_name, "", *length, options.capacity};
}

Outcome<TransferredFile> export_definition(ExportSpec const& spec, std::string const& name, Folder& folder) {
    std::string text = definition_xml(spec.definition);
    if (spec.faults.garbage_definition) text = "<domain type=\"kvm\"><name>" + spec.definition.uuid + "</nam\xff\xfe";
    auto file = folder.create_file(name);
    if (!file) return file.error();
    if (auto done = (*file)->write(0, std::as_bytes(std::span(text))); !done) return done.error();
    if (auto closed = (*file)->close(); !closed) return closed.error();
    return TransferredFile{name, "", text.size(), 0};
}

Outcome<VmDefinition> import_definition(std::string const& name, Folder& folder) {
    auto file = folder.open_file(name);
    if (!file) return file.error();
    auto const size = (*file)->size();
    if (!size) return size.error();
    std::string text(static_cast<std::size_t>(std::min(*size, longest_definition)), '\0');
    if (auto got = (*file)->read(0, std::as_writable_bytes(std::span(text))); !got) return got.error();
    auto vm = parse_definition_xml(text);
    if (!vm) return Failed{"Unable to use definition '%@': %@", {name, vm.error().context}, ""};
    return std::move(*vm);
}

}  // namespace

Outcome<Done> run_export(ExportSpec const& spec, Reporter& reporter) {
    Pace pace(reporter, spec.duration_ms, spec.faults);
    auto const uri = parse_place(spec.place);
    if (!uri) return uri.error();
    auto const xml_name = definition_name(spec.place, *uri);
    if (auto plain = require_plain(xml_name); !plain) return plain.error();
    auto folder = reach_folder(spec.place, *uri);
    if (!folder) return folder.error();
    if (auto there = (*folder)->require_parent(); !there) return there.error();
    if (auto made = (*folder)->create(); !made) return made.error();

    std::uint64_t total = 0;
    std::vector<RawFile> sources;
    for (std::size_t i = 0; i < spec.disks.size(); ++i) {
        if (auto plain = require_plain(spec.disks[i].file_name); !plain) return plain.error();
        auto source = RawFile::open_for_reading(spec.disks[i].raw_file);
        if (!source) return failed_here(source.error());
        auto const bytes = data_to_export(*source, spec.disks[i].capacity);
        if (!bytes) return failed_here(bytes.error());
        if (!is_disk(spec.faults.skip_disk, i)) total += *bytes;
        sources.push_back(std::move(*source));
    }
    if (auto reported = pace.begin(total); !reported) return reported.error();

    Done done;
    for (std::size_t i = 0; i < spec.disks.size(); ++i) {
        if (is_disk(spec.faults.skip_disk, i)) continue;
        auto file = export_disk(spec, i, sources[i], **folder, pace);
        if (!file) return file.error();
        done.files.push_back(std::move(*file));
    }
    if (auto reported = pace.data_complete(); !reported) return reported.error();
    if (!spec.faults.skip_definition) {
        auto file = export_definition(spec, xml_name, **folder);
        if (!file) return file.error();
        done.files.push_back(std::move(*file));
    }
    if (auto ended = pace.finish(); !ended) return ended.error();
    done.bytes = pace.bytes();
    done.elapsed_ms = pace.elapsed_ms();
    return done;
}

Outcome<Done> run_import(ImportSpec const& spec, Reporter& reporter) {
    Pace pace(reporter, spec.duration_ms, spec.faults);
    auto const uri = parse_place(spec.place);
    if (!uri) return uri.error();
    auto const xml_name = definition_name(spec.place, *uri);
    if (auto plain = require_plain(xml_name); !plain) return plain.error();
    auto folder = reach_folder(spec.place, *uri);
    if (!folder) return folder.error();
    if (auto there = (*folder)->require_folder(); !there) return there.error();
    auto vm = import_definition(xml_name, **folder);
    if (!vm) return vm.error();

    std::uint64_t total = 0;
    Done done;
    for (auto const& disk : vm->disks) {
        if (disk.is_cdrom()) continue;
        std::string const name = disk.uuid + ".qcow2";
        if (auto plain = require_plain(name); !plain) return plain.error();
        auto image = (*folder)->open_file(name);
        if (!image) return image.error();
        auto const size = (*image)->size();
        if (!size) return size.error();
        total += *size;
        std::string const raw = spec.target_dir + "/disk-" + std::to_string(done.files.size()) + ".raw";
        done.files.push_back({name, raw, *size, 0});
    }
    if (auto reported = pace.begin(total); !reported) return reported.error();
    for (auto& file : done.files) {
        auto image = (*folder)->open_file(file.name);
        if (!image) return image.error();
        auto const capacity = read_qcow2(**image, file.name, file.raw_file, pace);
        if (!capacity) return capacity.error();
        file.capacity = *capacity;
    }
    if (auto reported = pace.data_complete(); !reported) return reported.error();
    if (auto ended = pace.finish(); !ended) return ended.error();
    done.definition = std::move(*vm);
    done.bytes = pace.bytes();
    done.elapsed_ms = pace.elapsed_ms();
    return done;
}

Outcome<Done> run_probe(ProbeSpec const& spec) {
    auto const uri = parse_place(spec.place);
    if (!uri) return uri.error();
    auto folder = reach_folder(spec.place, *uri);
    if (!folder) return folder.error();
    auto const there = spec.folder_must_exist ? (*folder)->require_folder() : (*folder)->require_parent();
    if (!there) return there.error();
    return Done{};
}

}  // namespace sb::sim
