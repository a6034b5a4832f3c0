#include "daemon/core/retention.hpp"

#include "schedule_samples.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <utility>
#include <vector>

using namespace sb;
using namespace sb::core;
using namespace sb::core::samples;
using namespace sb::test;

namespace {

struct Retention : ::testing::Test {
    RuleZone zone = berlin();
    RetentionFacts facts{.now = at("2026-11-23 08:00", zone)};
    RetentionPolicy policy;

    Retention() { facts.existing = {VmUuid{"a"}}; }

    Stored& add_copy(int days_old, std::string name, std::string vm = "a") {
        facts.backups.push_back(a_copy(std::move(vm), facts.now - days{days_old}, std::move(name)));
        return facts.backups.back();
    }
    Verdict verdict(std::string const& name) const {
        auto const verdicts = evaluate_retention(facts, policy, zone);
        EXPECT_EQ(verdicts.size(), facts.backups.size());
        auto const it = std::ranges::find(verdicts, name, &Verdict::backup);
        return it == verdicts.end() ? Verdict{} : *it;
    }
    Reason reason(std::string const& name) const { return verdict(name).reason; }
};

}  // namespace

TEST_F(Retention, KeepsTheNewestMaxBackups) {
    policy.max_backups = 2;
    for (int i = 0; i < 4; ++i) add_copy(i, std::to_string(i));
    EXPECT_EQ(reason("0"), Reason::within_rules);
    EXPECT_EQ(reason("1"), Reason::within_rules);
    EXPECT_EQ(reason("2"), Reason::over_max_backups);
    EXPECT_FALSE(verdict("3").keep);
    EXPECT_EQ(explain(verdict("3"), policy), "deleted: its VM has more than MaxBackups (2) backups");
}

TEST_F(Retention, WithoutRulesNothingIsDeleted) {
    add_copy(1, "new");
    add_copy(4000, "old");
    EXPECT_TRUE(verdict("old").keep);
}

TEST_F(Retention, MaxAgeCountsCivilDays) {
    policy.max_age = config::CivilDuration{30, 0s};
    facts.now = at("2026-11-10 18:00", zone);
    facts.backups = {a_copy("a", facts.now - 1h, "new"), a_copy("a", at("2026-10-11 18:00", zone), "just"),
                     a_copy("a", at("2026-10-11 18:01", zone), "not yet")};  // the clock changed in between
    EXPECT_EQ(reason("just"), Reason::over_max_age);
    EXPECT_EQ(reason("not yet"), Reason::within_rules);
}

// The predecessor: 'With MaxBackups = 1 the next clean-up deleted the good 8-day-old backup and kept the broken one.'
TEST_F(Retention, AnIncompleteNewestBackupDoesNotCountAsTheOneToKeep) {
    policy.max_backups = 1;
    add_copy(8, "good");
    for (auto const state : {BackupState::incomplete, BackupState::exporting, BackupState::unverified}) {
        add_copy(0, "broken").state = state;
        EXPECT_TRUE(verdict("good").keep);
        EXPECT_EQ(reason("broken"), Reason::not_a_copy);
        facts.backups.pop_back();
    }
    add_copy(0, "damaged").state = BackupState::damaged;
    EXPECT_TRUE(verdict("good").keep);
}

// The predecessor: 'MaxAge deletes the only backup of a VM that still exists.'
TEST_F(Retention, TheOnlyCopyOfAnExistingVmIsKeptHoweverOld) {
    policy.max_age = config::CivilDuration{30, 0s};
    add_copy(300, "only");
    EXPECT_EQ(reason("only"), Reason::last_good_copy);
    EXPECT_EQ(explain(verdict("only"), policy),
              "kept although it is older than MaxAge (30 days): it is the newest good "
              "backup of a VM that still exists");
}

TEST_F(Retention, MaxAgeDeletesEvenTheLastCopyOfADeletedVm) {
    policy.max_age = config::CivilDuration{30, 0s};
    add_copy(31, "orphan", "gone").verified = false;
    EXPECT_EQ(reason("orphan"), Reason::over_max_age);
    facts.existing.reset();  // the cluster cannot be reached: no VM counts as deleted
    EXPECT_EQ(reason("orphan"), Reason::last_good_copy);
    facts.existing.emplace();  // an empty list of VMs is ignored
    EXPECT_EQ(reason("orphan"), Reason::last_good_copy);
}

