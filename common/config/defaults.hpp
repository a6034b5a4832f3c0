#pragma once
// The defaults that differ between systems: one defaults_SYSTEM.cpp is built.

#include <cstddef>
#include <filesystem>
#include <vector>

namespace sb::config {

struct SystemDefaults {
    std::filesystem::path socket;     ///< the control endpoint
    std::size_t max_socket_path = 0;  ///< in bytes, what the system's socket address allows
    std::filesystem::path state_dir;
    std::vector<std::filesystem::path> config_files;  ///< searched in this order
    std::filesystem::path predecessor_config;         ///< the predecessor's system-wide file; empty = none
};

SystemDefaults system_defaults();

}  // namespace sb::config
