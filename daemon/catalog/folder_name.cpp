#include "daemon/catalog/folder_name.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"
#include "daemon/core/landing.hpp"
#include "daemon/platform/folder.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sb::catalog {
namespace {

bool is_refused(char32_t c) {
    return c < 0x80 && std::string_view("<>:\"|?*/\\").find(static_cast<char>(c)) != std::string_view::npos;
}

/// Windows opens the device, regardless of the extension.
bool is_device(std::string_view name) {
    auto stem = name.substr(0, name.find('.'));
    while (stem.ends_with(' ')) stem.remove_suffix(1);
    auto const word = upper(stem);
    static constexpr std::array<std::string_view, 6> devices{"CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"};
    if (std::find(devices.begin(), devices.end(), word) != devices.end()) return true;
    if (!word.starts_with("COM") && !word.starts_with("LPT")) return false;
    auto const number = std::string_view(word).substr(3);
    static constexpr std::array<std::string_view, 3> raised{"\u00b9", "\u00b2",
                                                            "\u00b3"};  // Windows treats these as digits
    return (number.size() == 1 && is_digit(number[0])) ||
           std::find(raised.begin(), raised.end(), number) != raised.end();
}

/// Created by file systems, NAS systems, Windows and macOS at the top of a share.
bool is_system_folder(std::string_view name) {
    static constexpr std::array<std::string_view, 12> folders{"lost+found",
                                                              "system volume information",
                                                              "$recycle.bin",
                                                              "network trash folder",
                                                              "@eadir",
                                                              "#recycle",
                                                              "#snapshot",
                                                              "@recycle",
                                                              "@recently-snapshot",
                                                              "@sharebin",
                                                              "temporary items",
                                                              "found.000"};
    return std::find(folders.begin(), folders.end(), lower(name)) != folders.end();
}

/// Without LocalPath in front and separators at the end; empty if it is still a path.
std::string without_path(std::string_view name, std::string_view local_path) {
    if (name.starts_with(local_path) && name.substr(local_path.size()).starts_with('/'))
        name.remove_prefix(local_path.size() + 1);
    while (name.ends_with('/') || name.ends_with('\\')) name.remove_suffix(1);
    bool const is_path = name.find('/') != name.npos || name.find('\\') != name.npos;
    return is_path || !platform::is_plain_name(name) ? std::string() : std::string(name);
}

Error invalid(std::string_view name, std::string const& reason) {
    std::string shown;
    for (char const c : name.substr(0, 80)) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return {Errc::invalid_name, "'" + shown + "' is not a valid backup name: " + reason};
}

/// `reserved`: how much is added to the name, in ASCII.
Result<void> check_length(std::string_view name, std::size_t reserved) {
    std::size_t utf16_units = 0;
    for (auto rest = name; !rest.empty();) {
        auto const point = first_code_point(rest);
        utf16_units += point.value > 0xffff ? 2 : 1;
        rest.remove_prefix(std::max<std::size_t>(point.bytes, 1));
    }
    auto const max_bytes = core::max_folder_bytes - reserved, max_utf16 = core::max_folder_utf16 - reserved;
    if (name.size() > max_bytes)
        return invalid(name,
                       "it has " + std::to_string(name.size()) + " bytes; the limit is " + std::to_string(max_bytes));
    if (utf16_units > max_utf16) return invalid(name, "it has more than " + std::to_string(max_utf16) + " characters");
    return {};
}

}  // namespace

Result<void> check_folder_name(std::string_view name) {
    if (name.empty()) return Error{Errc::invalid_name, "a backup name cannot be empty"};
    if (name == "." || name == "..") return invalid(name, "it names an existing folder");
    for (auto rest = name; !rest.empty();) {
        auto const point = first_code_point(rest);
        if (point.bytes == 0) return invalid(name, "it is not valid UTF-8");
        if (is_control(point.value)) return invalid(name, "it contains a control character");
        if (point.value == '/' || point.value == '\\')
            return invalid(name,
                           "it contains '" + std::string(rest.substr(0, 1)) + "', which leads into another folder");
        if (is_refused(point.value))
            return invalid(name, "SMB and Windows do not allow the character '" + std::string(rest.substr(0, 1)) + "'");
        rest.remove_prefix(point.bytes);
    }
    if (name.front() == '.')
        return invalid(name, "names that begin with a dot are hidden and reserved for scale-backup's own folders");
    if (name.front() == ' ') return invalid(name, "it begins with a space");
    if (name.back() == ' ' || name.back() == '.')
        return invalid(name, "Windows drops spaces and dots at the end of a name");
    if (is_device(name)) return invalid(name, "it is a device name on Windows");
    if (is_system_folder(name)) return invalid(name, "it is the name of a folder of the file system or the NAS");
    if (core::is_landing_folder(name))
        return invalid(name, "names that end in '.exporting-' and 8 hex digits are reserved for exports in progress");
    return check_length(name, 0);
}

Result<void> check_new_name(std::string_view name) {
    if (auto const valid = check_folder_name(name); !valid) return valid;
    return check_length(name, std::string_view(".xml").size());
}

bool may_be_backup(std::string_view folder) {
    return platform::is_plain_name(folder) && !folder.starts_with('.') && !core::is_landing_folder(folder) &&
           !is_system_folder(folder);
}

Error no_such_backup(std::string const& name, std::string const& local_path) {
    auto text = "there is no backup '" + name + "' in '" + local_path + "'";
    if (name.find_first_of("/\\") != name.npos) {
        auto const plain = without_path(name, local_path);
        text += plain.empty() ? "; a backup is a folder directly in it, and its name has no path"
                              : "; give the name without a path: '" + plain + "'";
    }
    return {Errc::not_found, std::move(text)};
}

std::string safe_folder_name(std::string_view vm_name, std::size_t max_bytes) {
    std::string safe;
    for (auto rest = vm_name; !rest.empty();) {
        auto const point = first_code_point(rest);
        auto const bytes = std::max<std::size_t>(point.bytes, 1);
        if (safe.size() + bytes > max_bytes) break;
        if (point.bytes == 0 || is_control(point.value) || is_refused(point.value)) safe += '_';
        else safe += rest.substr(0, bytes);
        rest.remove_prefix(bytes);
    }
    if (safe.empty()) return "_";
    if (safe.front() == '.' || safe.front() == ' ') safe.front() = '_';
    if (safe.back() == '.' || safe.back() == ' ') safe.back() = '_';
    if (is_device(safe) || is_system_folder(safe)) safe.front() = '_';
    if (core::is_landing_folder(safe)) safe.back() = '_';
    return safe;
}

}  // namespace sb::catalog
