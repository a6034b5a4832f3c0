#pragma once
// Conditions: what is wrong now. A condition stands from the moment it is raised until it is cleared by the code that
// knows; everything that reports problems derives from the conditions that stand. Values only: the journal keeps them,
// daemon/engine/condition_registry.hpp connects the two.

#include "common/time.hpp"

#include <compare>
#include <cstddef>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sb::core {

/// In the order of the table, which is the order in which people read them: errors first.
enum class ConditionKind {
    storage_unusable,
    cluster_login_refused,
    cluster_unavailable,
    journal_unwritable,
    journal_unreadable,
    second_installation,
    owner_file_unusable,
    exports_not_started,
    exports_failing,
    copy_unreadable,
    copy_changed,
    cluster_updating,
    cluster_identity_unknown,
    storage_slow,
    task_stalled,
    commit_waiting,
    copy_damaged,
    export_end_not_seen,
    backup_moved_away,
    backups_being_checked,
    backups_not_known,
    clock_in_doubt,
    copy_from_the_future,
    vm_may_be_continued,
    surplus_waits_for_hooks,
    clean_up_held,
    conditions_omitted,
};

enum class Severity {
    error,    ///< something that should happen does not
    warning,  ///< nothing is lost yet
};

/// A row of the table: all that is the same for each condition of a kind.
struct ConditionInfo {
    ConditionKind kind;
    std::string_view name;  ///< for programs and the journal, so it never changes
    Severity severity;
    std::string_view summary;  ///< for people: what is wrong, and what that means
    std::string_view remedy;   ///< for people: what to do
};

/// One row for each kind. A new kind is a row here and in docs/json-rpc.md.
std::span<ConditionInfo const> condition_table();
ConditionInfo const& info_of(ConditionKind kind);
std::optional<ConditionKind> condition_kind_from_name(std::string_view name);
std::string_view name_of(Severity severity);
/// `reason`, and what to do about conditions of this kind: for a refusal.
std::string with_remedy(ConditionKind kind, std::string const& reason);

struct Condition {
    ConditionKind kind{};
    /// Which one, where there can be several: a VM's uuid, a backup's name, a path. Empty = there is only one.
    std::string subject;
    UtcTime since;
    UtcTime confirmed;   ///< when it was last found to stand
    std::string reason;  ///< for people: why, as found then

    bool operator==(Condition const&) const = default;
};

/// The conditions that stand, at most one for each kind and subject.
class Conditions {
public:
    /// Conditions with a subject; further ones are not kept, and a condition says so. The others are as few as kinds.
    static constexpr std::size_t max_with_subject = 1000;
    /// A cluster's answer can be long. The log has all of it.
    static constexpr std::size_t max_reason_bytes = 1000;

    /// Adds the conditions of the previous run, which are not confirmed yet.
    void restore(std::vector<Condition> const& recorded);

    /// The condition stands: it is added, or the one that stands already is confirmed and keeps its `since`. Returns
    /// the condition that was added, if one was.
    std::optional<Condition> raise(ConditionKind kind, std::string subject, std::string reason, UtcTime now);
    /// The condition does not stand. Returns the one that did, if so.
    std::optional<Condition> clear(ConditionKind kind, std::string const& subject = {});

    /// In the order of the table, then by subject: an order that does not change while nothing is raised or cleared.
    std::vector<Condition> all() const;
    std::optional<Condition> find(ConditionKind kind, std::string const& subject = {}) const;

private:
    struct Key {
        ConditionKind kind;
        std::string subject;
        auto operator<=>(Key const&) const = default;
    };

    bool has_room() const;

    std::map<Key, Condition> standing_;
    std::size_t with_subject_ = 0;  ///< how many of them have a subject
};

}  // namespace sb::core
