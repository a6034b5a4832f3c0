#include "daemon/core/condition.hpp"

#include "common/text/utf8.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace sb::core {
namespace {

constexpr std::array condition_rows{
    ConditionInfo{ConditionKind::storage_unusable, "storage_unusable", Severity::error,
                  "LocalPath cannot be used, so nothing is exported to it and nothing in it is deleted",
                  "check whether its file system is mounted and the daemon's user may write there: "
                  "scale-backupctl doctor"},
    ConditionInfo{ConditionKind::cluster_login_refused, "cluster_login_refused", Severity::error,
                  "the cluster refuses the daemon's login, so no VM is backed up",
                  "correct Username and Password in [Scale], or give that user the right to read and export VMs; "
                  "then: scale-backupctl reload"},
    ConditionInfo{ConditionKind::cluster_unavailable, "cluster_unavailable", Severity::error,
                  "the cluster cannot be used, so no backup can start",
                  "check the cluster, the network, and Host in [Scale]: scale-backupctl doctor"},
    ConditionInfo{ConditionKind::journal_unwritable, "journal_unwritable", Severity::error,
                  "the journal cannot be written, so no job is accepted",
                  "free space in the state directory, and check that the daemon's user may write there"},
    ConditionInfo{ConditionKind::journal_unreadable, "journal_unreadable", Severity::error,
                  "the journal cannot be read, so it is not known whether the schedule is paused, and it does not run",
                  "check the state directory's disk and permissions; the schedule then continues. scale-backupctl "
                  "resume or pause decides it, too"},
    ConditionInfo{
        ConditionKind::second_installation, "second_installation", Severity::error,
        "another installation makes the backups of this cluster in this LocalPath, so this one orders and "
        "deletes nothing",
        "stop one of the two (systemctl disable --now scale-backupd), or give it another LocalPath; 12 minutes later "
        "the other one continues"},
    ConditionInfo{
        ConditionKind::owner_file_unusable, "owner_file_unusable", Severity::error,
        "the file that says which installation uses LocalPath cannot be read, so nothing is ordered or deleted",
        "see the reason: remove what has the file's name, or let the daemon's user read it; the daemon then "
        "writes the file again and continues"},
    ConditionInfo{
        ConditionKind::exports_not_started, "exports_not_started", Severity::error,
        "the cluster accepts exports but does not start them, so no further one is ordered",
        "see the cluster's tasks: the reason names the one that waits; if it never starts, ask the vendor's support"},
    ConditionInfo{ConditionKind::exports_failing, "exports_failing", Severity::error,
                  "exports fail for a reason that would make each further one fail, so none is ordered until a test "
                  "in LocalPath succeeds",
                  "remove the cause that the reason names; then a small test in LocalPath succeeds, and exports "
                  "continue one at a time"},
    ConditionInfo{ConditionKind::copy_unreadable, "copy_unreadable", Severity::error,
                  "a backup could not be read, so no copy of its VM is deleted",
                  "check the disks below LocalPath, then: scale-backupctl verify NAME"},
    ConditionInfo{ConditionKind::copy_changed, "copy_changed", Severity::error,
                  "files of a backup were changed since they were proven, or were never proven, so no older copy of "
                  "its VM is deleted because of it",
                  "find out what wrote to them. If it was meant, as a move to another disk: scale-backupctl verify "
                  "NAME, or, if that has nothing to compare with, a test restore and scale-backupctl accept NAME"},
    ConditionInfo{ConditionKind::cluster_updating, "cluster_updating", Severity::warning,
                  "the cluster is being updated, so no export or restore starts",
                  "wait until the update has ended; the schedule then continues"},
    ConditionInfo{ConditionKind::cluster_identity_unknown, "cluster_identity_unknown", Severity::warning,
                  "the cluster does not say which one it is, so copies are taken for its own by their host",
                  "if it refuses: give the user in [Scale] a role that may read the cluster, as Cluster Settings"},
    ConditionInfo{
        ConditionKind::storage_slow, "storage_slow", Severity::warning, "a call into LocalPath has not returned",
        "check the server and the network behind LocalPath; what waits for it continues when the call returns"},
    ConditionInfo{
        ConditionKind::task_stalled, "task_stalled", Severity::warning,
        "a task of the cluster makes no progress; it is followed until it ends",
        "look at the task at the cluster; if it holds no slot, its VM can be backed up meanwhile: scale-backupctl "
        "backup VM"},
    ConditionInfo{
        ConditionKind::commit_waiting, "commit_waiting", Severity::warning,
        "an export is complete, but its folder cannot be renamed to the backup's name yet",
        "see the reason: mount LocalPath, close what holds a file of the folder open (a client of the share, a "
        "scanner), or grant the daemon's user the right to rename it; it is retried until it succeeds"},
    ConditionInfo{ConditionKind::copy_damaged, "copy_damaged", Severity::warning,
                  "a backup is damaged, so no copy of its VM is deleted, and none at all if its VM is not known",
                  "repair it, or delete it if its VM has another good backup: scale-backupctl delete NAME"},
    ConditionInfo{
        ConditionKind::export_end_not_seen, "export_end_not_seen", Severity::warning,
        "the cluster never said that this export was complete, so this copy alone does not count as a backup of "
        "its VM",
        "the VM is exported once more; to accept this copy after a test restore: scale-backupctl accept NAME"},
    ConditionInfo{
        ConditionKind::backup_moved_away, "backup_moved_away", Severity::warning,
        "a backup of this VM succeeded, but is no longer in LocalPath although the daemon did not delete it, "
        "was deleted as was the one before it, no longer has the files with which it succeeded, or is damaged "
        "repeatedly",
        "if a hook or a person moved or deleted it: the VM is exported again after its interval; to have it "
        "exported now: scale-backupctl backup VM NAME"},
    ConditionInfo{ConditionKind::backups_being_checked, "backups_being_checked", Severity::warning,
                  "the journal is new, so the backups in LocalPath count only after their structure has been checked",
                  "wait: scheduled exports start when the newest backup of each VM has been checked, the others follow "
                  "in the background"},
    ConditionInfo{ConditionKind::backups_not_known, "backups_not_known", Severity::warning,
                  "LocalPath has backups that the journal does not know: they count for nothing and no rule deletes "
                  "them",
                  "if they were brought back or copied here: scale-backupctl adopt; if not, find out who can write to "
                  "the share"},
    ConditionInfo{ConditionKind::clock_in_doubt, "clock_in_doubt", Severity::warning,
                  "the clock may be wrong, so nothing is deleted and no VM counts as deleted",
                  "check the clock and NTP; if it is right: scale-backupctl clock accept"},
    ConditionInfo{ConditionKind::copy_from_the_future, "copy_from_the_future", Severity::warning,
                  "a backup is dated in the future: it does not count as its VM's newest, and no backup of that VM is "
                  "deleted",
                  "check the clock, and that backup: scale-backupctl verify. Once the VM has a newer good one, delete "
                  "its folder, or move it out of LocalPath"},
    ConditionInfo{ConditionKind::vm_may_be_continued, "vm_may_be_continued", Severity::warning,
                  "a VM that the cluster no longer has may be the same as one that it has; until that is decided, the "
                  "earlier one's backups are kept, whatever the rules say",
                  "see the reason: link the two, and its backups count as those of the later VM, or say that they are "
                  "not the same"},
    ConditionInfo{
        ConditionKind::surplus_waits_for_hooks, "surplus_waits_for_hooks", Severity::warning,
        "surplus backups are not deleted because their delayed PostBackup hook has not run for more than a day, "
        "so LocalPath may become full",
        "see which hook runs: scale-backupctl status. Make it faster, or end it earlier with HookTimeout"},
    ConditionInfo{ConditionKind::clean_up_held, "clean_up_held", Severity::warning,
                  "the rules would delete more than half of all backups, so nothing is deleted automatically, and "
                  "LocalPath may become full",
                  "check what they would delete: scale-backupctl prune --dry-run. To delete it: scale-backupctl prune "
                  "--yes; to keep it, change MaxBackups or MaxAge, or protect backups"},
    ConditionInfo{ConditionKind::conditions_omitted, "conditions_omitted", Severity::warning,
                  "there are more conditions than the daemon keeps, so some are not shown",
                  "resolve those that are shown; the others then appear"},
};

std::string shortened(std::string text) {
    text = valid_utf8(text);
    text.resize(whole_characters(text, Conditions::max_reason_bytes));
    return text;
}

}  // namespace

