#pragma once
// Where the daemon listens by default, and how a person starts it: one file per system.

#include <filesystem>
#include <string>

namespace sb::ipc {

/// /run/scale-backup/control.sock on Linux, /var/run/scale-backup/control.sock on FreeBSD.
std::filesystem::path default_endpoint();

/// Where clients that may only read connect, if the daemon has a group for them: beside the control socket, so that the
/// file system judges both kinds before they connect. "control.sock" -> "control-read.sock".
std::filesystem::path readers_endpoint(std::filesystem::path const& endpoint);

/// The command that starts the daemon: "scale-backupd --config /etc/scale-backup/config.toml".
std::string start_command();

/// The command that adds a user to a group: "usermod -aG GROUP USER".
std::string join_group_command(std::string const& group);

}  // namespace sb::ipc