TEST_F(Retention, AnUnverifiedCopyJustifiesNoDeletion) {
    policy.max_backups = 1;
    add_copy(1, "new").verified = false;
    add_copy(2, "old");
    add_copy(3, "oldest");
    EXPECT_EQ(reason("old"), Reason::no_verified_newer);
    EXPECT_EQ(reason("oldest"), Reason::over_max_backups);  // "old" stays and is verified
}

TEST_F(Retention, ADamagedCopyProtectsTheOthersOfItsVm) {
    policy.max_backups = 1;
    add_copy(5, "bad").state = BackupState::damaged;
    add_copy(1, "new");
    add_copy(9, "old");
    add_copy(1, "b new", "b");
    add_copy(9, "b old", "b");
    EXPECT_EQ(reason("old"), Reason::other_copy_damaged);
    EXPECT_EQ(verdict("old").blocker, "bad");
    EXPECT_EQ(reason("bad"), Reason::damaged);
    EXPECT_EQ(reason("b old"), Reason::over_max_backups);
}

TEST_F(Retention, ACopyFromTheFutureProtectsTheOthersOfItsVm) {
    policy.max_backups = 1;
    add_copy(-2, "future");
    add_copy(1, "new");
    add_copy(2, "old");
    EXPECT_EQ(reason("old"), Reason::newest_in_future);
    EXPECT_EQ(reason("future"), Reason::within_rules);
}

TEST_F(Retention, NothingIsDeletedWhileTheClockIsInDoubt) {
    policy.max_backups = 1;
    add_copy(1, "new");
    add_copy(2, "old");
    facts.clock_doubt = "the clock jumped ahead by 3 hours";
    EXPECT_EQ(reason("old"), Reason::clock_in_doubt);
    EXPECT_EQ(explain(verdict("old"), policy),
              "kept although its VM has more than MaxBackups (1) backups: the clock may be wrong: the clock jumped "
              "ahead by 3 hours");
    facts.clock_doubt.clear();
    EXPECT_EQ(reason("old"), Reason::over_max_backups);
}

TEST_F(Retention, ADamagedCopyWithoutAVmMayBelongToAnyVm) {
    policy.max_backups = 1;
    add_copy(1, "new");
    add_copy(2, "old");
    auto& unreadable = add_copy(3, "manifest of zeros", "");
    unreadable.state = BackupState::damaged;
    EXPECT_EQ(reason("old"), Reason::some_copy_damaged);
    EXPECT_EQ(verdict("old").blocker, "manifest of zeros");
    facts.backups.back().vm = VmUuid{"b"};
    EXPECT_EQ(reason("old"), Reason::over_max_backups) << "it is known to be another VM's";
    facts.backups.back().vm = VmUuid{"a"};
    EXPECT_EQ(reason("old"), Reason::other_copy_damaged);
}

TEST_F(Retention, NothingIsDeletedWhileLocalPathIsInDoubt) {
    policy.max_backups = 1;
    add_copy(1, "new");
    add_copy(2, "old");
    facts.storage_problem = "its mark is another one";
    EXPECT_EQ(reason("old"), Reason::storage_in_doubt);
    EXPECT_EQ(reason("new"), Reason::within_rules);
}

// The predecessor: 'Backups made by hand show nowhere and count nowhere.'
TEST_F(Retention, ManualAndProtectedCopiesAreNeverDeleted) {
    policy = {1, config::CivilDuration{1, 0s}};
    add_copy(0, "new");
    add_copy(50, "manual").scheduled = false;
    add_copy(60, "protected").is_protected = true;
    EXPECT_EQ(reason("manual"), Reason::manual);
    EXPECT_EQ(reason("protected"), Reason::protected_by_user);
}

TEST_F(Retention, TwoVmsWithOneNameAreEvaluatedSeparately) {
    policy.max_backups = 1;
    add_copy(1, "of a", "a").vm_name = "twin";
    add_copy(2, "of b", "b").vm_name = "twin";
    EXPECT_TRUE(verdict("of b").keep);
    add_copy(3, "of a, renamed since", "a").vm_name = "other";
    EXPECT_FALSE(verdict("of a, renamed since").keep);
}

