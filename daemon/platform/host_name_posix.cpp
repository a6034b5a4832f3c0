#include "daemon/platform/host_name.hpp"

#include <array>

#include <unistd.h>

namespace sb::platform {

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown host";
    return name.data();
}

}  // namespace sb::platform
