#include "daemon/engine/clean_up.hpp"

#include "daemon/async/let_others_run.hpp"
#include "daemon/core/text.hpp"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

namespace sb::engine {

using namespace core;
using namespace std::chrono_literals;

namespace {

/// Deleting may take hours. Meanwhile VMs come and go, and folders are changed by hand.
constexpr auto facts_are_good_for = 10min;

/// How often the newer copy may turn out to be another one than the one that was read.
constexpr int max_turns = 3;

std::string objection_to_the_clock(std::string const& doubt) {
    if (doubt.empty()) return {};
    return "the clock may be wrong: " + doubt +
           ". Check the clock and NTP; if it is right: scale-backupctl clock accept";
}

std::string objection_to_deleting(RetentionFacts const& facts) {
    if (!facts.storage_problem.empty()) return facts.storage_problem;
    return facts.clock_doubt.empty() ? facts.hold : objection_to_the_clock(facts.clock_doubt);
}

constexpr char const* too_many =
    "this would delete more than half of all backups; check with scale-backupctl prune --dry-run. To delete them "
    "anyway: scale-backupctl prune --yes";

void report_what_prevents_it(std::vector<Verdict> const& verdicts, RetentionPolicy const& policy, Pruned& pruned) {
    auto const unowned = std::ranges::find(verdicts, Reason::some_copy_damaged, &Verdict::reason);
    if (unowned != verdicts.end())
        pruned.problems.push_back("clean-up: nothing was deleted: backup '" + unowned->blocker +
                                  "' is damaged, and neither its manifest, its job nor its definition says which VM "
                                  "it belongs to; repair it or delete its folder");
    auto const silent = std::ranges::find(verdicts, Reason::some_copy_unanswered, &Verdict::reason);
    if (silent != verdicts.end())
        pruned.problems.push_back("clean-up: nothing was deleted: the folder '" + silent->blocker +
                                  "' does not answer, and the journal does not know which VM it belongs to; check the "
                                  "disk or the share of LocalPath");
    for (auto const& verdict : verdicts)
        if (verdict.keep && verdict.rule != Rule::none)
            spdlog::info("backup '{}' is {}", verdict.backup, explain(verdict, policy));
}

/// A person should look at what keeps the others; the reasons of every day are none of these.
bool is_in_the_way(Verdict const& verdict) {
    switch (verdict.reason) {
        case Reason::newest_in_future:
        case Reason::other_copy_damaged:
        case Reason::some_copy_damaged:
        case Reason::unreadable_copy:
        case Reason::unanswered_copy:
        case Reason::some_copy_unanswered:
        case Reason::may_be_continued: return verdict.keep && verdict.rule != Rule::none;
        default: return false;
    }
}

/// One for each folder that keeps others: a person who ordered the clean-up must not take it for one with nothing to
/// do.
std::vector<std::string> what_is_in_the_way(std::vector<Verdict> const& verdicts, RetentionPolicy const& policy) {
    std::map<std::pair<Reason, std::string>, std::vector<Verdict const*>> kept;
    for (auto const& verdict : verdicts)
        if (is_in_the_way(verdict)) kept[{verdict.reason, verdict.blocker}].push_back(&verdict);
    std::vector<std::string> problems;
    for (auto const& [blocker, all] : kept) {
        auto text = "'" + all.front()->backup + "' is " + explain(*all.front(), policy);
        if (all.size() > 1) text += "; so are " + std::to_string(all.size() - 1) + " more";
        problems.push_back(std::move(text));
    }
    return problems;
}

}  // namespace

task<Result<void>> CleanUp::gather_into(Pass& pass) {
    auto const version = dependencies_.snapshots.version();
    auto gathered = co_await dependencies_.gather(pass.asker);
    if (!gathered) co_return gathered.error();
    pass.gathered = std::move(*gathered);
    pass.version = version;
    pass.cluster = dependencies_.engine.identity().present();
    pass.gathered_at = dependencies_.time.steady_now();
    co_return boost::system::in_place_value;
}

std::vector<Verdict> CleanUp::verdicts_of(Pass const& pass) const {
    return evaluate_retention(pass.gathered.snapshot.retention, pass.gathered.policy, dependencies_.zone);
}

task<Result<RetentionResult>> CleanUp::evaluate() {
    Pass pass;
    pass.asker = Asker::person;
    auto const read = co_await gather_into(pass);
    if (!read) co_return read.error();
    RetentionResult retention;
    retention.policy = pass.gathered.policy;
    retention.verdicts = verdicts_of(pass);
    retention.objection = objection_to_deleting(pass.gathered.snapshot.retention);
    retention.backups = std::move(pass.gathered.snapshot.retention.backups);
    co_return retention;
}

/// Gathers the facts. `refused` if nothing may be deleted. Copies that could not be read get another chance.
task<Result<void>> CleanUp::begin(Pass& pass) {
    auto const read = co_await gather_into(pass);
    if (!read) co_return read.error();
    auto objection = objection_to_deleting(pass.gathered.snapshot.retention);
    if (!objection.empty()) co_return Error{Errc::refused, "nothing was deleted: " + objection};
    bool const readable_now = co_await dependencies_.evidence.check_marked_again();
    if (!readable_now) co_return boost::system::in_place_value;
    co_return co_await gather_into(pass);
}

task<Result<Pruned>> CleanUp::prune(bool yes, std::function<Result<void>()> is_wanted) {
    Pass pass;
    pass.asker = Asker::person;
    pass.is_wanted = std::move(is_wanted);
    auto const begun = co_await begin(pass);
    if (!begun) co_return begun.error();
    co_await let_others_run();
    auto verdicts = verdicts_of(pass);
    bool const must_confirm = must_be_confirmed(verdicts);
    if (must_confirm && !yes) co_return Error{Errc::refused, too_many};
    pass.pruned.problems = what_is_in_the_way(verdicts, pass.gathered.policy);
    auto const& old_list = pass.gathered.snapshot.cluster_problem;
    if (!old_list.empty()) pass.pruned.problems.push_back(old_list + "; every VM counts as existing");
    co_await delete_expired(pass, std::move(verdicts));
    if (!pass.pruned.stopped) dependencies_.conditions.clear(ConditionKind::clean_up_held);
    co_return std::move(pass.pruned);
}

task<Pruned> CleanUp::clean_up() {
    Pass pass;
    auto const begun = co_await begin(pass);
    if (!begun) {
        pass.pruned.problems.push_back("clean-up: " + begun.error().context);
        pass.pruned.stopped = true;
        co_return std::move(pass.pruned);
    }
    co_await let_others_run();
    auto verdicts = verdicts_of(pass);
    report_what_prevents_it(verdicts, pass.gathered.policy, pass.pruned);
    if (must_be_confirmed(verdicts))
        pass.pruned.problems.push_back(std::string("clean-up: nothing was deleted: ") + too_many);
    else co_await delete_expired(pass, std::move(verdicts));
    co_return std::move(pass.pruned);
}

/// The surplus of days in which something kept the rules from deleting, as slow hooks, may be that large; and no later
/// clean-up deletes anything before a person has decided it.
bool CleanUp::must_be_confirmed(std::vector<Verdict> const& verdicts) {
    if (!needs_confirmation(verdicts)) {
        dependencies_.conditions.clear(ConditionKind::clean_up_held);
        return false;
    }
    auto const surplus = std::ranges::count(verdicts, false, &Verdict::keep);
    auto const first = std::ranges::find(verdicts, false, &Verdict::keep);
    dependencies_.conditions.raise(
        ConditionKind::clean_up_held,
        "a clean-up would delete " + count_text(surplus, "backup") + ", such as '" + first->backup + "'");
    return true;
}

/// Deletes none but these, even if more become surplus meanwhile.
task<void> CleanUp::delete_expired(Pass& pass, std::vector<Verdict> verdicts) {
    auto const copies = pass.gathered.snapshot.retention.backups;  // one for each verdict
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        if (verdicts[i].keep || pass.given_up.contains(counts_for(copies[i]))) continue;
        auto const objection = co_await delete_one(pass, verdicts[i], copies[i]);
        if (objection.empty()) continue;
        pass.pruned.problems.push_back("nothing more was deleted: " + objection);
        pass.pruned.stopped = true;
        break;
    }
    if (!pass.pruned.stopped) dependencies_.owed_hooks.note_surplus(pass.in_use, dependencies_.time.now());
    if (pass.pruned.deleted.empty()) co_return;
    dependencies_.snapshots.folders_changed();
    dependencies_.backups_changed();
}

