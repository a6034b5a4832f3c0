#pragma once
// What a command line asks for, as values. command_line.hpp makes them, commands/ carries them out.

#include "common/ids.hpp"

#include <optional>
#include <string>
#include <variant>

namespace sb::ctl {

struct ShowVms {};
struct Backup {
    std::string vm;    ///< name or uuid
    std::string name;  ///< of the new folder
    bool detach = false;
};
struct Restore {
    std::string backup;  ///< the folder's name
    std::string vm;      ///< the new VM's name
    bool detach = false;
};
struct ShowBackups {};
struct Jobs {
    int limit = 100;
};
struct Status {};
struct Watch {
    std::optional<JobId> job;  ///< nothing = all jobs
};
struct Cancel {
    JobId job = 0;
};
struct Version {
    bool only_ours = false;  ///< --version: say what this program is and ask nobody
};
struct Help {
    std::string topic;  ///< a command's word; empty = the whole program
};

using Command = std::variant<ShowVms, Backup, Restore, ShowBackups, Jobs, Status, Watch, Cancel, Version, Help>;

/// What holds for every command.
struct Options {
    std::string socket;
    bool json = false;
    bool no_color = false;
};

struct Invocation {
    Options options;
    Command command;
};

}  // namespace sb::ctl
