#include "daemon/core/retention.hpp"

#include "daemon/core/interner.hpp"

#include <algorithm>
#include <numeric>
#include <span>
#include <unordered_map>

namespace sb::core {

using namespace std::chrono;

namespace {

/// Whether a copy is older than MaxAge, mostly without calendar arithmetic: the result differs from counting hours by a
/// change of the zone's offset at most, so by less than two days.
class AgeLimit {
public:
    AgeLimit(UtcTime now, std::optional<config::CivilDuration> limit, Zone const& zone)
        : now_(now), limit_(limit), zone_(zone) {
        if (limit) by_hours_ = now - days{limit->days} - limit->rest;
    }

    bool is_over(UtcTime started) const {
        if (!limit_) return false;
        if (started < by_hours_ - days{2}) return true;
        if (started > by_hours_ + days{2}) return false;
        return add(started, *limit_, zone_) <= now_;
    }

private:
    UtcTime now_;
    std::optional<config::CivilDuration> limit_;
    Zone const& zone_;
    UtcTime by_hours_;
};

/// What the rules read, small and contiguous: the full records of one VM's copies lie far apart in memory.
struct Entry {
    UtcTime started;
    std::uint32_t position;  ///< in RetentionFacts::backups
    BackupState state;
    bool scheduled, is_protected, verified, is_renamed, end_known, unreadable;
    bool is_linked;    ///< another VM continues its own
    bool is_needless;  ///< a damaged copy that a person made of a complete backup
    bool is_unanswered;
};

/// All backups that name a VM, grouped by VM, newest first.
struct ByVm {
    std::vector<Entry> entries;
    std::vector<std::size_t> begins;  ///< one more than there are VMs
};

ByVm group(std::vector<Stored> const& backups, std::vector<bool> const& renamed, std::vector<bool> const& needless) {
    Interner numbers;
    std::vector<std::size_t> group_of(backups.size(), Interner::none);
    std::vector<std::size_t> sizes;
    for (std::size_t i = 0; i < backups.size(); ++i) {
        if (backups[i].vm.empty() || backups[i].origin != ClusterOrigin::same || backups[i].is_claim) continue;
        group_of[i] = numbers.add(counts_for(backups[i]).text());
        if (sizes.size() < numbers.size()) sizes.push_back(0);
        ++sizes[group_of[i]];
    }
    ByVm result;
    result.begins.resize(sizes.size() + 1, 0);
    std::partial_sum(sizes.begin(), sizes.end(), result.begins.begin() + 1);
    result.entries.resize(result.begins.back());
    auto next = result.begins;
    for (std::size_t i = 0; i < backups.size(); ++i) {
        if (group_of[i] == Interner::none) continue;
        auto const& b = backups[i];
        result.entries[next[group_of[i]]++] = {.started = b.started,
                                               .position = static_cast<std::uint32_t>(i),
                                               .state = b.state,
                                               .scheduled = b.scheduled,
                                               .is_protected = b.is_protected,
                                               .verified = b.verified,
                                               .is_renamed = renamed[i],
                                               .end_known = b.end_known,
                                               .unreadable = b.unreadable,
                                               .is_linked = !b.linked_to.empty(),
                                               .is_needless = needless[i],
                                               .is_unanswered = b.is_unanswered};
    }
    auto const newer = [&](Entry const& a, Entry const& b) {
        if (a.started != b.started) return a.started > b.started;
        return backups[a.position].name > backups[b.position].name;
    };
    auto const at = [&](std::size_t place) { return result.entries.begin() + static_cast<std::ptrdiff_t>(place); };
    for (std::size_t g = 0; g < sizes.size(); ++g) std::sort(at(result.begins[g]), at(result.begins[g + 1]), newer);
    return result;
}

bool is_in_future(UtcTime started, UtcTime now) { return started > now + clock_slack; }

/// Why none of a VM's copies may be deleted.
struct Refusal {
    Reason reason;
    std::string blocker;
};

class VmRetention {
public:
    VmRetention(RetentionFacts const& facts, RetentionPolicy const& policy, AgeLimit const& age,
                std::vector<Verdict>& verdicts)
        : facts_(facts), policy_(policy), age_(age), verdicts_(verdicts) {
        auto const unowned = [](Stored const& backup) {
            return backup.state == BackupState::damaged && backup.vm.empty();
        };
        if (auto const found = std::ranges::find_if(facts.backups, unowned); found != facts.backups.end())
            unowned_damaged_ = found->name;
        // Of one that is not known at all, the first answer may be that it is damaged.
        auto const may_be_damaged = [](Stored const& backup) {
            return backup.is_unanswered && backup.vm.empty() &&
                   backup.state_before.value_or(BackupState::damaged) == BackupState::damaged;
        };
        if (auto const found = std::ranges::find_if(facts.backups, may_be_damaged); found != facts.backups.end())
            unowned_unanswered_ = found->name;
    }

