#include "simulator/disks/file_posix.hpp"

#include <sys/stat.h>

namespace sb::sim {

std::int64_t allocated_bytes(std::filesystem::path const& path) {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 ? static_cast<std::int64_t>(status.st_blocks) * 512 : 0;
}

}  // namespace sb::sim