/// Returns why nothing more may be deleted, neither this backup nor another.
task<std::string> CleanUp::delete_one(Pass& pass, Verdict verdict, Stored copy) {
    auto& leases = dependencies_.engine.leases();
    auto const alone = leases.take(copy.name);
    if (!alone) {
        pass.in_use.push_back(copy.name);
        pass.pruned.problems.push_back("'" + copy.name +
                                       "' is in use by a job, a hook or another deletion; skipped until the next "
                                       "clean-up");
        co_return std::string();
    }
    for (int turn = 0; turn < max_turns; ++turn) {
        std::optional<Leases::Lease> shared;  // while it is read, and until the deletion is done
        Result<void> proof;
        if (!verdict.leans_on.empty()) {
            shared = leases.share(verdict.leans_on);
            if (!shared) break;
            proof = co_await read_newer(verdict.leans_on);
        }
        auto objection = co_await why_stop(pass);
        if (!objection.empty()) co_return objection;
        if (!proof && proof.error().code != Errc::not_found) {
            pass.given_up.insert(counts_for(copy));
            bool const is_changed = proof.error().code == Errc::refused;
            auto const why = is_changed ? "' is not relied on: " : "' cannot be read: ";
            pass.pruned.problems.push_back("no backup of VM '" + copy.vm_name + "' was deleted: its newer backup '" +
                                           verdict.leans_on + why + proof.error().context);
            co_return std::string();
        }
        auto judged = co_await judge_again(pass, copy);
        if (!judged) {
            pass.pruned.problems.push_back("'" + copy.name + "' is kept: " + judged.error().context);
            co_return std::string();
        }
        if (judged->verdict.keep) {
            spdlog::info("backup '{}' is {}", copy.name, explain(judged->verdict, pass.gathered.policy));
            co_return std::string();
        }
        // A person may have linked two VMs, or taken that back, while the folders were read.
        if (pass.version != dependencies_.snapshots.version()) continue;
        if (proof && judged->verdict.leans_on == verdict.leans_on) {
            co_await remove_expired(pass, std::move(*judged));
            co_return std::string();
        }
        verdict = judged->verdict;
    }
    pass.pruned.problems.push_back("'" + copy.name +
                                   "' is kept until the next clean-up: the newer backups of its VM are "
                                   "being deleted or changed");
    co_return std::string();
}

