#include "common/config/defaults.hpp"

namespace sb::config {

SystemDefaults system_defaults() {
    return SystemDefaults{
        .socket = "/var/run/scale-backup/control.sock",
        .max_socket_path = 103,  // sun_path holds 104 with the final zero
        .state_dir = "/var/db/scale-backup",
        // The predecessor reads /etc on FreeBSD as well, so it comes first; packages put theirs under /usr/local.
        .config_files = {"/etc/scale-backup/config.toml", "/usr/local/etc/scale-backup/config.toml"},
        .predecessor_config = "/etc/scale-backup.toml",
    };
}

}  // namespace sb::config
