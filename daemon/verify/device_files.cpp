#include "daemon/verify/device_files.hpp"

#include "common/text/ascii.hpp"
#include "daemon/verify/backup_files.hpp"

#include <algorithm>
#include <set>
#include <string_view>

namespace sb::verify {
namespace {

std::string_view stem_of(std::string_view name) { return name.substr(0, name.rfind('.')); }

/// The names that the files of a VM's devices may have, in lower case.
class DeviceNames {
public:
    DeviceNames(Definition const& definition, ports::Expectation const& expected)
        : has_nvram_(definition.has_nvram), has_tpm_(definition.has_tpm) {
        for (auto const& state : definition.states) {
            names_.insert(lower(state));
            names_.insert(lower(stem_of(state)));
        }
        for (auto const& device : expected.disks) {
            bool const nvram = device.type.find("NVRAM") != std::string::npos;
            bool const tpm = device.type.find("TPM") != std::string::npos;
            has_nvram_ |= nvram;
            has_tpm_ |= tpm;
            if ((nvram || tpm) && !device.uuid.empty()) names_.insert(lower(device.uuid.text()));
        }
        auto const vm = lower(definition.name);
        if (has_nvram_ || has_tpm_) names_.insert(vm);
        if (has_nvram_) names_.insert(vm + "_vars");
    }

    bool fit(std::string_view file) const {
        auto const name = lower(file);
        auto const stem = std::string(stem_of(name));
        if (names_.contains(name) || names_.contains(stem)) return true;
        if (has_nvram_ && stem.starts_with("nvram")) return true;
        return has_tpm_ && (stem.starts_with("vtpm") || stem.starts_with("tpm2-"));
    }

private:
    bool has_nvram_, has_tpm_;
    std::set<std::string> names_;
};

}  // namespace

Result<std::vector<core::BackupFile>> device_files(platform::Folder const& folder, Definition const& definition,
                                                   ports::Expectation const& expected,
                                                   std::function<bool(std::string const&)> const& is_image) {
    auto const entries = folder.entries();
    if (!entries) return entries.error();
    DeviceNames const names(definition, expected);
    std::vector<core::BackupFile> files;
    for (auto const& entry : *entries) {
        if (entry.kind != platform::EntryKind::file || !is_device_file(entry.name)) continue;
        if (!names.fit(entry.name) || is_image(entry.name)) continue;
        auto const info = folder.info(entry.name);
        if (!info) return info.error();
        if (!*info || (*info)->size_bytes == 0) continue;
        files.push_back({.name = entry.name, .role = device_role, .size_bytes = (*info)->size_bytes});
    }
    return files;
}

}  // namespace sb::verify
