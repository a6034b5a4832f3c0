// A deletion leans on a newer copy, which is read before; and what people and jobs do with copies during a clean-up
// counts.
#include "tests/simulation/clean_up_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <exception>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

TEST_F(CleanUp, TheNewestCopyIsReadBeforeAnOlderOneIsDeleted) {
    two_vms_with_old_copies();
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("a old", "b old"));
    EXPECT_THAT(fixture.catalog.readings, ElementsAre("a new 0", "b new 0"));
    ASSERT_EQ(fixture.journal.deleted.size(), 2u) << "they can be taken back";
    EXPECT_EQ(fixture.journal.deleted.front().backup, "a old");
    EXPECT_EQ(fixture.journal.deleted.front().why, "it is older than MaxAge (30 days)");
}

TEST_F(CleanUp, NothingOfAVmIsDeletedWhileItsNewestCopyCannotBeRead) {
    auto const [a, b] = two_vms_with_old_copies();
    add_copy("a older", a, 61);
    fixture.catalog.cannot_read["a new 0"] = Error{Errc::io, "reading 'disk.qcow2': Input/output error"};
    fixture.start();
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("b old"));
    EXPECT_THAT(pruned.problems, ElementsAre(AllOf(HasSubstr("'VM of a old'"), HasSubstr("'a new 0' cannot be read"),
                                                   HasSubstr("Input/output error"))));
    EXPECT_THAT(unreadable(), ElementsAre("a new 0"));
    EXPECT_EQ(std::ranges::count(fixture.catalog.readings, "a new 0"), 1) << "one reading is enough";
    auto const retention = fixture.get(fixture.scheduler->clean_up().evaluate());
    for (auto const& verdict : retention->verdicts) {
        if (verdict.backup == "a old") EXPECT_EQ(verdict.reason, Reason::unreadable_copy);
        EXPECT_TRUE(verdict.keep) << verdict.backup << ": a dry run says what prune does";
    }
    fixture.catalog.cannot_read.clear();
    fixture.time.run_for(61min);
    EXPECT_THAT(prune().deleted, ElementsAre("a old", "a older")) << "the network was back";
    EXPECT_THAT(unreadable(), IsEmpty());
}

TEST_F(CleanUp, ANewerCopyThatWasChangedSinceItWasReadIsReadAgainBeforeTheNextDeletion) {
    auto const [a, b] = two_vms_with_old_copies();
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("a old", "b old"));
    add_copy("a older", a, 61);
    add_copy("b older", b, 61);
    fixture.time.run_for(1min);
    fixture.catalog.states["a new 0"] = "overwritten";
    fixture.catalog.cannot_read["a new 0"] = Error{Errc::damaged_backup, "it is not a qcow2 image"};
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("b older")) << "its newer copy was read a minute ago, and is unchanged";
    EXPECT_TRUE(fixture.catalog.folders.contains("a older"));
    EXPECT_THAT(unreadable(), ElementsAre("a new 0"));
    EXPECT_EQ(std::ranges::count(fixture.catalog.readings, "b new 0"), 1);
}

TEST_F(CleanUp, ADamagedNewestCopyThatNoVerificationHasFoundYetPreventsDeletions) {
    two_vms_with_old_copies();
    fixture.catalog.cannot_read["a new 0"] = Error{Errc::damaged_backup, "the tables of 'disk.qcow2' have changed"};
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("b old"));
    EXPECT_THAT(unreadable(), ElementsAre("a new 0"));
}

TEST_F(CleanUp, AnotherLocalPathThatAppearsWhileTheNewerCopyIsReadEndsTheDeletions) {
    two_vms_with_old_copies();
    fixture.journal.facts["storage_mark"] = fixture.catalog.mark = "the mark";
    fixture.catalog.on_read = [&](std::string const&) { fixture.catalog.mark = "another mark"; };
    fixture.start();
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, IsEmpty());
    EXPECT_THAT(pruned.problems, ElementsAre(HasSubstr("may not be where the backups were written")));
}

/// After a first deletion nothing else has to be asked again, so only the look at LocalPath itself notices it.
TEST_F(CleanUp, AnotherLocalPathThatAppearsBetweenTwoDeletionsEndsThem) {
    two_vms_with_old_copies();
    fixture.journal.facts["storage_mark"] = fixture.catalog.mark = "the mark";
    fixture.catalog.on_read = [&](std::string const& name) {
        if (name == "b new 0") fixture.catalog.mark = "another mark";
    };
    fixture.start();
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("a old"));
    EXPECT_THAT(pruned.problems, ElementsAre(HasSubstr("may not be where the backups were written")));
    EXPECT_TRUE(fixture.catalog.folders.contains("b old"));
}

TEST_F(CleanUp, ADamagedFolderThatAPersonCopiedFromACompleteBackupPreventsNothing) {
    two_vms_with_old_copies();
    auto copied = fixture.catalog.manifests["a new 0"];
    fixture.catalog.folders.insert("a new 0 - Copy");
    fixture.catalog.manifests["a new 0 - Copy"] = copied;
    fixture.catalog.altered.insert("a new 0 - Copy");
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("a old", "b old")) << "an interrupted copy: the original is complete";
    EXPECT_TRUE(fixture.catalog.folders.contains("a new 0 - Copy"));
}

