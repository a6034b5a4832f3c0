#pragma once
// What a command line asks for, as values. command_line.hpp makes them, commands/ carries them out.

#include "common/ids.hpp"

#include <optional>
#include <string>
#include <variant>
#include <vector>

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
    bool force = false;  ///< also of a damaged backup
};
/// Choose what is restored from a menu.
struct InteractiveRestore {
    bool detach = false;
};
struct Verify {
    std::vector<std::string> backups;  ///< the folders' names; empty = all
    std::string level = "content";
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
/// The daemon looks at everything that backups depend on.
struct Doctor {};
/// The daemon reads its configuration again.
struct Reload {};
/// Takes over folders of another program.
struct Adopt {
    std::vector<std::string> folders;  ///< empty = all that could be
    bool dry_run = false;
    bool protect = true;  ///< what a rule would delete at the next clean-up
};
struct NotifyTest {};
/// Numbers for a monitoring system.
struct Metrics {
    std::string output;  ///< a file to replace; empty = stdout
};
struct ShowDisks {
    std::string vm;  ///< name or uuid
};
struct CloneDisk {
    std::string disk;  ///< uuid
    std::string vm;    ///< the target's name or uuid
};
struct UploadDiskMedia {
    std::string file;
    bool wait = false;  ///< also for the conversion
};
struct Version {
    bool only_ours = false;  ///< --version: say what this program is and ask nobody
};
/// Prints the completion file of a shell.
struct Completion {
    std::string shell;  ///< bash, fish or zsh
};
/// What those files call: the candidates for a command line. A word that no help names.
struct Complete {
    std::string shell;
    /// bash: COMP_WORDBREAKS and the line up to the cursor; fish and zsh: the words up to the cursor, the last one
    /// begun
    std::vector<std::string> words;
};
struct Help {
    std::string topic;  ///< a command's word; empty = the whole program
};

using Command =
    std::variant<ShowVms, Backup, Restore, InteractiveRestore, ShowBackups, Jobs, Status, Watch, Cancel, Schedule, Runs,
                 ShowQueue, Why, Plan, Pause, Prune, Protect, Doctor, Reload, NotifyTest, Metrics, Verify, ShowDisks,
                 CloneDisk, UploadDiskMedia, Adopt, Completion, Complete, Version, Help>;

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
