#include "common/config/file_access.hpp"

namespace sb::config {

// The permission bits that the standard library shows on Windows are made up; the access list is not looked at here.
bool readable_by_everybody(std::filesystem::path const&) { return false; }

}  // namespace sb::config