std::span<ConditionInfo const> condition_table() { return condition_rows; }

ConditionInfo const& info_of(ConditionKind kind) {
    return *std::ranges::find(condition_rows, kind, &ConditionInfo::kind);  // a test finds a kind without a row
}

std::optional<ConditionKind> condition_kind_from_name(std::string_view name) {
    auto const row = std::ranges::find(condition_rows, name, &ConditionInfo::name);
    if (row == condition_rows.end()) return std::nullopt;
    return row->kind;
}

std::string_view name_of(Severity severity) { return severity == Severity::error ? "error" : "warning"; }

std::string with_remedy(ConditionKind kind, std::string const& reason) {
    return reason + ". To do: " + std::string(info_of(kind).remedy);
}

bool Conditions::has_room() const { return with_subject_ < max_with_subject; }

void Conditions::restore(std::vector<Condition> const& recorded) {
    for (auto const& condition : recorded) {
        bool const has_subject = !condition.subject.empty();
        if (has_subject && !has_room()) continue;
        auto const [place, is_new] = standing_.try_emplace(Key{condition.kind, condition.subject}, condition);
        if (is_new && has_subject) ++with_subject_;
        // Raised again before the journal was read.
        if (!is_new) place->second.since = std::min(place->second.since, condition.since);
    }
}

