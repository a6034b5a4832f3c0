// Retention over 100,000 random histories, compared with a slow oracle that states each rule over all copies, and
// checked against what must hold for any rules.
#include "daemon/core/retention.hpp"

#include "tests/support/rule_zone.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

constexpr UtcTime oracle_now{1'800'000'000s};

struct History {
    RetentionFacts facts;
    RetentionPolicy policy;
};

class Histories {
public:
    History next() {
        History h;
        h.facts.now = oracle_now;
        if (one_in(20)) h.facts.clock_doubt = "the clock jumped";
        if (!one_in(5)) {
            h.facts.existing.emplace();
            for (int vm = 0; vm < 3; ++vm)
                if (!one_in(3)) h.facts.existing->insert(VmUuid{name(vm)});
        }
        if (!one_in(4)) h.policy.max_backups = 1 + below(4);
        if (!one_in(3)) h.policy.max_age = config::CivilDuration{below(12), 1h * (1 + below(24))};
        for (int count = below(11), i = 0; i < count; ++i) h.facts.backups.push_back(backup(i));
        return h;
    }
    Stored backup(int number) {
        Stored s;
        s.name = "backup " + std::to_string(number);
        s.vm = VmUuid{one_in(30) ? "" : name(below(3))};
        s.vm_name = "same for all";
        constexpr BackupState states[] = {BackupState::exporting, BackupState::unverified, BackupState::incomplete};
        s.state = one_in(5) ? states[below(3)] : one_in(25) ? BackupState::damaged : BackupState::complete;
        s.scheduled = !one_in(5);
        s.is_protected = one_in(8);
        s.verified = !one_in(4);
        s.end_known = !one_in(6);
        s.unreadable = one_in(40);
        s.started = one_in(60) ? oracle_now + 1h : oracle_now - 7h * below(60) - 1min * number;
        return s;
    }
    std::mt19937& random() { return random_; }

private:
    int below(int n) { return std::uniform_int_distribution<int>(0, n - 1)(random_); }
    bool one_in(int n) { return below(n) == 0; }
    static std::string name(int vm) { return "vm-" + std::to_string(vm); }

    std::mt19937 random_{20261123};
};

/// Which copies are deleted, by name, and the newer one that each relies on (empty = none). In UTC, so that days are 24
/// hours.
std::map<std::string, std::string> deleted_by_oracle(History const& h) {
    auto const& all = h.facts.backups;
    if (!h.facts.clock_doubt.empty()) return {};
    auto const counts = [](Stored const& s) { return s.state == BackupState::complete; };
    auto const ruled = [&](Stored const& s) { return counts(s) && s.scheduled && !s.is_protected && !s.vm.empty(); };
    std::vector<Stored const*> sorted;
    for (auto const& s : all) sorted.push_back(&s);
    std::ranges::sort(sorted, [](auto const* a, auto const* b) { return a->started > b->started; });
    std::map<std::string, std::string> gone;
    for (auto const* c : sorted) {
        if (!ruled(*c)) continue;
        int newer_counted = 0;
        bool newer_good = false, frozen = false;
        Stored const* relied_on = nullptr;  // the newest that is good, verified and kept
        for (auto const& o : all) {
            frozen = frozen || (o.vm.empty() && o.state == BackupState::damaged);
            if (o.vm != c->vm) continue;
            frozen = frozen || o.state == BackupState::damaged || o.unreadable || o.started > oracle_now + 5min;
            if (o.started <= c->started || !counts(o) || !o.end_known) continue;
            newer_good = true;
            newer_counted += ruled(o);
            if (!o.verified || gone.contains(o.name)) continue;
            if (relied_on == nullptr || o.started > relied_on->started) relied_on = &o;
        }
        bool const exists = !h.facts.existing || h.facts.existing->empty() || h.facts.existing->contains(c->vm);
        bool const too_old =
            h.policy.max_age && oracle_now - c->started >= h.policy.max_age->days * 24h + h.policy.max_age->rest;
        bool const too_many = h.policy.max_backups && newer_counted >= *h.policy.max_backups;
        if (frozen || (!too_old && !too_many)) continue;
        if (exists && !newer_good) continue;
        if (!exists && too_old) gone.emplace(c->name, "");
        else if (relied_on != nullptr) gone.emplace(c->name, relied_on->name);
    }
    return gone;
}

std::map<std::string, std::string> deletions(std::vector<Verdict> const& verdicts) {
    std::map<std::string, std::string> relied_on;
    for (auto const& v : verdicts)
        if (!v.keep) relied_on.emplace(v.backup, v.leans_on);
    return relied_on;
}

void expect_what_must_always_hold(History const& h, std::vector<Verdict> const& verdicts) {
    ASSERT_EQ(verdicts.size(), h.facts.backups.size());
    std::map<VmUuid, std::pair<UtcTime, bool>> newest_complete;
    for (std::size_t i = 0; i < verdicts.size(); ++i) {
        auto const& s = h.facts.backups[i];
        auto const& v = verdicts[i];
        ASSERT_EQ(v.backup, s.name);
        ASSERT_EQ(v.keep, v.reason != Reason::over_max_age && v.reason != Reason::over_max_backups);
        if (v.keep) ASSERT_EQ(v.leans_on, "");
        if (s.state == BackupState::complete && s.end_known) {
            auto& newest = newest_complete.try_emplace(s.vm, s.started, v.keep).first->second;
            if (s.started > newest.first) newest = {s.started, v.keep};
        } else if (s.state != BackupState::complete) {
            ASSERT_TRUE(v.keep) << "no backup yet";
        }
        if (!s.scheduled || s.is_protected || s.vm.empty()) ASSERT_TRUE(v.keep);
        // What a rule proposes to delete is kept only for a stated reason.
        if (v.keep && v.rule != Rule::none) ASSERT_GE(v.reason, Reason::storage_in_doubt);
    }
    for (auto const& [vm, newest] : newest_complete)
        if (!h.facts.existing || h.facts.existing->contains(vm)) ASSERT_TRUE(newest.second) << "the last good copy";
}

}  // namespace

