#include "ctl/export/backup_disks.hpp"

#include "common/json/document.hpp"
#include "common/text/ascii.hpp"
#include "common/text/whole_number.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

constexpr std::string_view image_ending = ".qcow2";
constexpr std::size_t most_images = 500;  ///< of one backup; the daemon's limit (daemon/verify/backup_files.hpp)
constexpr std::size_t listed_images = 20;

}  // namespace

bool is_landing_folder(std::string_view name) {
    constexpr std::string_view mark = ".exporting-";
    constexpr std::size_t digits = 8;
    if (name.size() <= mark.size() + digits) return false;
    auto const attempt = name.substr(name.size() - digits);
    return name.substr(0, name.size() - digits).ends_with(mark) &&
           std::ranges::all_of(attempt, [](char c) { return hex_value(c) >= 0 && lower(c) == c; });
}

Result<std::vector<std::string>> images_of_manifest(std::string_view text) {
    auto const manifest = json::Document::parse(text);
    if (!manifest || !manifest->root().is_object())
        return Error{Errc::damaged_backup, std::string(manifest_name) + " is not a manifest"};
    std::vector<std::string> images;
    for (auto const file : manifest->root()["files"].elements()) {
        if (file["role"].string() != "disk" || images.size() == most_images) continue;
        images.push_back(file["name"].text());
    }
    return images;
}

std::string disks_text(std::vector<std::string> const& images) {
    if (images.empty()) return "Its manifest lists no disk";
    std::string text = "The disks of this backup: ";
    for (std::size_t i = 0; i < std::min(images.size(), listed_images); ++i)
        text += (i > 0 ? ", " : "") + std::to_string(i + 1) + " = " + images[i];
    return images.size() > listed_images ? text + ", …" : text;
}

Result<std::string> image_of_disk(std::vector<std::string> const& images, std::string const& disk) {
    if (auto const number = whole_number<std::size_t>(disk)) {
        if (*number >= 1 && *number <= images.size()) return images[*number - 1];
        return Error{Errc::not_found, "there is no disk " + disk + ". " + disks_text(images)};
    }
    return disk.ends_with(image_ending) ? disk : disk + std::string(image_ending);
}

}  // namespace sb::ctl