// The predecessor: "The guard 'refuse to delete more than half' divides by the number of VMs … so nothing is ever
// deleted".
TEST_F(Retention, MoreThanHalfOfAllCompleteBackupsNeedsConfirmation) {
    policy.max_age = config::CivilDuration{30, 0s};
    facts.now = at("2026-12-23 08:00", zone);
    for (int vm = 0; vm < 10; ++vm)
        for (int day = 0; day <= 31; ++day)
            add_copy(day, std::to_string(vm) + "/" + std::to_string(day), std::to_string(vm));
    auto verdicts = evaluate_retention(facts, policy, zone);
    EXPECT_EQ(std::ranges::count(verdicts, false, &Verdict::keep), 20);
    EXPECT_FALSE(needs_confirmation(verdicts));
    policy.max_age = config::CivilDuration{10, 0s};
    EXPECT_TRUE(needs_confirmation(evaluate_retention(facts, policy, zone)));
    EXPECT_FALSE(needs_confirmation({}));
}

TEST_F(Retention, EveryReasonHasANameAndASentence) {
    for (int i = 0; i <= static_cast<int>(Reason::over_max_age); ++i) {
        auto const r = static_cast<Reason>(i);
        EXPECT_NE(name_of(r), "?");
        EXPECT_FALSE(explain(Verdict{.backup = "b", .reason = r}, policy).empty());
    }
}

TEST_F(Retention, CopiesOfAnotherClusterAreKeptAndCountForNothing) {
    policy.max_backups = 1;
    policy.max_age = config::CivilDuration{30, 0s};
    add_copy(0, "new of another").origin = ClusterOrigin::other;
    facts.backups.back().cluster = "hc-2 (10.0.0.9)";
    add_copy(40, "mine");
    add_copy(50, "old of another").origin = ClusterOrigin::other;
    add_copy(60, "old of an unknown one").origin = ClusterOrigin::unknown;
    facts.backups.back().cluster = "10.9.9.9";
    EXPECT_EQ(reason("mine"), Reason::last_good_copy);
    EXPECT_EQ(reason("old of another"), Reason::other_cluster);
    EXPECT_EQ(explain(verdict("new of another"), policy), "kept: it is of another cluster, hc-2 (10.0.0.9)");
    EXPECT_EQ(explain(verdict("old of an unknown one"), policy),
              "kept: it may be of another cluster; its manifest names only the host 10.9.9.9");
}

TEST_F(Retention, ADamagedCopyOfAnotherClusterProtectsNothing) {
    policy.max_backups = 1;
    add_copy(0, "new");
    add_copy(1, "old");
    auto& damaged = add_copy(2, "damaged");
    damaged.state = BackupState::damaged;
    damaged.origin = ClusterOrigin::other;
    EXPECT_FALSE(verdict("old").keep);
}

TEST_F(Retention, CopiesOfAnotherClusterDoNotMakeALargeDeletionLookSmall) {
    policy.max_backups = 1;
    for (int i = 0; i < 4; ++i) add_copy(i, std::to_string(i));
    for (int i = 0; i < 9; ++i) add_copy(i, "other " + std::to_string(i)).origin = ClusterOrigin::other;
    EXPECT_TRUE(needs_confirmation(evaluate_retention(facts, policy, zone)));
}

TEST_F(Retention, AFolderThatWasRenamedByHandIsKeptAndCountsForNothing) {
    policy.max_backups = 2;
    policy.max_age = config::CivilDuration{30, 0s};
    for (int i = 0; i < 4; ++i) add_copy(i, std::to_string(i)).job = static_cast<JobId>(i + 1);
    add_copy(90, "before the upgrade").manifest_name = "90";
    auto& moved = facts.backups[1];
    moved.manifest_name = std::exchange(moved.name, "mine");
    EXPECT_EQ(reason("before the upgrade"), Reason::renamed_by_hand);
    EXPECT_EQ(reason("mine"), Reason::renamed_by_hand);
    EXPECT_TRUE(verdict("mine").keep);
    EXPECT_EQ(verdict("mine").blocker, "1");
    EXPECT_EQ(reason("2"), Reason::within_rules) << "it is the second that counts";
    EXPECT_EQ(reason("3"), Reason::over_max_backups);
}

