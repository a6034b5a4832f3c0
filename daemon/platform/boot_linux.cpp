#include "daemon/platform/boot.hpp"

#include "daemon/platform/file_descriptor.hpp"

#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace sb::platform {
namespace {

/// The numbers that statfs(2) gives for NFS, SMB (three clients), Ceph, AFS and 9p.
constexpr std::array<std::uint32_t, 7> of_networks{0x6969,     0x517b,     0xff534d42, 0xfe534d42,
                                                   0x00c36400, 0x5346414f, 0x01021997};

}  // namespace

std::string boot_id() {
    FileDescriptor file(::open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC));
    if (!file) return {};
    std::array<char, 64> text{};
    auto const got = ::read(file.get(), text.data(), text.size());
    std::string id(text.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
    id.erase(std::min(id.find('\n'), id.size()));
    return id;
}

bool is_on_another_machine(std::filesystem::path const& folder) {
    struct statfs about {};
    if (::statfs(folder.c_str(), &about) != 0) return false;
    auto const kind = static_cast<std::uint32_t>(about.f_type);
    return std::ranges::find(of_networks, kind) != of_networks.end();
}

}  // namespace sb::platform
