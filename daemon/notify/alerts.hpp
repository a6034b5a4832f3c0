#pragma once
// Alerts as messages to people: what failed, why, and what to do. Pure. Times and lengths are passed as texts, because
// only the caller knows the time zone. Each alert has a cause, so that a problem that lasts a week is reported once a
// day; where it can end, its cause has its own function for ports::Mail::resolve().

#include "daemon/ports/alerts.hpp"
#include "daemon/ports/mail.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sb::notify {

/// The sender: a mail must say which of several backup machines it is about.
struct Origin {
    std::string host;     ///< this machine's name
    std::string cluster;  ///< the cluster's host as configured
};

struct FailedVm {
    std::string name;
    std::string reason;
    int attempts = 1;
};

struct RunSummary {
    std::string started, finished;  ///< local time, as people write it
    std::size_t succeeded = 0;
    std::vector<FailedVm> failed;
    std::vector<std::string> not_reached;  ///< VMs that were due when the window closed
    std::vector<std::string> problems;     ///< other problems, in words: hooks, the clean-up
};
ports::Message run_failed(Origin const& origin, RunSummary const& run);

struct LateVm {
    std::string name;
    std::string uuid;
    std::string last_backup;  ///< "2026-11-20 17:00 (3 days 4 hours ago)"; empty = never
    std::string allowed;      ///< "1 day 12 hours": BackupInterval + Tolerance
    std::string why;          ///< the last reason, if any
};
/// All of them in one mail; reported again when the list changes. Never called with none.
ports::Message vms_behind(Origin const& origin, std::vector<LateVm> const& vms);
std::string cause_of_behind(std::vector<LateVm> const& vms);

/// `known` are the tags in use on the cluster.
ports::Message tag_matches_nothing(Origin const& origin, std::string const& tag, std::vector<std::string> const& known);
std::string cause_of_tag(std::string const& tag);

struct FailedHook {
    std::string name;     ///< "PostBackup"
    std::string subject;  ///< the VM or backup it ran for; empty for the schedule's hooks
    std::string program;
    std::string how;  ///< "exit code 3", or why it could not be started
    std::string output;
    std::string consequence;  ///< "the backup was not made" …; empty = none
};
ports::Message hook_failed(Origin const& origin, FailedHook const& hook);
std::string cause_of_hook(std::string const& hook_name);

struct Damage {
    std::string backup, vm;
    std::string what;
    std::string newest_good;  ///< name of the newest complete backup of that VM; empty = none exists
};
ports::Message backup_damaged(Origin const& origin, Damage const& damage);
/// It could not be read, which says nothing about its content.
ports::Message backup_unreadable(Origin const& origin, Damage const& trouble);
std::string cause_of_damage(std::string const& backup);
std::string cause_of_unreadable(std::string const& backup);

/// `rule` is the reason in words, as prune --dry-run shows it. `kept` are the backups that were to be deleted.
ports::Message retention_refused(Origin const& origin, std::string const& rule, std::vector<std::string> const& kept);
std::string cause_of_retention(std::string const& rule);

struct LowStorage {
    std::string path;
    std::uint64_t free_bytes = 0, total_bytes = 0;
    std::string expectation;  ///< "full on 2026-12-01 at the present pace"; may be empty
};
ports::Message storage_low(Origin const& origin, LowStorage const& storage);
std::string cause_of_storage(std::string const& path);

ports::Message cluster_unusable(Origin const& origin, std::string const& error, std::string const& since);
std::string cause_of_cluster();

/// The schedule cannot do its work for another reason; `reason` is a sentence.
ports::Message schedule_blocked(Origin const& origin, ports::Blocked kind, std::string const& reason);
std::string cause_of_blocked_schedule(ports::Blocked kind);

/// The clock is believed again after a long time without confirmation; `doubt` says why it was not.
ports::Message clock_accepted(Origin const& origin, std::string const& doubt);
std::string cause_of_accepted_clock();

/// The journal was unusable or missing, and was replaced; `why` is a sentence.
ports::Message journal_replaced(Origin const& origin, std::string const& why);
std::string cause_of_lost_journal();

/// For `notify-test`.
ports::Message test_message(Origin const& origin);

}  // namespace sb::notify
