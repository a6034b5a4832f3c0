#include "ctl/usage.hpp"

#include "ctl/usage_disks.hpp"
#include "ctl/usage_adopt.hpp"
#include "ctl/usage_completion.hpp"
#include "ctl/usage_schedule.hpp"
#include "ctl/usage_verify.hpp"

#include <algorithm>

namespace sb::ctl {
namespace {

constexpr std::string_view show_vms_page = R"(
Prints the names of the cluster's VMs, one a line, sorted by byte order, and
nothing else, so that scripts can read it. --json adds uuid, tags, state,
disks and whether scheduled backups take the VM.

Example:
  scale-backupctl show-vms
  scale-backupctl --json show-vms | jq -r '.[] | select(.eligible) | .name'
)";

constexpr std::string_view backup_page = R"(
Exports a VM into a new folder NAME of the backup share and checks what
arrived. Waits and shows progress; Ctrl-C stops the waiting, not the backup.

  VM         name or uuid; the uuid where two VMs share a name
  NAME       the new folder; it must not exist yet
  --detach   print the job's id and return at once

Example:
  scale-backupctl backup FILE01 'FILE01 before the update'
)";

constexpr std::string_view restore_page = R"(
Imports the backup in folder NAME as a new VM. Nothing that exists is
replaced. Waits and shows progress; Ctrl-C stops the waiting, not the restore.

  NAME       the backup's folder, as 'show-backups' prints it
  NEW-VM     the name of the new VM
  --detach   print the job's id and return at once
  --force    also if the backup is damaged

Example:
  scale-backupctl restore 'FILE01 before the update' FILE01-restored
)";

constexpr std::string_view interactive_restore_page = R"(
Restores what is chosen from a menu: the VM, one of its backups, a name for
the new VM. Arrow keys and Enter choose, letters search, Escape goes back.
Backups of VMs that the cluster has no more are there too. Nothing happens
before the last question. Without a terminal, and with TERM=dumb, it asks
questions that are answered in lines: a number, or a part of the name.

  --detach   print the job's id and return at once

Example:
  scale-backupctl interactive-restore
)";

constexpr std::string_view show_backups_page = R"(
Lists the backups: folder, VM, when, size and state. The states are
  complete     written and checked to the end
  exporting    being written now
  unverified   found on the disk, without a manifest
  incomplete   something that a restore needs is missing
  damaged      what is there contradicts itself

Example:
  scale-backupctl show-backups
)";

constexpr std::string_view jobs_page = R"(
Lists queued, running and ended jobs, newest first. Below a job stands what
went wrong: its error, and hooks that failed.

  --limit N   at most N ended jobs (100 if not given)

Example:
  scale-backupctl jobs --limit 10
)";

constexpr std::string_view status_page = R"(
Shows whether the cluster answers, the backup window, what runs and waits,
the last run, the last success, which VMs are behind, and the room that is
left. If scheduled backups are paused, the first line says so.

Example:
  scale-backupctl status
)";

constexpr std::string_view watch_page = R"(
Follows a job to its end; the exit code tells how it ended. Without JOB it
follows all jobs until Ctrl-C. With --json: one job object a line.

  JOB   a job's id, as 'jobs' prints it

Example:
  scale-backupctl watch 17
)";

constexpr std::string_view cancel_page = R"(
Cancels a job and says what that means: a queued job ends at once. The cluster
cannot stop an export that runs; it is let end, then discarded.

  JOB   a job's id, as 'jobs' prints it

Example:
  scale-backupctl cancel 17
)";

constexpr std::string_view doctor_page = R"(
Examines all that backups depend on: the configuration, the state directory
and the backup folder, free space, hooks, names, the share, each node of the
cluster (certificate, log-in, clock, rights), the mail server, the schedule.
Each finding says what to do. The exit code is that of the worst: 78 for the
configuration, 8 for a certificate, 7 for the log-in, else 1; 0 if none is bad.

Example:
  scale-backupctl doctor
)";