TEST(RetentionOracle, MatchesTheOracleOverAHundredThousandHistories) {
    auto const zone = test::utc();
    Histories histories;
    for (int round = 0; round < 100'000; ++round) {
        auto h = histories.next();
        auto const verdicts = evaluate_retention(h.facts, h.policy, zone);
        auto const gone = deletions(verdicts);
        ASSERT_EQ(gone, deleted_by_oracle(h)) << "round " << round;
        expect_what_must_always_hold(h, verdicts);
        if (HasFatalFailure()) FAIL() << "round " << round;
        if (round % 10 != 0) continue;
        std::ranges::shuffle(h.facts.backups, histories.random());
        ASSERT_EQ(deletions(evaluate_retention(h.facts, h.policy, zone)), gone) << "order matters, round " << round;
        std::erase_if(h.facts.backups, [&](Stored const& s) { return gone.contains(s.name); });
        ASSERT_TRUE(deletions(evaluate_retention(h.facts, h.policy, zone)).empty())
            << "a second clean-up, round " << round;
    }
}

// A link may end at any moment: then each VM has its own copies only.
TEST(RetentionOracle, WithLinkedVmsEachThatMayExistKeepsWhatItNeedsWhenTheLinksEnd) {
    auto const zone = test::utc();
    Histories histories;
    for (int round = 0; round < 30'000; ++round) {
        auto h = histories.next();
        bool const is_chain = round % 2 == 0;
        for (auto& s : h.facts.backups)
            if (s.vm == VmUuid{"vm-0"} || (is_chain && s.vm == VmUuid{"vm-1"})) s.linked_to = VmUuid{"vm-2"};
        auto const verdicts = evaluate_retention(h.facts, h.policy, zone);
        expect_what_must_always_hold(h, verdicts);
        if (HasFatalFailure()) FAIL() << "round " << round;
        std::map<std::string, VmUuid> owner;
        for (auto const& s : h.facts.backups) owner[s.name] = s.vm;
        auto const gone = deletions(verdicts);
        for (auto const& [name, leans_on] : gone) {
            bool const may_exist =
                !h.facts.existing || h.facts.existing->empty() || h.facts.existing->contains(owner[name]);
            ASSERT_FALSE(!leans_on.empty() && gone.contains(leans_on)) << "round " << round;
            if (may_exist) ASSERT_EQ(owner[leans_on], owner[name]) << name << ", round " << round;
        }
    }
}

TEST(RetentionOracle, ANewCopyDeletesNoMoreThanTheRulesAllow) {
    auto const zone = test::utc();
    Histories histories;
    for (int round = 0; round < 5'000; ++round) {
        auto h = histories.next();
        h.facts.clock_doubt.clear();
        auto const before = deletions(evaluate_retention(h.facts, h.policy, zone));
        auto added = histories.backup(99);
        added.state = BackupState::complete;
        added.scheduled = added.verified = added.end_known = true;
        added.unreadable = false;
        added.started = oracle_now - 1min;
        h.facts.backups.push_back(added);
        auto const verdicts = evaluate_retention(h.facts, h.policy, zone);
        int stay = 0;
        for (std::size_t i = 0; i < verdicts.size(); ++i) {
            auto const& s = h.facts.backups[i];
            // Other VMs do not change.
            if (s.vm != added.vm) ASSERT_EQ(!verdicts[i].keep, before.contains(s.name));
            else if (verdicts[i].reason == Reason::within_rules && !s.vm.empty()) ++stay;
            // Nothing that was deleted before is kept because of the new one.
            if (before.contains(s.name)) ASSERT_FALSE(verdicts[i].keep);
        }
        if (h.policy.max_backups) ASSERT_LE(stay, *h.policy.max_backups);
    }
}
