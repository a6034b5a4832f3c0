#include "daemon/notify/alerts.hpp"

#include "common/text/ascii.hpp"
#include "common/text/one_line.hpp"
#include "common/text/shell_word.hpp"
#include "common/text/size_text.hpp"

#include <algorithm>
#include <functional>

namespace sb::notify {
namespace {

constexpr std::size_t max_listed = 50;
constexpr std::size_t max_indented_line = 2000;  // bytes

ports::Message message(Origin const& origin, std::string const& headline, std::string body, std::string cause) {
    body += "\n-- \nscale-backupd on " + one_line(origin.host);
    if (!origin.cluster.empty()) body += ", cluster " + one_line(origin.cluster);
    body += "\n";
    return {"[scale-backup] " + one_line(origin.host + ": " + headline), std::move(body), std::move(cause)};
}

std::string count_of(std::size_t number, std::string const& thing) {
    return std::to_string(number) + " " + thing + (number == 1 ? "" : "s");
}

// Every line of foreign text begins with this, so that it cannot be mistaken for ours.
std::string indented(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        auto const end = std::min(text.find('\n'), text.size());
        result += "    " + one_line(trimmed(text.substr(0, end), "\r"), max_indented_line) + "\n";
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    while (result.ends_with(' ') || result.ends_with('\n')) result.pop_back();
    return result + "\n";
}

// A foreign name as the word of a suggested command. One that cannot be typed becomes `instead`.
std::string typed(std::string const& name, std::string_view instead) {
    bool const can_be_typed = !name.empty() && one_line(name) == name;
    return can_be_typed ? name : std::string(instead);
}

std::string listed(std::vector<std::string> const& items) {
    std::string result;
    for (std::size_t i = 0; i < items.size() && i < max_listed; ++i) result += "  " + one_line(items[i]) + "\n";
    if (items.size() > max_listed) result += "  and " + std::to_string(items.size() - max_listed) + " more\n";
    return result;
}

std::string failure_line(FailedVm const& vm) {
    std::string line = one_line(vm.name) + ": " + one_line(vm.reason);
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
        body += "\nFailed, with the reason of the last attempt:\n" + listed(lines);
        body +=
            "Their earlier backups are kept. They are tried again in the next backup window; to try one now:\n"
            "  scale-backupctl backup VM NAME\n";
    }
    if (!run.not_reached.empty()) {
        body += "\nDue, but the window closed before their turn:\n" + listed(run.not_reached);
        body +=
            "They come first in the next window. If this happens often, the window is too short:\n"
            "'scale-backupctl plan' shows the coming nights.\n";
    }
    if (!run.problems.empty()) body += "\nOther problems:\n" + listed(run.problems);
    return message(origin, headline, std::move(body), "run " + run.started);
}

ports::Message vms_behind(Origin const& origin, std::vector<LateVm> const& vms) {
    std::string body = "The last good backup of these VMs is older than allowed:\n";
    for (std::size_t i = 0; i < vms.size() && i < max_listed; ++i) {
        auto const& vm = vms[i];
        body +=
            "\n" + one_line(vm.name) + "\n  last backup: " + (vm.last_backup.empty() ? "never" : vm.last_backup) + "\n";
        if (!vm.allowed.empty()) body += "  allowed age: " + vm.allowed + "\n";
        if (!vm.why.empty()) body += "  last reason: " + one_line(vm.why) + "\n";
    }
    if (vms.size() > max_listed) body += "\nand " + std::to_string(vms.size() - max_listed) + " more\n";
    body += "\nWhy each one is late:\n";
    for (std::size_t i = 0; i < vms.size() && i < max_listed; ++i)
        body += "  " + suggested_command("why", {typed(vms[i].uuid, "VM")}) + "\n";
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
    std::string body =
        "[Schedule] Tag = '" + one_line(tag) + "' matches no VM of the cluster, so nothing is backed up.\n\n";
    if (known.empty()) {
        body += "No VM of the cluster has any tag.\n";
    } else {
        body += "Tags in use (case-sensitive):\n" + listed(known);
    }
    body +=
        "\nAdd the tag to the VMs to back up, or correct the configuration and reload it:\n"
        "  scale-backupctl reload\n";
    return message(origin, "no VM has the tag '" + tag + "'", std::move(body), cause_of_tag(tag));
}

std::string cause_of_tag(std::string const& tag) { return "tag " + tag; }

ports::Message hook_failed(Origin const& origin, FailedHook const& hook) {
    std::string const whom = hook.subject.empty() ? "" : " for " + one_line(hook.subject);
    std::string body = "The " + hook.name + " hook failed" + whom + ".\n\n  program: " + one_line(hook.program) +
                       "\n  result: " + one_line(hook.how) + "\n";
    if (!hook.consequence.empty()) body += "  consequence: " + one_line(hook.consequence) + "\n";
    body += hook.output.empty() ? "\nIt had no output.\n" : "\nThe end of its output:\n" + indented(hook.output);
    return message(origin, hook.name + " hook failed" + whom, std::move(body), cause_of_hook(hook.name));
}

std::string cause_of_hook(std::string const& hook_name) { return "hook " + hook_name; }

ports::Message backup_damaged(Origin const& origin, Damage const& damage) {
    std::string body = "The backup " + one_line(damage.backup) + " of " + one_line(damage.vm) +
                       " is damaged and cannot be relied on.\n\n" + indented(damage.what) + "\n";
    if (damage.newest_good.empty()) {
        body += "There is NO other complete backup of this VM. Make one now:\n  " +
                suggested_command("backup", {typed(damage.vm, "VM"), "NAME"}) + "\n";
    } else {
        body += "The newest complete backup of this VM is " + one_line(damage.newest_good) + ".\n";
    }
    body +=
        "The damaged copy is no longer counted and is not deleted. Damage on disk seldom comes alone: check the disks\n"
        "under the backups and verify the other copies of this VM.\n";
    return message(origin, "backup " + damage.backup + " is damaged", std::move(body), cause_of_damage(damage.backup));
}

ports::Message backup_unreadable(Origin const& origin, Damage const& trouble) {
    std::string body = "The backup " + one_line(trouble.backup) + " of " + one_line(trouble.vm) +
                       " could not be read, so it is unknown whether it is good.\n\n" + indented(trouble.what) + "\n";
    body += trouble.newest_good.empty()
                ? "There is NO other complete backup of this VM.\n"
                : "The newest other complete backup of this VM is " + one_line(trouble.newest_good) + ".\n";
    body += "Check the disks and the mount under the backups, then verify it again:\n  " +
            suggested_command("verify", {typed(trouble.backup, "BACKUP")}) + "\n";
    return message(origin, "backup " + trouble.backup + " cannot be read", std::move(body),
                   cause_of_unreadable(trouble.backup));
}

// Not the cause of damage: after "unknown" was reported, damage must be reported too.
std::string cause_of_unreadable(std::string const& backup) { return "unreadable " + backup; }

std::string cause_of_damage(std::string const& backup) { return "damage " + backup; }

ports::Message retention_refused(Origin const& origin, std::string const& rule, std::vector<std::string> const& kept) {
    std::string body = "Old backups were not deleted: " + one_line(rule) + ".\n\n" + count_of(kept.size(), "backup") +
                       " kept for now:\n" + listed(kept) +
                       "\nThe decision and the reason for each backup:\n  scale-backupctl prune --dry-run\n"
                       "To delete them anyway:\n  scale-backupctl prune --yes\n";
    return message(origin, "old backups were not deleted", std::move(body), cause_of_retention(rule));
}

std::string cause_of_retention(std::string const& rule) { return "retention " + rule; }

ports::Message storage_low(Origin const& origin, LowStorage const& storage) {
    std::string body = "Free space for backups is low.\n\n  path: " + one_line(storage.path) +
                       "\n  free: " + size_text(storage.free_bytes) + " of " + size_text(storage.total_bytes) + "\n";
    if (!storage.expectation.empty()) body += "  expected: " + one_line(storage.expectation) + "\n";
    body +=
        "\nA backup that does not fit fails and leaves the earlier ones alone. Add space, or keep fewer copies\n"
        "(MaxBackups, MaxAge); what would be deleted then:\n  scale-backupctl prune --dry-run\n";
    return message(origin, "only " + size_text(storage.free_bytes) + " left in " + storage.path, std::move(body),
                   cause_of_storage(storage.path));
}

std::string cause_of_storage(std::string const& path) { return "storage " + path; }

ports::Message cluster_unusable(Origin const& origin, std::string const& error, std::string const& since) {
    std::string body = "The cluster has been unavailable since " + since + ", so no VM is backed up.\n\n" +
                       indented(error) + "\nThe daemon keeps trying. The current state:\n  scale-backupctl status\n";
    return message(origin, "the cluster " + origin.cluster + " is unavailable", std::move(body), cause_of_cluster());
}

std::string cause_of_cluster() { return "cluster"; }

ports::Message schedule_blocked(Origin const& origin, ports::Blocked kind, std::string const& reason) {
    std::string body = "No scheduled backups are being made:\n\n" + indented(reason) +
                       "\nThe current state, and what a single VM is waiting for:\n  scale-backupctl status\n"
                       "  scale-backupctl why VM\n";
    return message(origin, "no scheduled backups are being made", std::move(body), cause_of_blocked_schedule(kind));
}

std::string cause_of_blocked_schedule(ports::Blocked kind) {
    return "schedule blocked " + std::to_string(static_cast<int>(kind));
}

ports::Message clock_accepted(Origin const& origin, std::string const& doubt) {
    std::string body = "The clock was in doubt, and has been accepted without confirmation:\n\n" + indented(doubt) +
                       "\nThe clean-up deletes backups again. If the clock is wrong, correct it now. To keep the "
                       "backups meanwhile:\n  scale-backupctl pause\nWhat the clean-up would delete:\n"
                       "  scale-backupctl prune --dry-run\n";
    return message(origin, "the clock was accepted without confirmation", std::move(body), cause_of_accepted_clock());
}

std::string cause_of_accepted_clock() { return "clock accepted"; }

ports::Message journal_replaced(Origin const& origin, std::string const& why) {
    std::string body =
        "The journal was lost; a new one was started:\n\n" + indented(why) +
        "\nBackups are not affected, and the history of their jobs was rebuilt from them. Lost are failures, restores, "
        "and\n"
        "whether the schedule was paused (it is running now). Jobs that were in progress are no longer followed; "
        "their\n"
        "folders, named NAME.exporting-..., are kept and are not backups. Deleted backups that waited in the trash "
        "cannot be\n"
        "taken back by 'undelete'.\n"
        "If the old journal was set aside, it is kept for inspection; delete it when you no longer need it.\n";
    return message(origin, "the journal was replaced", std::move(body), cause_of_lost_journal());
}

std::string cause_of_lost_journal() { return "journal"; }

ports::Message test_message(Origin const& origin) {
    return message(origin, "test message",
                   "This is the test message of 'scale-backupctl notify-test'. Alerts reach you.\n", "");
}

}  // namespace sb::notify
