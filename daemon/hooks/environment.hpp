#pragma once
// What a hook gets of the daemon's environment: enough to find programs and use the administrator's language, nothing
// that was meant for the daemon (systemd's sockets and credentials, secrets of a service file).

#include <string>
#include <vector>

namespace sb::hooks {

/// "NAME=value" of the daemon -> of the hook. PATH is kept and extended by the usual folders of programs, because the
/// system starts daemons with fewer than an administrator tried the hook with (FreeBSD: no /usr/local/bin).
/// SCALE_BACKUP_HOOK names the hook, for a program that serves several.
std::vector<std::string> hook_environment(std::vector<std::string> const& ours, std::string const& hook_name);

/// This process's environment.
std::vector<std::string> own_environment();

}  // namespace sb::hooks
