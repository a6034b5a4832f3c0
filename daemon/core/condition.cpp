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
    ConditionInfo{
        ConditionKind::second_installation, "second_installation", Severity::error,
        "another installation makes the backups of this cluster in this LocalPath, so this one orders nothing",
        "stop one of the two: systemctl disable --now scale-backupd; 12 minutes later the other one continues"},
    ConditionInfo{ConditionKind::cluster_updating, "cluster_updating", Severity::warning,
                  "the cluster is being updated, so no export or restore starts",
                  "wait until the update has ended; the schedule then continues"},
    ConditionInfo{ConditionKind::cluster_identity_unknown, "cluster_identity_unknown", Severity::warning,
                  "the cluster does not say which one it is, so copies are taken for its own by their host",
                  "if it refuses: give the user in [Scale] a role that may read the cluster, as Cluster Settings"},
    ConditionInfo{
        ConditionKind::commit_waiting, "commit_waiting", Severity::warning,
        "an export is complete, but its folder cannot be renamed to the backup's name yet",
        "see the reason: mount LocalPath, close what holds a file of the folder open (a client of the share, a "
        "scanner), or grant the daemon's user the right to rename it; it is retried until it succeeds"},
    ConditionInfo{ConditionKind::clock_in_doubt, "clock_in_doubt", Severity::warning,
                  "the clock may be wrong, so nothing is deleted and no VM counts as deleted",
                  "check the clock and NTP; if it is right: scale-backupctl clock accept"},
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
