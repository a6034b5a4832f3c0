#include "daemon/core/disk_image.hpp"

#include "common/text/ascii.hpp"

#include <algorithm>
#include <array>
#include <string_view>

namespace sb::core {
namespace {

constexpr std::array<std::string_view, 5> types{"qcow2", "vmdk", "vhd", "vhdx", "img"};
constexpr std::size_t max_name_bytes = 255;

std::string extension_of(std::string const& name) {
    auto const dot = name.rfind('.');
    if (dot == std::string::npos) return {};
    return lower(std::string_view(name).substr(dot + 1));
}

bool is_unprintable(char c) { return static_cast<unsigned char>(c) < 0x20 || c == '\x7f'; }

}  // namespace

Result<void> check_disk_image_name(std::string const& name) {
    if (name.empty() || name.find_first_of("/\\") != std::string::npos)
        return Error{Errc::invalid_name, "'" + name + "' is not a file name"};
    if (name.size() > max_name_bytes)
        return Error{Errc::invalid_name, "the file name is longer than " + std::to_string(max_name_bytes) + " bytes"};
    if (std::ranges::any_of(name, is_unprintable))
        return Error{Errc::invalid_name, "the file name contains control characters; rename the file"};
    auto const extension = extension_of(name);
    if (extension == "iso")
        return Error{Errc::refused, "'" + name +
                                        "' is an ISO image for CD-ROM drives, not a disk; upload it in the cluster's "
                                        "web interface, under Media"};
    if (std::ranges::find(types, extension) == types.end())
        return Error{Errc::refused, "the cluster accepts .qcow2, .vmdk, .vhd, .vhdx and .img files; '" + name +
                                        "' has a different extension"};
    return {};
}

std::vector<std::string> names_of_upload(std::string const& name) {
    return {name, "uploading-" + name, "converting-" + name};
}

}  // namespace sb::core
