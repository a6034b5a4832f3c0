#include "daemon/platform/boot.hpp"

#include <sys/param.h>
#include <sys/mount.h>
#include <sys/sysctl.h>
#include <sys/types.h>

#include <array>
#include <cstddef>

namespace sb::platform {

std::string boot_id() {
    std::array<unsigned char, 64> bytes{};
    std::size_t size = bytes.size();
    if (::sysctlbyname("kern.boot_id", bytes.data(), &size, nullptr, 0) != 0) return {};
    std::string id;
    for (std::size_t i = 0; i < size; ++i) {
        id += "0123456789abcdef"[bytes[i] >> 4];
        id += "0123456789abcdef"[bytes[i] & 15];
    }
    return id;
}

bool is_on_another_machine(std::filesystem::path const& folder) {
    struct statfs about {};
    return ::statfs(folder.c_str(), &about) == 0 && (about.f_flags & MNT_LOCAL) == 0;
}

}  // namespace sb::platform
