#include "daemon/verify/backup_files.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>
#include <array>

namespace sb::verify {
namespace {

// UEFI variables as QEMU and libvirt name them, and the state of swtpm. No other program uses these extensions.
constexpr std::array<std::string_view, 4> state_extensions{"fd", "nvram", "vtpm", "permall"};
// Only together with a name that only a cluster gives.
constexpr std::array<std::string_view, 4> image_extensions{"bin", "img", "qcow2", "raw"};

bool is_uuid(std::string_view text) {
    constexpr std::string_view form = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
    auto const fits = [](char c, char expected) { return expected == '-' ? c == '-' : hex_value(c) >= 0; };
    return std::ranges::equal(text, form, fits);
}

bool is_one_of(std::string_view word, auto const& words) { return std::ranges::find(words, word) != words.end(); }

}  // namespace

bool is_device_file(std::string_view name) {
    if (name.starts_with('.')) return false;  // hidden files are temporary, or describe another file
    auto const low = lower(name);
    auto const dot = std::min(low.rfind('.'), low.size());
    auto const stem = std::string_view(low).substr(0, dot);
    auto const extension = std::string_view(low).substr(std::min(dot + 1, low.size()));
    if (is_one_of(extension, state_extensions)) return true;
    bool const has_its_name = is_uuid(stem) || stem.find("nvram") != stem.npos || stem.find("vtpm") != stem.npos;
    return has_its_name && is_one_of(extension, image_extensions);
}

bool is_part_of_backup(core::BackupFile const& file) {
    return file.role != other_role || (file.size_bytes > 0 && is_device_file(file.name));
}

}  // namespace sb::verify
