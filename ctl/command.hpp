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
/// Choose what is restored from a menu.
struct InteractiveRestore {
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
/// Starts a run of the schedule, or joins the one that is under way.
struct Schedule {
    bool detach = false;
};
struct Runs {
    int limit = 20;
};
struct ShowQueue {};
struct Why {
    std::string vm;  ///< name or uuid
};
struct Plan {
    int days = 7;
};
struct Pause {
    bool paused = true;  ///< false = the command `resume`
};
struct Prune {
    bool dry_run = false;
    bool yes = false;  ///< also if more than half of all backups goes
};
struct Protect {
    std::string backup;        ///< the folder's name
    bool is_protected = true;  ///< false = the command `unprotect`
};
/// The daemon reads its configuration again.
struct Reload {};
struct NotifyTest {};
struct Version {
    bool only_ours = false;  ///< --version: say what this program is and ask nobody
};
struct Help {
    std::string topic;  ///< a command's word; empty = the whole program
};

using Command = std::variant<ShowVms, Backup, Restore, InteractiveRestore, ShowBackups, Jobs, Status, Watch, Cancel, Schedule, Runs,
                             ShowQueue, Why, Plan, Pause, Prune, Protect, Reload, NotifyTest, Version, Help>;

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
