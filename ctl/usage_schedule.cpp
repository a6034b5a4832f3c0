#include "ctl/usage_schedule.hpp"

namespace sb::ctl {
namespace {

constexpr std::string_view schedule_page = R"(
Starts a run of the schedule now and follows it: every VM that is due is
exported, then old backups are cleaned up. The daemon starts runs by itself
when the window opens; this is for in between. A run that is under way is
joined. Outside the window, and while paused, it is refused (exit code 4).
Exit code 1 if a VM could not be backed up. Ctrl-C leaves the run running.

  --detach   print the run's id and return at once

Example:
  scale-backupctl schedule
)";

constexpr std::string_view runs_page = R"(
Lists the runs of the schedule, newest first: what started them ('window' or
'command'), how many VMs were backed up and how many failed, how many old
backups went, and below each run what went wrong.

  --limit N   at most N runs (20 if not given)

Example:
  scale-backupctl runs --limit 7
)";

constexpr std::string_view show_queue_page = R"(
Lists the VMs that the schedule serves, in order of priority: those that were
never backed up first, then those whose last scheduled backup is the oldest;
each with what it waits for. The first column is the VM's name.

Example:
  scale-backupctl show-queue
  scale-backupctl --json show-queue | jq '.[] | select(.age_seconds > 172800)'
)";

constexpr std::string_view why_page = R"(
Says in plain sentences why a VM was or was not backed up, what it waits for,
when its next backup is expected, and which rule will delete which copy.

  VM   name or uuid; the uuid where two VMs share a name

Example:
  scale-backupctl why FILE01
)";

constexpr std::string_view plan_page = R"(
Simulates the coming backup windows from measured durations and sizes: which
VM is served when, which backups clean-up deletes, whether the window is long
enough, and when the disk is full. Changes nothing.

  --days N   how many days to look ahead, 1 to 366 (7 if not given)

Example:
  scale-backupctl plan --days 30
)";

constexpr std::string_view pause_page = R"(
From now on no scheduled backup starts; exports that run go on to their end,
and 'backup' works as always. Lasts until 'resume', also over a restart of
the daemon; 'status' shows it in its first line.

Example:
  scale-backupctl pause
)";

constexpr std::string_view resume_page = R"(
Ends what 'pause' began: scheduled backups start again, at once if the window
is open.

Example:
  scale-backupctl resume
)";

constexpr std::string_view prune_page = R"(
Deletes what MaxBackups and MaxAge no longer allow, as each run does at its
end, and prints what was deleted. Manual and protected backups stay, and so
does the last good copy of a VM that exists.

  --dry-run   delete nothing; list every backup with keep or delete, and why
  --yes       go on even if more than half of all backups would be deleted;
              without it that is refused (exit code 4)

Example:
  scale-backupctl prune --dry-run
)";

constexpr std::string_view protect_page = R"(
Protects a backup: no clean-up deletes it, however old it gets. It no longer
counts for MaxBackups. 'unprotect' takes it back.

  NAME   the backup's folder, as 'show-backups' prints it

Example:
  scale-backupctl protect 'FILE01 before the update'
)";

constexpr std::string_view unprotect_page = R"(
Takes the protection from a backup: from now on MaxBackups and MaxAge hold for
it again, if the schedule made it.

  NAME   the backup's folder, as 'show-backups' prints it

Example:
  scale-backupctl unprotect 'FILE01 before the update'
)";

constexpr std::string_view notify_test_page = R"(
Sends one mail as the configuration says, waits for the mail server's answer
and prints who gets it, or what went wrong (exit code 1).

Example:
  scale-backupctl notify-test
)";

}  // namespace

std::vector<CommandWord> schedule_words() {
    return {
        {"schedule", "[--detach]", "run the schedule now", schedule_page},
        {"runs", "[--limit N]", "earlier runs", runs_page},
        {"show-queue", "", "who is next, and why", show_queue_page},
        {"why", "VM", "explain a VM's backups", why_page},
        {"plan", "[--days N]", "forecast coming nights", plan_page},
        {"pause", "", "hold scheduled backups", pause_page},
        {"resume", "", "let them start again", resume_page},
        {"prune", "[--dry-run] [--yes]", "delete old backups", prune_page},
        {"protect", "NAME", "keep a backup for good", protect_page},
        {"unprotect", "NAME", "let rules delete it again", unprotect_page},
        {"notify-test", "", "send a test mail", notify_test_page},
    };
}

}  // namespace sb::ctl
