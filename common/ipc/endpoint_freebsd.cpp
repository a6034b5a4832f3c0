#include "common/ipc/endpoint.hpp"

namespace sb::ipc {

std::filesystem::path default_endpoint() { return "/var/run/scale-backup/control.sock"; }

std::string start_command() { return "scale-backupd --config /usr/local/etc/scale-backup/config.toml"; }

std::string join_group_command(std::string const& group) { return "pw groupmod " + group + " -m USER"; }

}  // namespace sb::ipc