    void evaluate(std::span<Entry const> newest_first) {
        OfVm vm;
        vm.refusal = refusal_for(newest_first);
        vm.all.exists = still_exists(counts_for(facts_.backups[newest_first.front().position]));
        vm.is_linked = std::ranges::any_of(newest_first, &Entry::is_linked);
        for (auto const& copy : newest_first) {
            // What a person has set aside is theirs: nothing relies on it, and nothing is counted with it.
            if (copy.state != BackupState::complete || copy.is_renamed) continue;
            auto& own = own_of(copy, vm);
            bool const last_good = copy.end_known && (needs_copy(vm.all) || needs_copy(own));
            if (copy.end_known) vm.all.has_good = own.has_good = true;
            bool const ruled = copy.scheduled && !copy.is_protected;
            // The verdict's default is to keep it; most copies end here.
            auto const rule = ruled ? rule_against(copy, vm.counted + 1) : Rule::none;
            if (ruled && copy.end_known) ++vm.counted;
            auto& verdict = verdicts_[copy.position];
            if (copy.is_protected) verdict.reason = Reason::protected_by_user;
            else if (!copy.scheduled) verdict.reason = Reason::manual;
            else if (rule != Rule::none) judge(verdict, rule, {vm, own, last_good});
            else if (!copy.end_known) verdict.reason = Reason::end_not_known;
            if (!verdict.keep || !copy.end_known || !copy.verified) continue;
            for (auto* known : {&vm.all, &own})
                if (known->leans_on == nullptr) known->leans_on = &facts_.backups[copy.position].name;
        }
    }

private:
    /// What is known after the newer copies.
    struct Known {
        bool exists = true;                     ///< the VM may
        bool has_good = false;                  ///< a complete copy whose end is known
        std::string const* leans_on = nullptr;  ///< the newest of them that is verified and kept
    };
    /// Of a VM, together with those that it continues.
    struct OfVm {
        std::optional<Refusal> refusal;
        Known all;
        int counted = 0;         ///< towards MaxBackups
        bool is_linked = false;  ///< it continues another one
        /// Of each of the VMs by its own copies: a link may be a mistake, and it ends when the cluster has the earlier
        /// VM again. Each then has its own copies only.
        std::unordered_map<VmUuid, Known> own;
    };
    /// A copy that a rule proposes to delete.
    struct Proposed {
        OfVm const& vm;
        Known const& own;  ///< of the VM that it was made of
        bool last_good;
    };

    Known& own_of(Entry const& copy, OfVm& vm) const {
        if (!vm.is_linked) return vm.all;
        auto const& uuid = facts_.backups[copy.position].vm;
        auto const [place, is_new] = vm.own.try_emplace(uuid);
        if (is_new) place->second.exists = still_exists(uuid);
        return place->second;
    }

    static bool needs_copy(Known const& known) { return known.exists && !known.has_good; }

    static void judge(Verdict& verdict, Rule rule, Proposed const& copy) {
        verdict.rule = rule;
        // A copy of a deleted VM goes by its age alone; every other deletion relies on a newer copy.
        bool const leans_on_newer = copy.vm.all.exists || copy.own.exists || rule == Rule::max_backups;
        auto const* const newer = copy.own.exists ? copy.own.leans_on : copy.vm.all.leans_on;
        if (copy.vm.refusal) return refuse(verdict, *copy.vm.refusal);
        if (copy.last_good) {
            verdict.reason = Reason::last_good_copy;
        } else if (leans_on_newer && newer == nullptr) {
            verdict.reason = Reason::no_verified_newer;
        } else {
            remove(verdict);
            if (leans_on_newer) verdict.leans_on = *newer;
        }
    }

