#include "daemon/platform/machine_id.hpp"

#include <sys/types.h>
#include <sys/sysctl.h>

#include <array>
#include <cstddef>

namespace sb::platform {

std::string machine_id() {
    std::array<char, 64> text{};
    std::size_t size = text.size() - 1;
    if (::sysctlbyname("kern.hostuuid", text.data(), &size, nullptr, 0) != 0) return {};
    return usable_machine_id(text.data());
}

}  // namespace sb::platform
