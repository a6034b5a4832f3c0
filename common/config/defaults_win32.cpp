#include "common/config/defaults.hpp"

namespace sb::config {

SystemDefaults system_defaults() {
    return SystemDefaults{
        .socket = R"(\\.\pipe\scale-backup)",
        .max_socket_path = 256,  // the limit of a pipe's name
        .state_dir = R"(C:\ProgramData\scale-backup\state)",
        .config_files = {R"(C:\ProgramData\scale-backup\config.toml)"},
        .predecessor_config = {},
    };
}

}  // namespace sb::config
