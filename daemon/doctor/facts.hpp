#pragma once
// The facts that a health check collects, as plain values; evaluate.hpp says what they mean.

#include "common/config/model.hpp"
#include "common/error.hpp"
#include "common/time.hpp"
#include "daemon/core/vm.hpp"
#include "daemon/ports/catalog.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sb::doctor {

/// A hook's program.
struct HookFile {
    std::string hook;  ///< "PreBackup"
    std::string program;
    bool exists = false;
    bool executable = false;  ///< by this process
    bool writable_by_all = false;
};

/// A group that the configuration names.
struct GroupFacts {
    std::string key;  ///< "Daemon.SocketGroup"
    std::string name;
    Result<void> found;
};

/// Facts about this machine.
struct LocalFacts {
    std::vector<std::string> config_warnings;
    std::string state_dir, local_path;
    Result<void> state_dir_writable;
    Result<void> local_path_writable;  ///< a folder was created in it and removed again
    Result<ports::Space> space;
    std::uint64_t largest_backup = 0;  ///< bytes; 0 = there are no backups
    std::vector<HookFile> hooks;
    std::vector<GroupFacts> groups;
    std::string open_readers_socket;  ///< its path, if it admits users outside of SocketReadGroup
    std::string log_file;             ///< empty = standard error
    bool log_file_is_folder = false;
};

/// The share's folder according to Samba on this machine.
struct ShareFacts {
    std::string share;
    Result<std::string> path_by_samba;    ///< an error if Samba could not be asked (no testparm, no such share)
    std::string local_path;               ///< with links resolved, like path_by_samba
    std::optional<UtcTime> last_arrival;  ///< when an export last appeared here
};

struct NameFacts {
    std::string key;  ///< "SMB.Host"
    std::string name;
    Result<void> found;
};

struct Rights {
    std::vector<std::string> roles;
    std::vector<std::string> functions;  ///< the cluster's names for what the roles allow
};

/// One node of the cluster.
struct NodeFacts {
    std::string host;
    Result<std::size_t> vms;            ///< number of VMs that it listed after the login
    std::optional<Milliseconds> ahead;  ///< its clock minus ours, from the Date of its response; accurate to a second
    Result<Rights> rights;
    std::string username;
};

struct MailFacts {
    bool configured = false;
    std::string server;
    Result<void> reachable;
};

struct ScheduleFacts {
    bool configured = false;
    bool paused = false;
    std::optional<std::string> tag;
    std::optional<bool> tag_matches_nothing;
    std::vector<std::string> behind;
};

}  // namespace sb::doctor
