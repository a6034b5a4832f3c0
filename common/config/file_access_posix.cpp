#include "common/config/file_access.hpp"

#include "common/text/shell_word.hpp"

namespace sb::config {

Exposure exposure_of(std::filesystem::path const& path) {
    using std::filesystem::perms;
    std::error_code ignored;
    auto const status = std::filesystem::status(path, ignored);
    if (!std::filesystem::exists(status)) return {};
    auto const allows = [&](perms bit) { return (status.permissions() & bit) != perms::none; };
    return {allows(perms::others_read), allows(perms::others_write)};
}

std::string command_that_closes(std::filesystem::path const& path) { return "chmod o-rwx " + shell_word(path.string()); }

}  // namespace sb::config
