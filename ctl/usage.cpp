#include "ctl/usage.hpp"

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

Example:
  scale-backupctl restore 'FILE01 before the update' FILE01-restored
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
Lists queued, running and ended jobs, newest first.

  --limit N   at most N ended jobs (100 if not given)

Example:
  scale-backupctl jobs --limit 10
)";

constexpr std::string_view status_page = R"(
Shows whether the cluster answers, the backup window, what runs and waits,
the last success, which VMs are behind, and the room that is left.

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

constexpr std::string_view version_page = R"(
Prints the version of this program and, if it answers, of the daemon.
--version prints the first one without asking the daemon.

Example:
  scale-backupctl version
)";

constexpr std::string_view overview_head = R"(Usage: scale-backupctl [--socket PATH] [--json] [--no-color] COMMAND ...

Backs up and restores the VMs of a HyperCore cluster through scale-backupd.

)";

constexpr std::string_view overview_tail = R"(
  --socket PATH   the daemon's control socket (or SCALE_BACKUP_SOCKET)
  --json          one JSON document on stdout instead of text
  --no-color      plain text (also NO_COLOR); --help, --version

'scale-backupctl COMMAND --help' explains a command. Example:
  scale-backupctl backup FILE01 'before the update'
)";

std::string overview() {
    std::string text(overview_head);
    for (auto const& command : command_words()) {
        std::string left = "  " + std::string(command.word);
        if (!command.arguments.empty()) left += " " + std::string(command.arguments);
        left.resize(std::max<std::size_t>(left.size() + 1, 36), ' ');
        text += left + std::string(command.summary) + "\n";
    }
    return text + std::string(overview_tail);
}

}  // namespace

std::vector<CommandWord> const& command_words() {
    static std::vector<CommandWord> const words{
        {"show-vms", "", "the names of the cluster's VMs", show_vms_page},
        {"backup", "VM NAME [--detach]", "back up a VM into folder NAME", backup_page},
        {"restore", "NAME NEW-VM [--detach]", "restore a backup as a new VM", restore_page},
        {"show-backups", "", "backups with size and state", show_backups_page},
        {"jobs", "[--limit N]", "queued, running and ended jobs", jobs_page},
        {"status", "", "how things stand", status_page},
        {"watch", "[JOB]", "follow one job, or all", watch_page},
        {"cancel", "JOB", "cancel a job", cancel_page},
        {"version", "", "versions of client and daemon", version_page},
    };
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