TEST_F(Retention, ACopyByHandPushesNoBackupOutAndIsNotTheLastGoodOne) {
    policy.max_backups = 2;
    for (int i = 0; i < 2; ++i) add_copy(i, std::to_string(i)).job = static_cast<JobId>(i + 1);
    auto copy = facts.backups[0];
    copy.name = "0 - Copy";
    copy.manifest_name = "0";
    facts.backups.push_back(copy);
    EXPECT_EQ(reason("0"), Reason::within_rules);
    EXPECT_EQ(reason("1"), Reason::within_rules);
    EXPECT_EQ(reason("0 - Copy"), Reason::renamed_by_hand);
    EXPECT_EQ(copied_by_hand(facts.backups), (std::vector<bool>{false, false, true}));
    // With the copy alone, it is the restore point.
    facts.backups.erase(facts.backups.begin());
    EXPECT_EQ(copied_by_hand(facts.backups), (std::vector<bool>{false, false}));
    policy.max_age = config::CivilDuration{0, 1h};
    EXPECT_EQ(reason("1"), Reason::last_good_copy) << "a person may remove the copy at any time";
}

TEST_F(Retention, ADamagedCopyByHandPreventsNothingWhileItsOriginalIsComplete) {
    policy.max_backups = 1;
    for (int i = 0; i < 3; ++i) add_copy(i, std::to_string(i)).job = static_cast<JobId>(i + 1);
    auto copy = facts.backups[0];
    copy.name = "0 - Copy";
    copy.manifest_name = "0";
    copy.state = BackupState::damaged;  // it was interrupted
    facts.backups.push_back(copy);
    EXPECT_EQ(reason("2"), Reason::over_max_backups);
    EXPECT_EQ(reason("0 - Copy"), Reason::damaged);
    facts.backups[0].state = BackupState::damaged;
    EXPECT_EQ(reason("2"), Reason::other_copy_damaged) << "both are";
    facts.backups.erase(facts.backups.begin());
    EXPECT_EQ(reason("2"), Reason::other_copy_damaged) << "it may be all that is left of that backup";
}

TEST_F(Retention, AnotherCaseOfTheNameIsNoRenamingUnlessBothExist) {
    add_copy(1, "NIGHTLY").manifest_name = "nightly";
    EXPECT_EQ(reason("NIGHTLY"), Reason::within_rules);
    add_copy(1, "nightly");
    EXPECT_EQ(reason("NIGHTLY"), Reason::renamed_by_hand);
    EXPECT_EQ(reason("nightly"), Reason::within_rules);
}

TEST(StoredOf, KnowsWhetherTheFolderHasTheNameInItsManifest) {
    Backup backup;
    backup.name = backup.folder = "web (2)";
    backup.manifest.emplace();
    backup.manifest->backup = "web (2)";
    EXPECT_EQ(stored_of(backup).manifest_name, "") << "a numbered name is in the manifest";
    backup.manifest->backup = "web";
    EXPECT_EQ(stored_of(backup).manifest_name, "web");
}

// A broken-off but sound image: its task had expired, and nothing in the files shows that half of the disk is missing.
TEST_F(Retention, ACopyWhoseEndIsNotKnownPushesNoOtherOut) {
    policy.max_backups = 1;
    add_copy(0, "end not seen").end_known = false;
    add_copy(1, "whole");
    EXPECT_EQ(reason("whole"), Reason::within_rules);
    EXPECT_EQ(reason("end not seen"), Reason::end_not_known);
    EXPECT_THAT(explain(verdict("end not seen"), policy), testing::HasSubstr("scale-backupctl accept 'end not seen'"));
    Verdict hostile;
    hostile.backup = "-x;id;#";
    for (auto const asked : {Reason::end_not_known, Reason::not_known}) {
        hostile.reason = asked;
        EXPECT_THAT(explain(hostile, policy), testing::HasSubstr(" -- '-x;id;#'"));
    }
    policy.max_age = config::CivilDuration{0, 1h};
    EXPECT_EQ(reason("whole"), Reason::last_good_copy) << "the newer one is not one to rely on";
    facts.backups.front().end_known = true;
    EXPECT_EQ(reason("whole"), Reason::over_max_age) << "a person accepted the newer one";
    EXPECT_EQ(verdict("whole").leans_on, "end not seen");
}

