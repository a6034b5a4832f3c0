#pragma once
// Which backups may be deleted, and why each of the others stays. Pure: `prune --dry-run` shows what `prune` does.
// A rule (MaxBackups, MaxAge) only proposes; whatever puts the last good copy at risk refuses, with its own reason.

#include "daemon/core/due.hpp"
#include "daemon/core/manifest.hpp"

#include <unordered_set>

namespace sb::core {

struct RetentionPolicy {
    std::optional<int> max_backups;
    std::optional<config::CivilDuration> max_age;
};

/// A folder in the share, as far as retention depends on it.
struct Stored {
    std::string name;
    BackupState state = BackupState::unverified;
    VmUuid vm;  ///< empty without a manifest
    std::string vm_name;
    bool scheduled = false;
    bool is_protected = false;
    bool verified = false;
    UtcTime started, completed;
    std::uint64_t size_bytes = 0;
};

Stored stored_of(Backup const& backup);

struct RetentionFacts {
    UtcTime now;
    std::optional<UtcTime> last_recorded;  ///< as in Facts
    std::vector<Stored> backups;           ///< everything that lies there, in any order
    /// The cluster's VMs; nothing, or an empty list, if it could not be asked: then every VM counts as existing.
    std::optional<std::unordered_set<VmUuid>> existing;
    std::string storage_doubt;  ///< as in Facts: why LocalPath may be another place than it was
};

enum class Rule { none, max_backups, max_age };

enum class Reason {
    // No rule asks for its deletion.
    within_rules,
    manual,
    protected_by_user,
    not_a_copy,  ///< exporting, incomplete, unverified: no backup yet, never counted, never deleted here
    damaged,     ///< kept for somebody to look at
    vm_unknown,  ///< its manifest names no VM
    // A rule asks for it; refused.
    storage_in_doubt,    ///< LocalPath may be another place than it was
    clock_behind,        ///< the clock shows a time that was recorded as past
    newest_in_future,    ///< a copy of this VM (`because`) is dated in the future
    other_copy_damaged,  ///< a copy of this VM (`because`) is damaged: the others may be all there is
    some_copy_damaged,   ///< a copy (`because`) is damaged, and of which VM it is nobody knows
    last_good_copy,      ///< the newest complete backup of a VM that exists
    no_verified_newer,   ///< no newer copy that stays has been verified
    // Deleted.
    over_max_backups,
    over_max_age,
};

struct Verdict {
    std::string backup;
    bool keep = true;
    Reason reason = Reason::within_rules;
    Rule rule = Rule::none;  ///< the rule that asks for its deletion, even if that is refused
    std::string because;     ///< the copy that stands in the way
};

/// One verdict for each backup, in the order of `facts.backups`. Copies are grouped by the VM's uuid, never by name.
/// Protected and manual ones do not count towards MaxBackups.
std::vector<Verdict> judge(RetentionFacts const& facts, RetentionPolicy const& policy, Zone const& zone);

/// A clean-up that takes more than half of all complete backups is not done without being asked again.
bool needs_confirmation(std::vector<Verdict> const& verdicts);

/// "kept: it is the newest good backup of a VM that still exists", "deleted: it is older than MaxAge (30 days)".
std::string explain(Verdict const& verdict, RetentionPolicy const& policy);

/// The word for programs: "last_good_copy".
std::string_view name_of(Reason reason);

}  // namespace sb::core
