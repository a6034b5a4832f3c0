#include "daemon/platform/machine_id.hpp"

#include "daemon/platform/file_descriptor.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>

namespace sb::platform {

std::string machine_id() {
    FileDescriptor file(::open("/etc/machine-id", O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (!file) return {};
    std::array<char, 64> text{};
    auto const got = ::read(file.get(), text.data(), text.size());
    return usable_machine_id({text.data(), got > 0 ? static_cast<std::size_t>(got) : 0});
}

}  // namespace sb::platform
