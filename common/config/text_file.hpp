#pragma once
// Small files read as a whole, with messages that say why they cannot be read. Internal to this folder.

#include "common/error.hpp"
#include "common/secret.hpp"

#include <filesystem>
#include <string>

namespace sb::config {

/// Paths in the configuration are UTF-8 on every system.
std::filesystem::path path_from_utf8(std::string const& text);
std::string utf8_of(std::filesystem::path const& path);

/// A regular file's bytes, at most `longest` of them. Never blocks on a pipe or a device. Errc::io.
Result<std::string> read_text_file(std::filesystem::path const& path, std::size_t longest);

struct PasswordOfFile {
    Secret password;
    /// It begins or ends with a space or has an invisible character: that belongs to it, or an editor added it.
    bool is_unusual = false;
};

/// The first line of the file without its line end and without the mark that some editors put before the first
/// character (BOM). Errors never contain its text.
Result<PasswordOfFile> read_password_file(std::filesystem::path const& path);

}  // namespace sb::config
