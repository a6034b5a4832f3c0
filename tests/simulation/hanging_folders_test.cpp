// A folder of a backup that does not answer is neither gone nor damaged: its VM is not exported again for it, nothing
// of its VM is deleted, and the preview says so with the reason of the clean-up.
#include "tests/simulation/clean_up_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

namespace {

/// A night in which each VM was backed up; it is 20:00, and the window is open.
struct HangingFolders : ::testing::Test {
    ScheduleFixture fixture;

    HangingFolders() { fixture.catalog.keeps_listings = true; }

    void back_up(std::vector<std::string> const& vms) {
        for (auto const& vm : vms) fixture.cluster.add_vm(vm);
        fixture.start();
        fixture.run_until_clock(20h);
        ASSERT_THAT(fixture.cluster.runs, SizeIs(vms.size()));
    }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (auto const& [name, manifest] : fixture.catalog.manifests) all.push_back(name);
        return all;
    }
    void hang(std::vector<std::string> const& folders) {
        fixture.catalog.hanging = {folders.begin(), folders.end()};
        fixture.scheduler->folders_changed();
        fixture.scheduler->check_again();
    }
    void restart() {
        fixture.stop();
        fixture.catalog.forget_listings();
        fixture.start();
    }
    std::size_t exports() const { return fixture.cluster.runs.size(); }
};

/// The same for a clean-up.
struct HangingCopies : CleanUp {
    HangingCopies() { fixture.catalog.keeps_listings = true; }

    void hang(std::string const& folder) {
        fixture.catalog.hanging = {folder};
        fixture.scheduler->folders_changed();
    }
    Verdict verdict(std::string const& backup) {
        auto const retention = fixture.get(fixture.scheduler->clean_up().evaluate()).value();
        auto const found = std::ranges::find(retention.verdicts, backup, &Verdict::backup);
        return found == retention.verdicts.end() ? Verdict() : *found;
    }
    /// What the journal has of it since its job.
    void vouch_for(std::string const& backup) {
        Backup known;
        known.manifest = fixture.catalog.manifests.at(backup);
        auto const copy = trusted_as_claimed(known, TrustSource::job, fixture.time.now());
        fixture.journal.trusted.insert_or_assign(trust_key(copy), copy);
    }
};

}  // namespace

TEST_F(HangingFolders, TheVmCountsAsBackedUpUntilItsInterval) {
    back_up({"A"});
    hang(names());
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 1u);
    fixture.run_until_clock(16h + 59min);
    EXPECT_EQ(exports(), 1u);
    fixture.run_until_clock(20h);
    EXPECT_EQ(exports(), 2u) << "it is due by its interval";
}

TEST_F(HangingFolders, TheSameAfterARestartWhenTheFolderWasNeverRead) {
    back_up({"A"});
    fixture.catalog.hanging = {names().front()};
    restart();
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 1u);
    fixture.run_until_clock(20h);
    EXPECT_EQ(exports(), 2u);
}

TEST_F(HangingFolders, WithoutARowTheJobKnowsTheVm) {
    back_up({"A"});
    fixture.catalog.hanging = {names().front()};
    fixture.stop();
    fixture.catalog.forget_listings();
    fixture.journal.trusted.clear();
    fixture.start();
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 1u);
}

TEST_F(HangingFolders, SeveralAtATimeAreNoReasonEither) {
    back_up({"A", "B", "C"});
    hang(names());
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 3u);
    restart();
    fixture.run_until_clock(17h - 1min);
    EXPECT_EQ(exports(), 3u);
}

TEST_F(HangingFolders, WithMoreThanAreListedNothingIsExported) {
    back_up({"A", "B", "C", "D", "E"});
    hang(names());
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 5u);
    EXPECT_THAT(fixture.alerts.blocked[ports::Blocked::storage], Contains(HasSubstr("do not answer")));
    fixture.catalog.hanging.clear();
    fixture.run_until_clock(16h);
    EXPECT_EQ(exports(), 5u) << "all have a copy of this night";
}

TEST_F(HangingFolders, AWholeLocalPathThatHangsForHoursIsNoReasonEither) {
    back_up({"A"});
    fixture.catalog.be_slow(fixture.time, 3h);
    fixture.scheduler->folders_changed();
    fixture.scheduler->check_again();
    fixture.run_until_clock(2h);
    fixture.catalog.be_slow(fixture.time, 0h);
    fixture.run_until_clock(5h);
    EXPECT_EQ(exports(), 1u);
}

