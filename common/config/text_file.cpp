#include "common/config/text_file.hpp"

#include "common/config/invisible.hpp"
#include "common/config/values.hpp"
#include "common/text/ascii.hpp"

#include <cerrno>
#include <fstream>

namespace sb::config {
namespace {

constexpr std::size_t longest_password_file = 64 * 1024;

Error cannot_read(std::filesystem::path const& path, std::string const& why) {
    return Error{Errc::io, "cannot read " + utf8_of(path) + ": " + why};
}

}  // namespace

std::filesystem::path path_from_utf8(std::string const& text) {
    return std::filesystem::path(std::u8string(text.begin(), text.end()));
}

std::string utf8_of(std::filesystem::path const& path) {
    auto const text = path.u8string();
    return std::string(text.begin(), text.end());
}

Result<std::string> read_text_file(std::filesystem::path const& path, std::size_t longest) {
    std::error_code failed;
    auto const status = std::filesystem::status(path, failed);
    if (status.type() == std::filesystem::file_type::not_found) return cannot_read(path, "no such file");
    if (failed) return cannot_read(path, failed.message());
    if (status.type() == std::filesystem::file_type::directory) return cannot_read(path, "it is a folder");
    // Reading a pipe or a device could block forever.
    if (status.type() != std::filesystem::file_type::regular) return cannot_read(path, "it is not a regular file");

    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file) {
        int const reason = errno;
        return cannot_read(path, reason == 0 ? "it cannot be opened" : std::generic_category().message(reason));
    }
    // Reading one byte more than allowed detects a file that is too long, whatever size the system reports.
    std::string bytes(longest + 1, '\0');
    file.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (file.bad()) return cannot_read(path, "reading failed");
    bytes.resize(static_cast<std::size_t>(file.gcount()));
    if (bytes.size() > longest) {
        return cannot_read(path, "it is larger than " + std::to_string(longest / 1024) + " KiB");
    }
    return bytes;
}

Result<PasswordOfFile> read_password_file(std::filesystem::path const& path) {
    auto bytes = read_text_file(path, longest_password_file);
    if (!bytes) return bytes.error();
    constexpr std::string_view utf8_mark = "\xEF\xBB\xBF", utf16_mark = "\xFF\xFE", utf16_other_mark = "\xFE\xFF";
    bool const is_utf16 = bytes->starts_with(utf16_mark) || bytes->starts_with(utf16_other_mark);
    auto const begin = bytes->starts_with(utf8_mark) ? utf8_mark.size() : 0;
    auto line = bytes->substr(begin, bytes->find('\n') - begin);
    cleanse(*bytes);
    if (is_utf16) return cannot_read(path, "it is UTF-16; save it as UTF-8");
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty()) return cannot_read(path, "its first line is empty");
    if (!control_character_in(line).empty()) return cannot_read(path, "its first line contains a control character");
    bool const is_unusual = trimmed(line).size() != line.size() || !unusual_character_in(line).empty();
    return PasswordOfFile{Secret(std::move(line)), is_unusual};
}

}  // namespace sb::config
