#include "common/config/file_access.hpp"

namespace sb::config {

// The permission bits that the standard library reports on Windows are not real; the access list is not checked.
Exposure exposure_of(std::filesystem::path const&) { return {}; }

std::optional<std::string> who_else_may_change(std::filesystem::path const&) {
    return "this system does not report who can change it";
}

std::string command_that_closes(std::filesystem::path const& path) {
    return "icacls \"" + path.string() + "\" /inheritance:r /grant SYSTEM:F /grant Administrators:F";
}

}  // namespace sb::config