TEST_F(HangingFolders, AnAnswerThatItIsDamagedMakesTheVmDue) {
    back_up({"A"});
    hang(names());
    fixture.run_until_clock(21h);
    ASSERT_EQ(exports(), 1u);
    fixture.catalog.altered.insert(names().front());
    hang({});
    fixture.run_until_clock(22h);
    EXPECT_EQ(exports(), 2u);
}

TEST_F(HangingFolders, ThatItWasDamagedBeforeStaysProven) {
    back_up({"A"});
    EXPECT_TRUE(fixture.get(fixture.scheduler->set_paused(true)));
    fixture.catalog.altered.insert(names().front());
    fixture.scheduler->folders_changed();
    ASSERT_TRUE(fixture.get(fixture.scheduler->gather()));
    hang(names());
    ASSERT_TRUE(fixture.get(fixture.scheduler->gather()));
    EXPECT_TRUE(fixture.get(fixture.scheduler->set_paused(false)));
    fixture.run_until_clock(21h);
    EXPECT_EQ(exports(), 2u);
}

TEST_F(HangingFolders, ACopyThatWaitsForAcceptanceKeepsItsCondition) {
    back_up({"A"});
    auto const name = names().front();
    fixture.catalog.manifests.at(name).end = ExportEnd::inferred;
    fixture.scheduler->folders_changed();
    ASSERT_TRUE(fixture.get(fixture.scheduler->gather()));
    ASSERT_TRUE(fixture.condition(ConditionKind::export_end_not_seen, name));
    hang({name});
    ASSERT_TRUE(fixture.get(fixture.scheduler->gather()));
    EXPECT_TRUE(fixture.condition(ConditionKind::export_end_not_seen, name));
}

TEST_F(HangingCopies, NothingOfItsVmIsDeletedAndThePreviewSaysSo) {
    two_vms_with_old_copies();
    fixture.start();
    ASSERT_FALSE(verdict("a old").keep);
    hang("a new 2");
    EXPECT_EQ(verdict("a old").reason, Reason::unanswered_copy);
    EXPECT_EQ(verdict("a old").blocker, "a new 2");
    EXPECT_EQ(verdict("a new 2").reason, Reason::unanswered);
    EXPECT_FALSE(verdict("b old").keep);
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("b old"));
    EXPECT_THAT(pruned.problems, Contains(HasSubstr("'a new 2' of this VM does not answer")));
    fixture.catalog.hanging.clear();
    fixture.scheduler->folders_changed();
    EXPECT_THAT(prune().deleted, ElementsAre("a old"));
}

TEST_F(HangingCopies, AfterARestartTheJournalKnowsTheVm) {
    auto const [a, b] = two_vms_with_old_copies();
    vouch_for("a new 2");
    fixture.catalog.hanging = {"a new 2"};
    fixture.start();
    auto const listed = fixture.backups();
    auto const silent = std::ranges::find(listed, "a new 2", &Backup::name);
    ASSERT_NE(silent, listed.end());
    ASSERT_TRUE(silent->manifest);
    EXPECT_EQ(silent->manifest->vm_uuid, a);
    EXPECT_EQ(silent->state, BackupState::unverified);
    EXPECT_EQ(verdict("a old").reason, Reason::unanswered_copy);
    EXPECT_FALSE(verdict("b old").keep);
    EXPECT_THAT(prune().deleted, ElementsAre("b old"));
}

TEST_F(HangingCopies, OneThatNothingIsKnownOfMayBelongToAnyVm) {
    two_vms_with_old_copies();
    fixture.catalog.folders.insert("by hand");
    fixture.catalog.hanging = {"by hand"};
    fixture.start();
    EXPECT_EQ(verdict("a old").reason, Reason::some_copy_unanswered);
    EXPECT_EQ(verdict("b old").reason, Reason::some_copy_unanswered);
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, IsEmpty());
    EXPECT_THAT(pruned.problems, Contains(HasSubstr("'by hand' does not answer")));
}

TEST_F(HangingCopies, OneThatBeginsToHangDuringTheCleanUpKeepsItsVmsCopies) {
    two_vms_with_old_copies();
    fixture.start();
    fixture.catalog.on_read = [this](std::string const& backup) {
        if (backup.starts_with("a ")) fixture.catalog.hanging = {"a new 3"};
    };
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("b old"));
    EXPECT_THAT(pruned.problems, Contains(HasSubstr("it does not answer")));
}

TEST_F(HangingCopies, WithoutTheJournalNothingIsKnownAndNothingIsDeleted) {
    two_vms_with_old_copies();
    fixture.catalog.hanging = {"a new 2"};
    fixture.start();
    EXPECT_EQ(verdict("a old").reason, Reason::some_copy_unanswered);
    EXPECT_THAT(prune().deleted, IsEmpty());
}
