#include "common/config/file_access.hpp"

namespace sb::config {

bool readable_by_everybody(std::filesystem::path const& path) {
    std::error_code ignored;
    auto const status = std::filesystem::status(path, ignored);
    if (!std::filesystem::exists(status)) return false;
    return (status.permissions() & std::filesystem::perms::others_read) != std::filesystem::perms::none;
}

}  // namespace sb::config