task<Result<void>> CleanUp::read_newer(std::string backup) {
    auto newer = co_await dependencies_.catalog.find(std::move(backup));
    if (!newer) co_return newer.error();
    co_return co_await dependencies_.evidence.check(std::move(*newer));
}

/// Renews the facts if they may have changed.
task<std::string> CleanUp::why_stop(Pass& pass) {
    if (pass.is_wanted)
        if (auto const wanted = pass.is_wanted(); !wanted) co_return wanted.error().context;
    auto& engine = dependencies_.engine;
    auto objection = co_await engine.objection_to_deleting();
    if (!objection.empty()) co_return objection;
    co_await dependencies_.clock.check();
    if (dependencies_.clock.in_doubt()) co_return objection_to_the_clock(dependencies_.clock.doubt());
    auto const is_as_gathered = [&] {
        return pass.version == dependencies_.snapshots.version() && pass.cluster == engine.identity().present() &&
               dependencies_.time.steady_now() - pass.gathered_at < facts_are_good_for;
    };
    if (is_as_gathered()) co_return std::string();
    auto const read = co_await gather_into(pass);
    if (!read) co_return read.error().context;
    co_return objection_to_deleting(pass.gathered.snapshot.retention);
}

/// Reads the VM's folders; whether the VM exists is as gathered.
task<Result<CleanUp::Judged>> CleanUp::judge_again(Pass const& pass, Stored copy) {
    auto const& gathered = pass.gathered.snapshot.retention;
    auto const present = dependencies_.engine.identity().present();
    Judged judged;
    judged.verdict.backup = copy.name;
    judged.verdict.reason = Reason::not_a_copy;
    RetentionFacts facts;
    facts.existing = gathered.existing;
    facts.possible_links = gathered.possible_links;
    for (auto const& known : gathered.backups) {
        // A damaged folder without a VM may be this one's.
        if (known.vm.empty()) facts.backups.push_back(known);
        if (known.vm.empty() || counts_for(known) != counts_for(copy)) continue;
        auto const name = known.name;
        auto const found = co_await dependencies_.catalog.find(name);
        if (!found && found.error().code == Errc::not_found) continue;
        if (!found) co_return while_doing(found.error(), "reading '" + name + "'");
        auto stored = stored_of(*found, present);
        if (!found->manifest) stored.vm = known.vm;  // as its job knows it, or its manifest a moment ago
        stored.linked_to = known.linked_to;
        stored.unreadable = !dependencies_.evidence.why_unreadable(name).empty();
        facts.backups.push_back(std::move(stored));
        if (name == copy.name) judged.backup = *found;
    }
    facts.now = dependencies_.time.now();
    facts.clock_doubt = dependencies_.clock.doubt();
    for (auto const& verdict : evaluate_retention(facts, pass.gathered.policy, dependencies_.zone))
        if (verdict.backup == copy.name) judged.verdict = verdict;
    co_return judged;
}

