#pragma once
// Which backups may be deleted, and why each of the others is kept. Pure: `prune --dry-run` shows what `prune` does.
// A rule (MaxBackups, MaxAge) proposes a deletion; anything that would put the last good copy at risk refuses it, with
// its own reason.

#include "daemon/core/due.hpp"
#include "daemon/core/manifest.hpp"
#include "daemon/core/vm_links.hpp"

#include <unordered_set>

namespace sb::core {

struct RetentionPolicy {
    std::optional<int> max_backups;
    std::optional<config::CivilDuration> max_age;
};

/// A folder in the share, reduced to what retention needs.
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
    ClusterOrigin origin = ClusterOrigin::same;  ///< only copies of the present cluster are counted or deleted
    std::string cluster{};                       ///< for people, if it is not the present one
    std::string manifest_name{};                 ///< what its manifest calls it, if that differs from `name`
    std::string attempt{};                       ///< of its manifest, as Manifest::attempt
    JobId job = 0;                               ///< likewise
    bool end_known = true;          ///< is_end_known(); if not, it counts for nothing, and no deletion relies on it
    bool unreadable = false;        ///< reading it failed, and has not succeeded since
    bool is_claim = false;          ///< the journal does not know it (trusted_copy.hpp): it counts for nothing
    std::uint64_t known_bytes = 0;  ///< its size as the journal knows it; 0 = not known
    VmUuid linked_to{};             ///< the VM that continues its own; empty = none. See VmLinks
    bool is_unanswered = false;     ///< its folder does not answer; the rest is from before, or from the journal
    /// Of such a one: what it was when it last answered, or `complete` if only the journal knows it. Nothing: not
    /// known.
    std::optional<BackupState> state_before{};
    /// Of a damaged one: a verification found that, or its manifest cannot be read. If not, only its files differ from
    /// the manifest.
    bool is_damage_proven = true;
};

/// For the schedule: that a folder does not answer proves neither that its backup is gone nor that it is damaged.
inline BackupState last_known_state(Stored const& stored) {
    return stored.is_unanswered ? stored.state_before.value_or(stored.state) : stored.state;
}

/// The VM whose copy it is: its own, or the one that continues it.
inline VmUuid const& counts_for(Stored const& stored) {
    return stored.linked_to.empty() ? stored.vm : stored.linked_to;
}

Stored stored_of(Backup const& backup);
/// The same, with its origin.
Stored stored_of(Backup const& backup, PresentCluster const& present);

struct RetentionFacts {
    UtcTime now;
    std::vector<Stored> backups;  ///< all folders, in any order
    /// The cluster's VMs; nothing, or an empty list, if the cluster could not be asked: every VM then counts as
    /// existing.
    std::optional<std::unordered_set<VmUuid>> existing;
    std::string storage_problem;  ///< as in Facts: why LocalPath may not be where the backups were written
    std::string hold;             ///< why nothing may be deleted now, whatever the rules say; empty = it may
    std::string clock_doubt;      ///< why the clock may be wrong; empty = it is believed. See ClockWitness
    /// The copies of these earlier VMs are kept until the administrator has said whether they are of the later one.
    std::vector<PossibleLink> possible_links{};
};

enum class Rule { none, max_backups, max_age };