constexpr std::string_view metrics_page = R"(
Prints numbers about the daemon, the cluster, the backups and each VM in the
text format of Prometheus, for the textfile collector of node_exporter. If the
daemon does not answer there is one number, scale_backup_up 0, and the exit
code is 5. docs/monitoring.md has the names, and rules for alerts.

  --output FILE   replace FILE, at once and as a whole, and print nothing

Example:
  scale-backupctl metrics --output /var/lib/metrics/backup.prom
)";

constexpr std::string_view reload_page = R"(
Has the daemon read its configuration again, without a restart, and says what
has changed. If the file has problems they are listed, all stays as it was,
and the exit code is 78. Socket, StateDir and LocalPath need a restart.

Example:
  scale-backupctl reload
)";

constexpr std::string_view version_page = R"(
Prints the version of this program and, if it answers, of the daemon.
--version prints the first one without asking the daemon.

Example:
  scale-backupctl version
)";

constexpr std::string_view overview_head = R"(Usage: scale-backupctl [--socket PATH] [--json] [--no-color] COMMAND ...

)";

constexpr std::string_view overview_tail = R"(
  --socket PATH  the daemon's socket (or SCALE_BACKUP_SOCKET)
  --json         JSON on stdout; also --no-color (NO_COLOR), --help, --version

'scale-backupctl COMMAND --help' explains a command. Example:
  scale-backupctl backup FILE01 'before the update'
)";

constexpr std::size_t word_width = 13;
constexpr std::size_t column_width = 39;

/// Two columns, read downwards, so that all commands fit on one page.
std::string command_columns() {
    auto const& words = command_words();
    auto const entry = [](CommandWord const& command) {
        auto text = std::string(command.word);
        text.resize(std::max(text.size() + 1, word_width), ' ');
        return text + std::string(command.summary);
    };
    std::string text;
    auto const rows = (words.size() + 1) / 2;
    for (std::size_t row = 0; row < rows; ++row) {
        auto line = "  " + entry(words[row]);
        if (row + rows < words.size()) {
            line.resize(std::max(line.size() + 1, column_width), ' ');
            line += entry(words[row + rows]);
        }
        text += line + "\n";
    }
    return text;
}

std::string overview() { return std::string(overview_head) + command_columns() + std::string(overview_tail); }

}  // namespace

std::vector<CommandWord> const& command_words() {
    static std::vector<CommandWord> const words = [] {
        std::vector<CommandWord> all{
            {"show-vms", "", "the cluster's VMs", show_vms_page},
            {"backup", "VM NAME [--detach]", "back up a VM", backup_page},
            {"restore", "NAME NEW-VM [--detach] [--force]", "restore as a new VM", restore_page},
            {"interactive-restore", "[--detach]", "by a menu", interactive_restore_page},
            {"show-backups", "", "what can be restored", show_backups_page},
            {"verify", "[NAME...] [--level LEVEL] [--detach]", "prove backups again", verify_page},
            {"jobs", "[--limit N]", "running and ended jobs", jobs_page},
            {"status", "", "how things stand", status_page},
            {"watch", "[JOB]", "follow one job, or all", watch_page},
            {"cancel", "JOB", "cancel a job", cancel_page},
        };
        for (auto& word : schedule_words()) all.push_back(word);
        all.push_back({"doctor", "", "what is wrong?", doctor_page});
        all.push_back({"metrics", "[--output FILE]", "numbers for Prometheus", metrics_page});
        all.push_back({"reload", "", "read the config again", reload_page});
        for (auto& word : disk_words()) all.push_back(word);
        all.push_back(adopt_word());
        for (auto& word : completion_words()) all.push_back(word);
        all.push_back({"version", "", "versions of both programs", version_page});
        return all;
    }();
    return words;
}

CommandWord const* find_command(std::string_view word) {
    auto const it = std::ranges::find(command_words(), word, &CommandWord::word);
    return it == command_words().end() ? nullptr : &*it;
}

std::string help_page(std::string_view word) {
    auto const* command = find_command(word);
    if (!command) return overview();
    std::string text = "Usage: scale-backupctl " + std::string(command->word);
    if (!command->arguments.empty()) text += " " + std::string(command->arguments);
    return text + "\n" + std::string(command->page);
}

}  // namespace sb::ctl