std::optional<Condition> Conditions::raise(ConditionKind kind, std::string subject, std::string reason, UtcTime now) {
    Key key{kind, subject};
    if (auto const found = standing_.find(key); found != standing_.end()) {
        auto& condition = found->second;
        condition.since = std::min(condition.since, now);  // the clock was ahead then
        condition.confirmed = now;
        condition.reason = shortened(std::move(reason));
        return std::nullopt;
    }
    if (!subject.empty()) {
        if (!has_room())
            return raise(ConditionKind::conditions_omitted, {},
                         "more than " + std::to_string(max_with_subject) + " conditions stand", now);
        ++with_subject_;
    }
    Condition condition{kind, std::move(subject), now, now, shortened(std::move(reason))};
    return standing_.emplace(std::move(key), std::move(condition)).first->second;
}

std::optional<Condition> Conditions::clear(ConditionKind kind, std::string const& subject) {
    auto const found = standing_.find(Key{kind, subject});
    if (found == standing_.end()) return std::nullopt;
    auto cleared = std::move(found->second);
    standing_.erase(found);
    if (!cleared.subject.empty()) {
        --with_subject_;
        standing_.erase(Key{ConditionKind::conditions_omitted, {}});  // those that still stand are raised again
    }
    return cleared;
}

std::vector<Condition> Conditions::all() const {
    std::vector<Condition> conditions;
    conditions.reserve(standing_.size());
    for (auto const& [key, condition] : standing_) conditions.push_back(condition);
    return conditions;
}

std::optional<Condition> Conditions::find(ConditionKind kind, std::string const& subject) const {
    auto const found = standing_.find(Key{kind, subject});
    if (found == standing_.end()) return std::nullopt;
    return found->second;
}

}  // namespace sb::core
