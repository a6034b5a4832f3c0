#include "common/ipc/endpoint.hpp"

namespace sb::ipc {

std::filesystem::path default_endpoint() { return "/run/scale-backup/control.sock"; }

std::string start_command() { return "scale-backupd --config /etc/scale-backup/config.toml"; }

std::string join_group_command(std::string const& group) { return "usermod -aG " + group + " USER"; }

}  // namespace sb::ipc