    bool still_exists(VmUuid const& vm) const {
        return !facts_.existing || facts_.existing->empty() || facts_.existing->contains(vm);
    }

    Rule rule_against(Entry const& copy, int counted) const {
        if (age_.is_over(copy.started)) return Rule::max_age;
        return policy_.max_backups && counted > std::max(*policy_.max_backups, 1) ? Rule::max_backups : Rule::none;
    }

    std::optional<Refusal> refusal_for(std::span<Entry const> newest_first) const {
        if (!facts_.storage_problem.empty()) return Refusal{Reason::storage_in_doubt, {}};
        if (!facts_.clock_doubt.empty()) return Refusal{Reason::clock_in_doubt, facts_.clock_doubt};
        if (!facts_.hold.empty()) return Refusal{Reason::on_hold, facts_.hold};
        auto const name_of = [&](Entry const& copy) { return facts_.backups[copy.position].name; };
        auto const& newest = newest_first.front();
        if (is_in_future(newest.started, facts_.now)) return Refusal{Reason::newest_in_future, name_of(newest)};
        for (auto const& copy : newest_first)
            if (copy.state == BackupState::damaged && !copy.is_needless)
                return Refusal{Reason::other_copy_damaged, name_of(copy)};
        for (auto const& copy : newest_first)
            if (copy.unreadable) return Refusal{Reason::unreadable_copy, name_of(copy)};
        for (auto const& copy : newest_first)
            if (copy.is_unanswered) return Refusal{Reason::unanswered_copy, name_of(copy)};
        if (!unowned_damaged_.empty()) return Refusal{Reason::some_copy_damaged, unowned_damaged_};
        if (!unowned_unanswered_.empty()) return Refusal{Reason::some_copy_unanswered, unowned_unanswered_};
        auto const& vm = counts_for(facts_.backups[newest.position]);
        auto const possible = std::ranges::find(facts_.possible_links, vm, &PossibleLink::earlier);
        if (possible != facts_.possible_links.end())
            return Refusal{Reason::may_be_continued, text_of(*possible) + ". " + how_to_link(*possible)};
        return std::nullopt;
    }

    static void refuse(Verdict& verdict, Refusal const& refusal) {
        verdict.reason = refusal.reason;
        verdict.blocker = refusal.blocker;
    }

    static void remove(Verdict& verdict) {
        verdict.keep = false;
        verdict.reason = verdict.rule == Rule::max_age ? Reason::over_max_age : Reason::over_max_backups;
    }

