#include "daemon/catalog/folder_name.hpp"

#include "common/text/ascii.hpp"
#include "common/text/utf8.hpp"

#include <algorithm>
#include <array>

namespace sb::catalog {
namespace {

constexpr std::size_t max_name_bytes = 255;   // of nearly every file system
constexpr std::size_t max_utf16_units = 240;  // Windows' 255, minus space for suffixes that its tools append

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

char32_t fold_case(char32_t c) {
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7)) return c + 32;  // ASCII, Latin-1
    if ((c >= 0x100 && c <= 0x12f) || (c >= 0x132 && c <= 0x137) || (c >= 0x14a && c <= 0x177)) return c | 1;
    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e)) return c % 2 == 1 ? c + 1 : c;
    if (c == 0x178) return 0xff;
    if (c >= 0x391 && c <= 0x3a9 && c != 0x3a2) return c + 32;  // Greek
    if (c >= 0x410 && c <= 0x42f) return c + 32;                // Cyrillic
    if (c >= 0x400 && c <= 0x40f) return c + 80;
    if (c >= 0x460 && c <= 0x481) return c | 1;
    return c;
}

Error invalid(std::string_view name, std::string const& reason) {
    std::string shown;
    for (char const c : name.substr(0, 80)) shown += static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c;
    return {Errc::invalid_name, "'" + shown + "' is not a valid backup name: " + reason};
}

}  // namespace

Result<void> check_folder_name(std::string_view name) {
    if (name.empty()) return Error{Errc::invalid_name, "a backup name cannot be empty"};
    if (name == "." || name == "..") return invalid(name, "it names an existing folder");
    std::size_t utf16_units = 0;
    for (auto rest = name; !rest.empty();) {
        auto const point = first_code_point(rest);
        if (point.bytes == 0) return invalid(name, "it is not valid UTF-8");
        if (is_control(point.value)) return invalid(name, "it contains a control character");
        if (point.value == '/' || point.value == '\\')
            return invalid(name,
                           "it contains '" + std::string(rest.substr(0, 1)) + "', which leads into another folder");
        if (is_refused(point.value))
            return invalid(name, "SMB and Windows do not allow the character '" + std::string(rest.substr(0, 1)) + "'");
        utf16_units += point.value > 0xffff ? 2 : 1;
        rest.remove_prefix(point.bytes);
    }
    if (name.front() == '.')
        return invalid(name, "names that begin with a dot are hidden and reserved for scale-backup's own folders");
    if (name.front() == ' ') return invalid(name, "it begins with a space");
    if (name.back() == ' ' || name.back() == '.')
        return invalid(name, "Windows drops spaces and dots at the end of a name");
    if (is_device(name)) return invalid(name, "it is a device name on Windows");
    if (name.size() > max_name_bytes)
        return invalid(name, "it has " + std::to_string(name.size()) + " bytes; the limit is 255");
    if (utf16_units > max_utf16_units) return invalid(name, "it has more than 240 characters");
    return {};
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
    if (is_device(safe)) safe.front() = '_';
    return safe;
}

std::string case_key(std::string_view name) {
    std::string key;
    while (!name.empty()) {
        auto const point = first_code_point(name);
        if (point.bytes == 0) {
            key += name.front();
            name.remove_prefix(1);
            continue;
        }
        append_utf8(key, fold_case(point.value));
        name.remove_prefix(point.bytes);
    }
    return key;
}

}  // namespace sb::catalog
