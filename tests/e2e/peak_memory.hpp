#pragma once

#include <fstream>
#include <string>

#include <sys/types.h>

namespace sb::test {

/// Peak memory of a process in MiB; 0 if the system does not report it.
inline double peak_mebibytes_of(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}

}  // namespace sb::test
