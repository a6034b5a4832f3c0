#pragma once
// What a hook sees of the daemon's environment: enough to find programs and speak the administrator's language,
// nothing that was meant for the daemon (systemd's sockets and credentials, secrets of a service file).

#include <string>
#include <vector>

namespace sb::hooks {

/// "NAME=value" of ours -> of the hook. PATH keeps what it has and gets the folders where programs usually are, because
/// the system starts daemons with less than an administrator tried the hook with (FreeBSD: no /usr/local/bin).
/// SCALE_BACKUP_HOOK tells a program that serves several hooks which one it is.
std::vector<std::string> hook_environment(std::vector<std::string> const& ours, std::string const& hook_name);

/// This process's environment.
std::vector<std::string> own_environment();

}  // namespace sb::hooks
