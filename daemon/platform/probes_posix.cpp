#include "daemon/platform/probes.hpp"

#include "daemon/platform/os_error.hpp"

#include <cerrno>
#include <cstdlib>
#include <string>

#include <unistd.h>

namespace sb::platform {

Result<void> probe_writable(std::filesystem::path const& folder) {
    std::string probe = (folder / ".scale-backup-probe-XXXXXX").string();
    if (::mkdtemp(probe.data()) == nullptr) return os_error(errno, "writing in", folder.string());
    if (::rmdir(probe.c_str()) != 0) return os_error(errno, "removing a folder in", folder.string());
    return {};
}

bool may_execute(std::filesystem::path const& file) {
    std::error_code ignored;
    return std::filesystem::is_regular_file(file, ignored) && ::access(file.c_str(), X_OK) == 0;
}

}  // namespace sb::platform