task<Result<ports::Removal>> CleanUp::remove(Backup backup, std::string why, bool immediately) {
    auto deleted = backup;
    auto noted = co_await dependencies_.snapshots.note_deletion(std::move(deleted));
    auto removal = co_await dependencies_.trash.remove(std::move(backup), std::move(why), immediately);
    co_await dependencies_.snapshots.end_deletion(std::move(noted), removal.has_value());
    co_return removal;
}

task<Result<ports::Removal>> CleanUp::remove_undoably(Backup backup, std::string why) {
    auto deleted = backup;
    auto noted = co_await dependencies_.snapshots.note_deletion(std::move(deleted));
    auto removal = co_await dependencies_.trash.remove_undoably(std::move(backup), std::move(why));
    co_await dependencies_.snapshots.end_deletion(std::move(noted), removal.has_value());
    co_return removal;
}

task<void> CleanUp::remove_expired(Pass& pass, Judged judged) {
    auto const name = judged.verdict.backup;
    auto reason = rule_text(judged.verdict.rule, pass.gathered.policy);
    auto const removed = co_await remove(std::move(judged.backup), std::move(reason), false);
    if (!removed) {
        pass.pruned.problems.push_back("deleting '" + name + "': " + removed.error().context);
        spdlog::error("{}", pass.pruned.problems.back());
        co_return;
    }
    pass.pruned.deleted.push_back(name);
    spdlog::info("backup '{}' is {}", name, explain(judged.verdict, pass.gathered.policy));
    if (removed->remains.empty()) co_return;
    pass.pruned.problems.push_back("backup '" + name + "' is deleted, but not all of it: " + removed->remains);
    spdlog::warn("{}", pass.pruned.problems.back());
}

}  // namespace sb::engine
