// Retention while the folder of a backup does not answer: it may be damaged, so nothing that it may belong to is
// deleted.
#include "daemon/core/retention.hpp"

#include "schedule_samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

namespace {

struct SilentRetention : ::testing::Test {
    RuleZone zone = berlin();
    RetentionFacts facts{.now = at("2026-11-23 08:00", zone)};
    RetentionPolicy policy{.max_backups = 1};

    SilentRetention() { facts.existing = {VmUuid{"a"}, VmUuid{"b"}}; }

    void add_copy(int days_old, std::string name, std::string vm = "a") {
        facts.backups.push_back(a_copy(std::move(vm), facts.now - days{days_old}, std::move(name)));
    }
    void add_silent(int days_old, std::string name, std::string vm = "a") {
        add_copy(days_old, std::move(name), std::move(vm));
        facts.backups.back().state = BackupState::unverified;
        facts.backups.back().is_unanswered = true;
    }
    Verdict verdict(std::string const& name) const {
        auto const verdicts = evaluate_retention(facts, policy, zone);
        auto const it = std::ranges::find(verdicts, name, &Verdict::backup);
        EXPECT_NE(it, verdicts.end()) << name;
        return it == verdicts.end() ? Verdict{} : *it;
    }
    Reason reason(std::string const& name) const { return verdict(name).reason; }
};

}  // namespace

TEST_F(SilentRetention, NoOtherCopyOfItsVmIsDeleted) {
    add_copy(1, "new");
    add_silent(2, "silent");
    add_copy(3, "old");
    add_copy(1, "b new", "b");
    add_copy(3, "b old", "b");
    EXPECT_EQ(reason("old"), Reason::unanswered_copy);
    EXPECT_EQ(
        explain(verdict("old"), policy),
        "kept although its VM has more than MaxBackups (1) backups: the folder of backup 'silent' of this VM does "
        "not answer, so this one may be needed");
    EXPECT_EQ(reason("silent"), Reason::unanswered);
    EXPECT_FALSE(verdict("b old").keep) << "another VM's";
}

TEST_F(SilentRetention, OneThatIsNotKnownKeepsAll) {
    add_copy(1, "new");
    add_copy(3, "old");
    Stored silent;
    silent.name = "silent";
    silent.is_unanswered = true;
    facts.backups.push_back(silent);
    EXPECT_EQ(reason("old"), Reason::some_copy_unanswered);
    EXPECT_EQ(verdict("old").blocker, "silent");
    facts.backups.back().state_before = BackupState::unverified;
    EXPECT_FALSE(verdict("old").keep) << "it was not a backup when it last answered";
    facts.backups.back().state_before = BackupState::damaged;
    EXPECT_EQ(reason("old"), Reason::some_copy_unanswered) << "nor does silence repair it";
}

TEST_F(SilentRetention, ItIsNotCountedForTheConfirmation) {
    add_copy(1, "new");
    add_copy(2, "old");
    add_copy(3, "older");
    add_copy(1, "b new", "b");
    EXPECT_FALSE(needs_confirmation(evaluate_retention(facts, policy, zone))) << "two of four";
    facts.backups.back().is_unanswered = true;
    facts.backups.back().state = BackupState::unverified;
    EXPECT_TRUE(needs_confirmation(evaluate_retention(facts, policy, zone))) << "two of three";
}
