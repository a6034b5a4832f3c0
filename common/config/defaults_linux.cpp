#include "common/config/defaults.hpp"

namespace sb::config {

SystemDefaults system_defaults() {
    return SystemDefaults{
        .socket = "/run/scale-backup/control.sock",
        .max_socket_path = 107,  // sun_path holds 108 with the final zero
        .state_dir = "/var/lib/scale-backup",
        .config_files = {"/etc/scale-backup/config.toml"},
        .predecessor_config = "/etc/scale-backup.toml",
    };
}

}  // namespace sb::config