TEST_F(CleanUp, PruneSaysWhichDamagedBackupKeepsTheOthers) {
    two_vms_with_old_copies();
    fixture.catalog.altered.insert("b new 1");
    fixture.catalog.folders.insert("junk");
    fixture.catalog.unreadable["junk"] = VmUuid{};
    fixture.start();
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, IsEmpty());
    EXPECT_THAT(pruned.problems,
                UnorderedElementsAre(AllOf(HasSubstr("'a old' is kept although"), HasSubstr("'junk' is damaged")),
                                     AllOf(HasSubstr("'b old' is kept although"), HasSubstr("'b new 1' of this VM"))));
    EXPECT_TRUE(fixture.condition(ConditionKind::copy_damaged, "junk"));
    EXPECT_TRUE(fixture.condition(ConditionKind::copy_damaged, "b new 1"));
}

TEST_F(CleanUp, CopiesRemovedByHandDuringALongCleanUpAreMissed) {
    auto const a = fixture.cluster.vms.front().uuid;
    fixture.settings.policy = {};
    fixture.settings.policy.max_backups = 2;
    for (auto const& [name, age] : {std::pair{"new 0", 1}, {"new 1", 2}, {"old 2", 3}, {"old 3", 4}, {"old 4", 5}})
        add_copy(name, a, age);
    fixture.catalog.on_remove = [&](std::string const&) { remove_folder("new 0"); };
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("old 2", "old 4")) << "'old 3' is now one of the two to keep";
}

TEST_F(CleanUp, WithTheNewestCopiesRemovedByHandTheLastOneStays) {
    auto const a = fixture.cluster.vms.front().uuid;
    fixture.settings.policy = {};
    fixture.settings.policy.max_backups = 1;
    for (auto const& [name, age] : {std::pair{"new", 1}, {"old 1", 2}, {"old 2", 3}}) add_copy(name, a, age);
    fixture.catalog.on_remove = [&](std::string const&) { remove_folder("new"); };
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("old 1"));
    EXPECT_TRUE(fixture.catalog.folders.contains("old 2"));
}

TEST_F(CleanUp, ACopyRemovedByHandWhileItIsReadIsNotReliedOn) {
    two_vms_with_old_copies();
    fixture.catalog.on_read = [&](std::string const& name) {
        if (name == "a new 0") remove_folder(name);
    };
    fixture.start();
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("a old", "b old"));
    EXPECT_THAT(pruned.problems, IsEmpty());
    EXPECT_THAT(fixture.catalog.readings, ElementsAre("a new 0", "a new 1", "b new 0"));
    EXPECT_THAT(unreadable(), IsEmpty());
}

TEST_F(CleanUp, WhatAPersonDoesWithACopyWhileTheNewerOneIsReadCounts) {
    auto const [a, b] = two_vms_with_old_copies();
    add_copy("a renamed", a, 61);
    auto& catalog = fixture.catalog;
    catalog.on_read = [&](std::string const&) {
        if (catalog.manifests.contains("a old")) catalog.manifests["a old"].is_protected = true;
        if (!catalog.folders.erase("a renamed")) return;
        catalog.folders.insert("kept for the audit");
        catalog.manifests["kept for the audit"] = catalog.manifests.extract("a renamed").mapped();
    };
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("b old"));
    EXPECT_TRUE(catalog.folders.contains("kept for the audit"));
}

TEST_F(CleanUp, ABackupThatARestoreUsesIsNotDeleted) {
    two_vms_with_old_copies();
    fixture.start();
    auto const restore = fixture.get(fixture.engine->submit_restore("a old", "restored"));
    ASSERT_TRUE(restore) << restore.error().context;
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("b old"));
    EXPECT_THAT(pruned.problems, ElementsAre(AllOf(HasSubstr("'a old' is in use"), HasSubstr("next clean-up"))));
}

TEST_F(CleanUp, ARestoreThatStartsDuringTheCleanUpKeepsItsBackup) {
    two_vms_with_old_copies();
    auto& leases = fixture.engine->leases();
    std::optional<engine::Leases::Lease> restore;
    bool was_refused = false;
    fixture.catalog.on_read = [&](std::string const& name) {
        if (name != "a new 0") return;
        was_refused = !leases.share("a old");
        restore = leases.share("b old");
    };
    fixture.start();
    EXPECT_THAT(prune().deleted, ElementsAre("a old"));
    EXPECT_TRUE(was_refused) << "its deletion had begun";
    restore.reset();
    EXPECT_THAT(prune().deleted, ElementsAre("b old"));
}

TEST_F(CleanUp, TheCopyThatIsReliedOnMayBeReadButNotBeDeletedMeanwhile) {
    two_vms_with_old_copies();
    auto& leases = fixture.engine->leases();
    auto const restore = leases.share("a new 0");
    auto const deletion = leases.take("b new 0");
    fixture.catalog.on_remove = [&](std::string const&) {
        EXPECT_TRUE(leases.share("a new 1") && !leases.take("a new 0"));
    };
    fixture.start();
    auto const pruned = prune();
    EXPECT_THAT(pruned.deleted, ElementsAre("a old"));
    EXPECT_THAT(pruned.problems, ElementsAre(HasSubstr("'b old' is kept until the next clean-up")));
    EXPECT_FALSE(leases.is_in_use("a old"));
}

// A broken-off but sound image: its task had expired, and LostOrder has passed.
TEST_F(CleanUp, AnExportWhoseEndWasNotSeenReplacesNoBackup) {
    auto const a = fixture.cluster.vms.front().uuid;
    fixture.settings.policy = {};
    fixture.settings.policy.max_backups = 1;
    add_copy("whole", a, 2);
    add_copy("end not seen", a, 1);
    fixture.catalog.manifests["end not seen"].end = ExportEnd::inferred;
    fixture.start();
    EXPECT_THAT(prune().deleted, IsEmpty());
    ASSERT_TRUE(fixture.get(fixture.shown.accept("end not seen")));
    EXPECT_THAT(prune().deleted, ElementsAre("whole")) << "a person has booted it";
}