TEST_F(Retention, ACopyWhoseEndIsNotKnownIsDeletedByTheRulesOnceABetterOneExists) {
    policy.max_backups = 2;
    add_copy(1, "newest");
    add_copy(2, "end not seen").end_known = false;
    add_copy(3, "second");
    add_copy(4, "old, end not seen").end_known = false;
    EXPECT_EQ(reason("end not seen"), Reason::end_not_known) << "it would be the second";
    EXPECT_EQ(reason("second"), Reason::within_rules);
    EXPECT_EQ(reason("old, end not seen"), Reason::over_max_backups);
    EXPECT_EQ(verdict("old, end not seen").leans_on, "newest");
    facts.backups.front().verified = facts.backups[2].verified = false;
    EXPECT_EQ(reason("old, end not seen"), Reason::no_verified_newer);
}

TEST_F(Retention, OnlyCopiesWhoseEndIsNotKnownAreAllKept) {
    policy = {1, config::CivilDuration{30, 0s}};
    for (int i = 0; i < 4; ++i) add_copy(40 + i, std::to_string(i)).end_known = false;
    for (auto const& each : evaluate_retention(facts, policy, zone)) EXPECT_TRUE(each.keep) << each.backup;
    facts.existing = {VmUuid{"another"}};
    EXPECT_EQ(reason("0"), Reason::over_max_age) << "the copies of a deleted VM go by their age";
    EXPECT_EQ(verdict("0").leans_on, "");
}

TEST_F(Retention, AnUnreadableCopyProtectsTheOthersOfItsVm) {
    policy.max_backups = 1;
    add_copy(1, "new").unreadable = true;
    add_copy(2, "old");
    add_copy(1, "b new", "b");
    add_copy(2, "b old", "b");
    EXPECT_EQ(reason("old"), Reason::unreadable_copy);
    EXPECT_EQ(verdict("old").blocker, "new");
    EXPECT_EQ(reason("b old"), Reason::over_max_backups);
    facts.backups.front().unreadable = false;
    EXPECT_EQ(reason("old"), Reason::over_max_backups);
}

TEST_F(Retention, ADeletionReliesOnTheNewestCopyThatIsKeptVerifiedAndNotSetAside) {
    policy.max_backups = 3;
    add_copy(0, "set aside").manifest_name = "its name before";
    add_copy(1, "not verified").verified = false;
    add_copy(2, "end not seen").end_known = false;
    add_copy(3, "relied on");
    add_copy(4, "verified, too");
    add_copy(5, "old");
    EXPECT_EQ(verdict("old").reason, Reason::over_max_backups);
    EXPECT_EQ(verdict("old").leans_on, "relied on");
    for (auto const& each : evaluate_retention(facts, policy, zone))
        if (each.keep) EXPECT_EQ(each.leans_on, "") << each.backup;
}

TEST(StoredOf, KnowsWhetherTheEndOfTheExportIsKnown) {
    Backup backup;
    auto& manifest = backup.manifest.emplace();
    EXPECT_FALSE(stored_of(backup).end_known) << "no task made it";
    manifest.task_tag = TaskTag("4711");
    EXPECT_TRUE(stored_of(backup).end_known) << "of a version that noted no end";
    manifest.adopted.emplace();
    EXPECT_FALSE(stored_of(backup).end_known);
    manifest.adopted.reset();
    manifest.end = ExportEnd::inferred;
    EXPECT_FALSE(stored_of(backup).end_known);
    manifest.accepted = UtcTime{};
    EXPECT_TRUE(stored_of(backup).end_known);
    manifest.accepted.reset();
    manifest.end = ExportEnd::seen;
    EXPECT_TRUE(stored_of(backup).end_known);
}