    RetentionFacts const& facts_;
    RetentionPolicy const& policy_;
    AgeLimit const& age_;
    std::vector<Verdict>& verdicts_;
    std::string unowned_damaged_;
    std::string unowned_unanswered_;
};

Reason before_any_rule(Stored const& backup, bool is_renamed) {
    if (backup.is_unanswered) return Reason::unanswered;
    if (backup.state == BackupState::damaged) return Reason::damaged;
    if (backup.state != BackupState::complete) return Reason::not_a_copy;
    if (backup.origin == ClusterOrigin::other) return Reason::other_cluster;
    if (backup.origin == ClusterOrigin::unknown) return Reason::cluster_unknown;
    if (is_renamed) return Reason::renamed_by_hand;
    if (backup.is_claim) return Reason::not_known;
    return backup.vm.empty() ? Reason::vm_unknown : Reason::within_rules;
}

/// Not surely a copy of the present cluster.
bool is_of_elsewhere(Reason reason) { return reason == Reason::other_cluster || reason == Reason::cluster_unknown; }

}  // namespace

Stored stored_of(Backup const& backup) {
    Stored stored;
    stored.name = backup.name;
    stored.state = backup.state;
    stored.size_bytes = backup.size_bytes;
    stored.vm = backup.presumed_vm;
    stored.is_claim = backup.is_claim;
    stored.known_bytes = backup.known_bytes;
    stored.is_damage_proven = !backup.manifest || backup.manifest->damage.has_value();
    stored.is_unanswered = backup.is_unanswered;
    if (backup.is_unanswered && backup.manifest)
        stored.state_before = backup.manifest->damage ? BackupState::damaged : BackupState::complete;
    if (backup.manifest) {
        stored.vm = backup.manifest->vm_uuid;
        stored.vm_name = backup.manifest->vm_name;
        stored.scheduled = backup.manifest->scheduled;
        stored.is_protected = backup.manifest->is_protected;
        stored.verified = backup.manifest->verified.has_value() && !backup.is_only_checked;
        stored.started = backup.manifest->started;
        stored.completed = backup.manifest->completed;
        if (backup.manifest->backup != backup.name) stored.manifest_name = backup.manifest->backup;
        stored.attempt = backup.manifest->attempt;
        stored.job = backup.manifest->job;
        stored.end_known = is_end_known(*backup.manifest);
    }
    return stored;
}

Stored stored_of(Backup const& backup, PresentCluster const& present) {
    auto stored = stored_of(backup);
    if (!backup.manifest) return stored;
    auto const cluster = cluster_of(*backup.manifest);
    stored.origin = origin_of(cluster, present);
    if (stored.origin != ClusterOrigin::same) stored.cluster = cluster_text(cluster);
    return stored;
}

std::vector<Verdict> evaluate_retention(RetentionFacts const& facts, RetentionPolicy const& policy, Zone const& zone) {
    std::vector<Verdict> verdicts(facts.backups.size());
    auto const renamed = renamed_by_hand(facts.backups);
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        verdicts[i].backup = facts.backups[i].name;
        verdicts[i].reason = before_any_rule(facts.backups[i], renamed[i]);
        if (is_of_elsewhere(verdicts[i].reason)) verdicts[i].blocker = facts.backups[i].cluster;
        if (verdicts[i].reason == Reason::renamed_by_hand) verdicts[i].blocker = facts.backups[i].manifest_name;
    }
    AgeLimit const age(facts.now, policy.max_age, zone);
    auto const by_vm = group(facts.backups, renamed, damaged_copies_by_hand(facts.backups));
    VmRetention vm_retention(facts, policy, age, verdicts);
    for (std::size_t g = 0; g + 1 < by_vm.begins.size(); ++g)
        vm_retention.evaluate(
            std::span<Entry const>(by_vm.entries).subspan(by_vm.begins[g], by_vm.begins[g + 1] - by_vm.begins[g]));
    return verdicts;
}

std::vector<FutureCopy> copies_from_the_future(RetentionFacts const& facts) {
    std::vector<FutureCopy> found;
    auto const is_of_future = [&](Stored const& backup) { return is_in_future(backup.started, facts.now); };
    if (std::ranges::none_of(facts.backups, is_of_future)) return found;
    std::vector<bool> const none(facts.backups.size());
    auto const by_vm = group(facts.backups, none, none);
    for (std::size_t g = 0; g + 1 < by_vm.begins.size(); ++g) {
        auto const& newest = facts.backups[by_vm.entries[by_vm.begins[g]].position];
        if (!is_in_future(newest.started, facts.now)) continue;
        found.push_back({counts_for(newest), newest.vm_name, newest.name, newest.started});
    }
    return found;
}

bool needs_confirmation(std::vector<Verdict> const& verdicts) {
    std::size_t complete = 0;
    std::size_t deleted = 0;
    for (auto const& verdict : verdicts) {
        bool const is_copy = verdict.reason != Reason::not_a_copy && verdict.reason != Reason::damaged &&
                             verdict.reason != Reason::unanswered;
        bool const counts = !is_of_elsewhere(verdict.reason) && verdict.reason != Reason::renamed_by_hand &&
                            verdict.reason != Reason::end_not_known && verdict.reason != Reason::not_known;
        if (is_copy && counts) ++complete;
        if (!verdict.keep) ++deleted;
    }
    return deleted * 2 > complete;
}

}  // namespace sb::core
