#include "daemon/platform/file_system.hpp"

#include "daemon/platform/folder_posix.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace sb::platform {
namespace {

/// The numbers that statfs(2) reports for NFS, SMB (three clients), Ceph, AFS and 9p.
constexpr std::array<std::uint32_t, 7> network_file_systems{0x6969,     0x517b,     0xff534d42, 0xfe534d42,
                                                            0x00c36400, 0x5346414f, 0x01021997};

}  // namespace

bool is_on_another_machine(std::filesystem::path const& folder) {
    struct statfs about {};
    if (::statfs(folder.c_str(), &about) != 0) return false;
    auto const kind = static_cast<std::uint32_t>(about.f_type);
    return std::ranges::find(network_file_systems, kind) != network_file_systems.end();
}

std::optional<MountId> mount_of(int handle) {
    // A bind mount has the device of the file system that it shows; only its number distinguishes it (Linux 5.8; 0
    // before).
    struct statx about {};
    if (::statx(handle, "", AT_EMPTY_PATH, STATX_BASIC_STATS | STATX_MNT_ID, &about) != 0) return std::nullopt;
    std::uint64_t const device = std::uint64_t{about.stx_dev_major} << 32 | about.stx_dev_minor;
    std::uint64_t const number = (about.stx_mask & STATX_MNT_ID) != 0 ? about.stx_mnt_id : 0;
    return MountId{device, number};
}

}  // namespace sb::platform
