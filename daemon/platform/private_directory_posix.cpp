#include "daemon/platform/private_directory.hpp"

#include "daemon/platform/file_descriptor.hpp"
#include "daemon/platform/os_error.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <vector>

namespace sb::platform {
namespace {

namespace fs = std::filesystem;

/// Those that get a new entry when `directory` is created.
std::vector<fs::path> parents_that_change(fs::path directory) {
    std::vector<fs::path> parents;
    std::error_code unknown;
    for (; !directory.empty() && !fs::exists(directory, unknown); directory = directory.parent_path())
        parents.push_back(directory.has_parent_path() ? directory.parent_path() : fs::path("."));
    return parents;
}

/// Best effort: a directory may be writable but not readable.
void sync(fs::path const& directory) {
    FileDescriptor const handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    int rc = 0;
    do rc = handle ? ::fsync(handle.get()) : 0;
    while (rc != 0 && errno == EINTR);
}

}  // namespace

Result<void> make_private_directory(fs::path const& directory) {
    auto const parents = parents_that_change(directory);
    if (directory.has_parent_path()) {
        std::error_code failure;
        fs::create_directories(directory.parent_path(), failure);
        if (failure) return os_error(failure.value(), "creating the folder", directory.parent_path().string());
    }
    if (::mkdir(directory.c_str(), 0700) != 0 && errno != EEXIST)
        return os_error(errno, "creating the state directory", directory.string());
    for (auto const& parent : parents) sync(parent);
    return {};
}

}  // namespace sb::platform
