#include "daemon/notify/alerts.hpp"

#include "common/text/size_text.hpp"

#include <algorithm>
#include <functional>

namespace sb::notify {
namespace {

constexpr std::size_t longest_list = 50;

ports::Message message(Origin const& origin, std::string const& headline, std::string body, std::string cause) {
    body += "\n-- \nscale-backupd on " + origin.host;
    if (!origin.cluster.empty()) body += ", cluster " + origin.cluster;
    body += "\n";
    return {"[scale-backup] " + origin.host + ": " + headline, std::move(body), std::move(cause)};
}

std::string count_of(std::size_t number, std::string const& thing) {
    return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

// Every line of a text that is not ours begins with this, so that it cannot be taken for our words.
std::string quoted(std::string const& text) {
    std::string result = "    ";
    for (char const c : text) {
        result += c;
        if (c == '\n') result += "    ";
    }
    while (result.ends_with(' ') || result.ends_with('\n')) result.pop_back();
    return result + "\n";
}

std::string listed(std::vector<std::string> const& items) {
    std::string result;
    for (std::size_t i = 0; i < items.size() && i < longest_list; ++i) result += "  " + items[i] + "\n";
    if (items.size() > longest_list) result += "  and " + std::to_string(items.size() - longest_list) + " more\n";
    return result;
}

std::string failure_line(FailedVm const& vm) {
    std::string line = vm.name + ": " + vm.reason;
    if (vm.attempts > 1) line += " (" + std::to_string(vm.attempts) + " attempts)";
    return line;
}

}  // namespace

ports::Message run_failed(Origin const& origin, RunSummary const& run) {
    std::string const failed = std::to_string(run.failed.size());
    auto const all = run.failed.size() + run.succeeded + run.not_reached.size();
    std::string headline = failed + " of " + count_of(all, "backup") + " failed";
    if (run.failed.empty()) headline = count_of(run.not_reached.size(), "VM") + " not reached before the window closed";
    if (run.failed.empty() && run.not_reached.empty())
        headline = count_of(run.problems.size(), "problem") + " in a scheduled run, no backup failed";

    std::string body = "Scheduled run from " + run.started + " to " + run.finished + ": " +
                       std::to_string(run.succeeded) + " succeeded, " + failed + " failed, " +
                       std::to_string(run.not_reached.size()) + " not reached.\n";
    if (!run.failed.empty()) {
        std::vector<std::string> lines;
        for (auto const& vm : run.failed) lines.push_back(failure_line(vm));
        body += "\nFailed, each with the reason of its last attempt:\n" + listed(lines);
        body +=
            "These VMs keep their earlier backups. They are tried again in the next backup window; to try one now:\n"
            "  scale-backupctl backup VM NAME\n";
    }
    if (!run.not_reached.empty()) {
        body += "\nDue, but the window closed before their turn:\n" + listed(run.not_reached);
        body +=
            "They come first in the next window. If this happens often, the window is too short for what there is to\n"
            "do: 'scale-backupctl plan' shows what it would take.\n";
    }
    if (!run.problems.empty()) body += "\nWhat else went wrong:\n" + listed(run.problems);
    return message(origin, headline, std::move(body), "run " + run.started);
}

ports::Message vms_behind(Origin const& origin, std::vector<LateVm> const& vms) {
    std::string body = "The last good backup is older than allowed of:\n";
    for (std::size_t i = 0; i < vms.size() && i < longest_list; ++i) {
        auto const& vm = vms[i];
        body += "\n" + vm.name + "\n  last backup: " + (vm.last_backup.empty() ? "never" : vm.last_backup) + "\n";
        if (!vm.allowed.empty()) body += "  allowed age: " + vm.allowed + "\n";
        if (!vm.why.empty()) body += "  last reason: " + vm.why + "\n";
    }
    if (vms.size() > longest_list) body += "\nand " + std::to_string(vms.size() - longest_list) + " more\n";
    body += "\nWhat each waits for:\n";
    for (std::size_t i = 0; i < vms.size() && i < longest_list; ++i)
        body += "  scale-backupctl why " + vms[i].uuid + "\n";
    auto const who = vms.size() == 1 ? vms[0].name + " is" : std::to_string(vms.size()) + " VMs are";
    return message(origin, who + " behind schedule", std::move(body), cause_of_behind(vms));
}

std::string cause_of_behind(std::vector<LateVm> const& vms) {
    std::vector<std::string> uuids;
    for (auto const& vm : vms) uuids.push_back(vm.uuid);
    std::ranges::sort(uuids);
    std::string all;
    for (auto const& uuid : uuids) all += uuid + " ";
    return "behind " + std::to_string(std::hash<std::string>{}(all));
}

ports::Message tag_matches_nothing(Origin const& origin, std::string const& tag,
                                   std::vector<std::string> const& known) {
    std::string body = "[Schedule] Tag = '" + tag + "' is on no VM of the cluster, so nothing is backed up.\n\n";
    if (known.empty()) {
        body += "No VM of the cluster has any tag.\n";
    } else {
        body += "Tags that VMs do have (upper and lower case matter):\n" + listed(known);
    }
    body +=
        "\nGive the tag to the VMs that shall be backed up, or correct the configuration and let the\n"
        "daemon read it again (SIGHUP).\n";
    return message(origin, "no VM has the tag '" + tag + "'", std::move(body), cause_of_tag(tag));
}

std::string cause_of_tag(std::string const& tag) { return "tag " + tag; }

ports::Message hook_failed(Origin const& origin, FailedHook const& hook) {
    std::string const whom = hook.subject.empty() ? "" : " for " + hook.subject;
    std::string body = "The " + hook.name + " hook failed" + whom + ".\n\n  program: " + hook.program +
                       "\n  result: " + hook.how + "\n";
    if (!hook.consequence.empty()) body += "  consequence: " + hook.consequence + "\n";
    body += hook.output.empty() ? "\nIt printed nothing.\n" : "\nThe end of what it printed:\n" + quoted(hook.output);
    return message(origin, hook.name + " hook failed" + whom, std::move(body), cause_of_hook(hook.name));
}

std::string cause_of_hook(std::string const& hook_name) { return "hook " + hook_name; }

ports::Message backup_damaged(Origin const& origin, Damage const& damage) {
    std::string body = "The backup " + damage.backup + " of " + damage.vm + " is damaged and cannot be relied on.\n\n" +
                       quoted(damage.what) + "\n";
    if (damage.newest_good.empty()) {
        body += "There is NO other complete backup of this VM. Make one now:\n  scale-backupctl backup '" + damage.vm +
                "' NAME\n";
    } else {
        body += "The newest complete backup of this VM is " + damage.newest_good + ".\n";
    }
    body +=
        "The damaged copy counts no longer and is not deleted. Damage on disk seldom comes alone: look at the disks\n"
        "under the backups, and check the other copies of this VM.\n";
    return message(origin, "backup " + damage.backup + " is damaged", std::move(body), cause_of_damage(damage.backup));
}

ports::Message backup_unreadable(Origin const& origin, Damage const& trouble) {
    std::string body = "The backup " + trouble.backup + " of " + trouble.vm +
                       " could not be read, so nobody knows whether it is good.\n\n" + quoted(trouble.what) + "\n";
    body += trouble.newest_good.empty()
                ? "There is NO other complete backup of this VM.\n"
                : "The newest other complete backup of this VM is " + trouble.newest_good + ".\n";
    body += "Look at the disks and the mount under the backups, then verify it again:\n  scale-backupctl verify '" +
            trouble.backup + "'\n";
    return message(origin, "backup " + trouble.backup + " cannot be read", std::move(body),
                   cause_of_unreadable(trouble.backup));
}

// Not that of damage: who was told that nobody knows must be told once it is known.
std::string cause_of_unreadable(std::string const& backup) { return "unreadable " + backup; }

std::string cause_of_damage(std::string const& backup) { return "damage " + backup; }

ports::Message retention_refused(Origin const& origin, std::string const& rule, std::vector<std::string> const& kept) {
    std::string body = "Old backups were not deleted: " + rule + ".\n\n" + count_of(kept.size(), "backup") +
                       " stay for now:\n" + listed(kept) +
                       "\nEvery backup with keep or delete and the reason:\n  scale-backupctl prune --dry-run\n"
                       "If they shall go all the same:\n  scale-backupctl prune --yes\n";
    return message(origin, "old backups were not deleted", std::move(body), cause_of_retention(rule));
}

std::string cause_of_retention(std::string const& rule) { return "retention " + rule; }

ports::Message storage_low(Origin const& origin, LowStorage const& storage) {
    std::string body = "Little space is left for backups.\n\n  path: " + storage.path +
                       "\n  free: " + size_text(storage.free_bytes) + " of " + size_text(storage.total_bytes) + "\n";
    if (!storage.expectation.empty()) body += "  expected: " + storage.expectation + "\n";
    body +=
        "\nA backup that does not fit fails and leaves the earlier ones alone. Add space, or keep fewer copies\n"
        "(MaxBackups, MaxAge); what would go then:\n  scale-backupctl prune --dry-run\n";
    return message(origin, "only " + size_text(storage.free_bytes) + " left in " + storage.path, std::move(body),
                   cause_of_storage(storage.path));
}

std::string cause_of_storage(std::string const& path) { return "storage " + path; }

ports::Message cluster_unusable(Origin const& origin, std::string const& error, std::string const& since) {
    std::string body = "The cluster cannot be used since " + since + ", so no VM is backed up.\n\n" + quoted(error) +
                       "\nIt is tried again all the time. What the daemon knows of it:\n  scale-backupctl status\n";
    return message(origin, "the cluster " + origin.cluster + " cannot be used", std::move(body), cause_of_cluster());
}

std::string cause_of_cluster() { return "cluster"; }

ports::Message schedule_blocked(Origin const& origin, ports::Blocked kind, std::string const& reason) {
    std::string body = "Scheduled backups are not made:\n\n" + quoted(reason) +
                       "\nHow it stands now, and what to do about a single VM:\n  scale-backupctl status\n"
                       "  scale-backupctl why VM\n";
    return message(origin, "scheduled backups are not made", std::move(body), cause_of_blocked_schedule(kind));
}

std::string cause_of_blocked_schedule(ports::Blocked kind) {
    return "schedule blocked " + std::to_string(static_cast<int>(kind));
}

ports::Message journal_replaced(Origin const& origin, std::string const& why) {
    std::string body =
        "The daemon's memory was lost, and it has begun a new one:\n\n" + quoted(why) +
        "\nBackups are not touched by this, and what they tell of earlier jobs was read back from them. Not known any\n"
        "more: failures, restores, and whether the schedule was paused (it is not now). Jobs that were under way\n"
        "are not followed any more; their folders are shown as unverified or incomplete:\n"
        "  scale-backupctl show-backups\n"
        "A journal that was set aside is kept for a look; remove it when it is of no use.\n";
    return message(origin, "the journal was begun anew", std::move(body), cause_of_lost_journal());
}

std::string cause_of_lost_journal() { return "journal"; }

ports::Message test_message(Origin const& origin) {
    return message(origin, "test message",
                   "This is the test that 'scale-backupctl notify-test' asked for. Alerts reach you.\n", "");
}

}  // namespace sb::notify