enum class Reason {
    // No rule proposes its deletion.
    within_rules,
    manual,
    protected_by_user,
    not_a_copy,       ///< exporting, incomplete, unverified: not a backup yet; never counted, never deleted here
    damaged,          ///< kept until an administrator has checked it
    renamed_by_hand,  ///< a person renamed or copied its folder; `blocker` is the name in its manifest
    vm_unknown,       ///< its manifest names no VM
    other_cluster,    ///< it is of another cluster, `blocker`
    cluster_unknown,  ///< it may be of another cluster: only its host, `blocker`, is known
    not_known,        ///< the journal does not know it: what its manifest says is only a claim
    unanswered,       ///< its folder does not answer
    end_not_known,    ///< the cluster never reported that its export was complete, and no person accepted it
    // A rule proposes it; refused.
    storage_in_doubt,      ///< LocalPath may not be where the backups were written
    clock_in_doubt,        ///< the clock may be wrong; `blocker` says why
    on_hold,               ///< nothing may be deleted now; `blocker` says why
    newest_in_future,      ///< a copy of this VM (`blocker`) is dated in the future
    other_copy_damaged,    ///< a copy of this VM (`blocker`) is damaged: the others may be all that is left
    some_copy_damaged,     ///< a copy (`blocker`) is damaged, and it is not known which VM it belongs to
    unreadable_copy,       ///< a copy of this VM (`blocker`) could not be read: the others may be all that is left
    unanswered_copy,       ///< the folder of a copy of this VM (`blocker`) does not answer: it may be damaged
    some_copy_unanswered,  ///< a folder (`blocker`) does not answer, and it is not known which VM it belongs to
    may_be_continued,      ///< its VM is gone, and another one may continue it; `blocker` says which
    last_good_copy,        ///< the newest complete backup of an existing VM
    no_verified_newer,     ///< none of the newer copies that are kept has been verified
    // Deleted.
    over_max_backups,
    over_max_age,
};

struct Verdict {
    std::string backup;
    bool keep = true;
    Reason reason = Reason::within_rules;
    Rule rule = Rule::none;  ///< the rule that proposes its deletion, even if that is refused
    std::string blocker;     ///< the copy that prevents the deletion, why nothing may be deleted, or the other cluster
    /// Of a copy that is deleted: the newer, verified one that makes it surplus. Empty: it is the copy of a VM that no
    /// longer exists, and goes by its age alone.
    std::string leans_on{};
};

/// A person's signs are respected: a folder that does not have the name in its manifest was renamed or copied by hand.
/// Each folder of `backups` that is so; `backups` are all.
std::vector<bool> renamed_by_hand(std::vector<Stored> const& backups);
/// Those of them that are copies: another folder has the same manifest. Both together are one restore point.
std::vector<bool> copied_by_hand(std::vector<Stored> const& backups);
/// Damaged folders that a person copied from a backup that is complete, as an interrupted copy: nothing is lost by
/// them.
std::vector<bool> damaged_copies_by_hand(std::vector<Stored> const& backups);

/// One verdict for each backup, in the order of `facts.backups`. Copies are grouped by the VM's uuid, never by name;
/// those of a VM that another one continues are that one's. A link may end, so each of these VMs, the earlier and the
/// later ones, keeps its own newest good copy as long as it may exist, and only a newer copy of the same VM makes one
/// of its copies surplus.
/// Those of another cluster are kept, and count for nothing: a VM's uuid can exist at two clusters.
/// Protected and manual backups do not count towards MaxBackups. Folders that were renamed by hand count for nothing,
/// nor do copies whose end is not known; the rules delete such a copy as if it were the next to count.
std::vector<Verdict> evaluate_retention(RetentionFacts const& facts, RetentionPolicy const& policy, Zone const& zone);

/// A copy that is dated in the future; no copy of its VM is deleted while it exists.
struct FutureCopy {
    VmUuid vm;
    std::string vm_name;
    std::string backup;
    UtcTime started;
};
/// The newest one of each VM of the present cluster that has any, as `evaluate_retention` sees them.
std::vector<FutureCopy> copies_from_the_future(RetentionFacts const& facts);

/// A clean-up that would delete more than half of all complete backups needs a confirmation.
bool needs_confirmation(std::vector<Verdict> const& verdicts);

/// "kept: it is the newest good backup of a VM that still exists", "deleted: it is older than MaxAge (30 days)".
std::string explain(Verdict const& verdict, RetentionPolicy const& policy);

/// "it is older than MaxAge (30 days)".
std::string rule_text(Rule rule, RetentionPolicy const& policy);

/// The name in the protocol: "last_good_copy".
std::string_view name_of(Reason reason);

}  // namespace sb::core
