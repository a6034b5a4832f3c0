#include "daemon/platform/service_manager.hpp"

#include <algorithm>

namespace sb::platform {
namespace {

std::string status_line(std::string_view status) {
    std::string line(status);
    std::ranges::replace(line, '\n', ' ');  // a line end would start another assignment
    return "STATUS=" + line;
}

}  // namespace

std::string ready_message(std::string_view status) { return "READY=1\n" + status_line(status); }

std::string reloading_message(std::uint64_t monotonic_microseconds) {
    return "RELOADING=1\nMONOTONIC_USEC=" + std::to_string(monotonic_microseconds);
}

std::string status_message(std::string_view status) { return status_line(status); }
std::string stopping_message(std::string_view status) { return "STOPPING=1\n" + status_line(status); }

}  // namespace sb::platform
