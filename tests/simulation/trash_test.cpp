// The trash: what is deleted can be taken back for a day, goes before that when its room is needed, and no crash, full
// disk or unmounted share turns that into a loss or into something that fills LocalPath unnoticed.
#include "daemon/engine/trash.hpp"
#include "tests/simulation/trash_fixture.hpp"

#include <gmock/gmock.h>

#include <memory>
#include <optional>

namespace sb::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(TrashTest, ADeletedBackupWaitsADayAndIsThenRemoved) {
    make("b");
    ASSERT_TRUE(remove("b"));
    EXPECT_FALSE(catalog.folders.contains("b"));
    ASSERT_EQ(trash->entries().size(), 1u);
    auto const row = trash->entries()[0];
    EXPECT_EQ(row.backup, "b");
    EXPECT_EQ(row.vm, VmUuid("vm-1"));
    EXPECT_EQ(row.vm_name, "FILE01");
    EXPECT_EQ(row.cluster_uuid, "cluster-1");
    EXPECT_EQ(row.installation, "mine");
    EXPECT_EQ(row.size_bytes, gib);
    EXPECT_EQ(row.deleted, time.now());
    EXPECT_EQ(row.why, "asked for by root");
    EXPECT_THAT(journal.deleted, ElementsAre(row));
    time.run_for(24h - 1ms);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre("b"));
    time.run_for(1ms);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
    EXPECT_THAT(catalog.emptied, ElementsAre("b"));
    EXPECT_THAT(catalog.trash, IsEmpty());
    EXPECT_THAT(journal.deleted, IsEmpty());
}

TEST_F(TrashTest, ABackupIsTakenBackUnderItsNameAndProtected) {
    make_and_remove("b");
    EXPECT_EQ(*get(trash->undelete("b")), "b");
    EXPECT_TRUE(catalog.manifests.at("b").is_protected);
    EXPECT_THAT(waiting(), IsEmpty());
    EXPECT_THAT(journal.deleted, IsEmpty());
    time.run_for(48h);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_TRUE(catalog.folders.contains("b"));
    EXPECT_EQ(get(trash->undelete("b")).error().code, Errc::not_found);
}

TEST_F(TrashTest, OfTwoWithTheSameNameTheLastDeletedIsTakenBackAndTheOtherByItsEntry) {
    make_and_remove("b", 1);
    make_and_remove("b", 2);
    EXPECT_EQ(trash->entries()[0].size_bytes, 2u) << "newest first";
    auto const older = trash->entries()[1].entry;
    ASSERT_TRUE(get(trash->undelete("b")));
    ASSERT_EQ(waiting().size(), 1u);
    EXPECT_EQ(trash->entries()[0].entry, older);
    EXPECT_EQ(get(trash->undelete(older)).error().code, Errc::name_in_use);
    EXPECT_EQ(waiting().size(), 1u) << "the entry stays";
    catalog.folders.erase("b");
    catalog.manifests.erase("b");
    EXPECT_EQ(*get(trash->undelete(older)), "b");
}

TEST_F(TrashTest, WhatCannotBeTakenBackNowStays) {
    make_and_remove("b");
    catalog.untrashing_fails = Error{Errc::io, "no"};
    EXPECT_EQ(get(trash->undelete("b")).error().code, Errc::io);
    catalog.untrashing_fails.reset();
    EXPECT_TRUE(get(trash->undelete("b")));
}

TEST_F(TrashTest, WithoutWaitingABackupIsGone) {
    make("a");
    make("b");
    ASSERT_TRUE(remove("a", true));
    undelete_for = 0ms;
    ASSERT_TRUE(remove("b"));
    EXPECT_THAT(catalog.removed, ElementsAre("a", "b"));
    EXPECT_THAT(catalog.trash, IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
    EXPECT_EQ(journal.writes, 0);
}

TEST_F(TrashTest, WhatWaitsGoesOnceWaitingIsSwitchedOff) {
    make_and_remove("b");
    undelete_for = 0ms;
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(catalog.emptied, ElementsAre("b"));
}

TEST_F(TrashTest, RefusalsOfTheCatalogLeaveTheBackupAndNoRow) {
    auto backup = make("b");
    catalog.manifests["b"].is_protected = true;
    EXPECT_EQ(get(trash->remove(backup, "x", false)).error().code, Errc::refused);
    EXPECT_TRUE(catalog.folders.contains("b"));
    EXPECT_THAT(journal.deleted, IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(TrashTest, NothingIsRemovedWhileTheClockIsInDoubt) {
    make_and_remove("b");
    time.run_for(48h);
    clock_in_doubt = true;
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre("b"));
    clock_in_doubt = false;
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(TrashTest, NothingIsRemovedForItsAgeWhileAnotherInstallationMakesTheBackups) {
    make_and_remove("b");
    time.run_for(48h);
    objection = "another installation makes the backups";
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre("b"));
    EXPECT_THAT(catalog.emptied, IsEmpty());
    objection.clear();
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(TrashTest, WhatWasDeletedWhileTheClockWasYearsAheadWaitsOneDayFromNow) {
    time.jump_wall_clock(24h * 365 * 5);
    make_and_remove("b");
    time.jump_wall_clock(-24h * 365 * 5);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre("b"));
    EXPECT_EQ(journal.deleted.at(0).deleted, time.now()) << "recorded: a restart does not prolong it";
    time.run_for(24h);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(TrashTest, WhatWasDeletedWhileTheClockWasBehindStillWaitsADay) {
    make_and_remove("b");
    time.jump_wall_clock(24h * 30);  // corrected by NTP
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre("b")) << "it was deleted a minute ago";
    time.run_for(24h);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(TrashTest, WhileTheClockIsInDoubtNoTimeIsCorrected) {
    make_and_remove("b");
    auto const deleted = journal.deleted.at(0).deleted;
    time.jump_wall_clock(-24h * 10);
    clock_in_doubt = true;
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_EQ(journal.deleted.at(0).deleted, deleted) << "with the right clock it would have expired long ago";
}

TEST_F(TrashTest, AJournalThatCannotBeReadAtTheStartIsReadLater) {
    make_and_remove("b");
    journal.unreadable_facts["installation"] = Error{Errc::io, "disk I/O error"};
    trash = std::make_unique<engine::Trash>(dependencies());
    EXPECT_FALSE(get(trash->load()));
    EXPECT_FALSE(get(trash->undelete("b")));
    journal.unreadable_facts.clear();
    ASSERT_TRUE(get(trash->undelete("b"))) << "without a restart";
    EXPECT_TRUE(catalog.folders.contains("b"));
}

TEST_F(TrashTest, OneEntryThatCannotBeRemovedIsReportedAndStays) {
    make_and_remove("b");
    time.run_for(24h);
    catalog.emptying_fails = Error{Errc::io, "Input/output error"};
    EXPECT_THAT(get(trash->remove_expired()), ElementsAre(testing::AllOf(HasSubstr("'b'"), HasSubstr("Input/output"))));
    EXPECT_THAT(waiting(), ElementsAre("b"));
    catalog.emptying_fails.reset();
    catalog.remains["b"] = "some files remain";
    EXPECT_THAT(get(trash->remove_expired()), ElementsAre(HasSubstr("some files remain")));
    EXPECT_THAT(waiting(), IsEmpty()) << "it is deleted";
}

// A crash between any two steps.

TEST_F(TrashTest, ACrashAfterTheRowAndBeforeTheMoveLeavesTheBackupAndNoEntry) {
    make("b");
    core::DeletedBackup row;
    row.entry = "deleted-7";
    row.backup = "b";
    row.manifest = core::identity_of(catalog.manifests.at("b"));
    auto earlier = row;  // recorded by an earlier version
    earlier.entry = "deleted-6";
    earlier.manifest.clear();
    earlier.vm = VmUuid("vm-1");
    journal.deleted = {row, earlier};
    start();
    EXPECT_THAT(waiting(), IsEmpty());
    EXPECT_THAT(journal.deleted, IsEmpty());
    EXPECT_TRUE(catalog.folders.contains("b"));
}

TEST_F(TrashTest, ACrashAfterTheMoveLeavesAnEntryThatCanBeTakenBack) {
    make_and_remove("b");
    start();
    EXPECT_THAT(waiting(), ElementsAre("b"));
    EXPECT_EQ(trash->reclaimable_bytes(), gib);
    EXPECT_EQ(*get(trash->undelete("b")), "b");
}

TEST_F(TrashTest, ARowThatCouldNotBeForgottenIsDroppedAtTheNextStart) {
    make_and_remove("b");
    journal.full = true;
    EXPECT_EQ(*get(trash->undelete("b")), "b") << "it is back";
    EXPECT_THAT(waiting(), IsEmpty());
    ASSERT_EQ(journal.deleted.size(), 1u);
    journal.full = false;
    start();
    EXPECT_THAT(waiting(), IsEmpty());
    EXPECT_THAT(journal.deleted, IsEmpty());
    EXPECT_TRUE(catalog.folders.contains("b"));
}

TEST_F(TrashTest, WithoutItsFileSystemTheTrashForgetsNothing) {
    make_and_remove("b");
    auto const there = catalog.trash;
    catalog.trash.clear();
    catalog.mark.clear();
    start();
    EXPECT_THAT(waiting(), ElementsAre("b"));
    time.run_for(48h);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    ASSERT_TRUE(get(trash->make_room(1ull << 60)));
    EXPECT_EQ(get(trash->undelete("b")).error().code, Errc::not_found);
    EXPECT_THAT(waiting(), ElementsAre("b"));
    EXPECT_EQ(journal.deleted.size(), 1u);
    catalog.trash = there;
    catalog.mark = "the share";
    EXPECT_EQ(*get(trash->undelete("b")), "b");
}

TEST_F(TrashTest, ATrashThatCannotBeListedAtTheStartForgetsNothing) {
    make_and_remove("b");
    catalog.trash_unreadable = Error{Errc::io, "no"};
    start();
    EXPECT_THAT(waiting(), ElementsAre("b"));
}

TEST_F(TrashTest, EntriesOfAnotherDaemonAreNeitherOfferedNorTouched) {
    catalog.trash["deleted-99"].folder = "planted";
    core::DeletedBackup theirs;
    theirs.entry = "deleted-98";
    theirs.backup = "theirs";
    theirs.installation = "another one";
    journal.deleted.push_back(theirs);
    catalog.trash["deleted-98"].folder = "theirs";
    start();
    make_and_remove("b");
    EXPECT_THAT(waiting(), ElementsAre("b"));
    EXPECT_EQ(get(trash->undelete("theirs")).error().code, Errc::not_found);
    EXPECT_EQ(get(trash->undelete("deleted-99")).error().code, Errc::not_found);
    time.run_for(24h * 30);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    ASSERT_TRUE(get(trash->make_room(1ull << 60)));
    EXPECT_EQ(catalog.trash.size(), 2u);
    EXPECT_THAT(journal.deleted, ElementsAre(theirs));
}

// Full disks.

TEST_F(TrashTest, ARowThatCannotBeWrittenPreventsTheDeletion) {
    make("b");
    journal.full = true;
    EXPECT_EQ(remove("b").error().code, Errc::no_space);
    EXPECT_TRUE(catalog.folders.contains("b"));
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(TrashTest, IfTheJournalIsOnTheSameFullDiskTheDeletionMakesRoomImmediately) {
    make("b");
    journal.full = true;
    catalog.room = {0, 1000 * gib};
    ASSERT_TRUE(remove("b"));
    EXPECT_FALSE(catalog.folders.contains("b"));
    EXPECT_THAT(catalog.trash, IsEmpty());
    EXPECT_EQ(catalog.room.free_bytes, gib);
}

TEST_F(TrashTest, ADiskThatIsTooFullForTheTrashDeletesWithoutIt) {
    make("b");
    catalog.trashing_fails = Error{Errc::no_space, "No space left on device"};
    ASSERT_TRUE(remove("b"));
    EXPECT_FALSE(catalog.folders.contains("b"));
    EXPECT_THAT(catalog.removed, ElementsAre("b"));
    EXPECT_THAT(journal.deleted, IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(TrashTest, AnyOtherFailureOfTheMoveDeletesNothing) {
    make("b");
    catalog.trashing_fails = Error{Errc::io, "Input/output error"};
    EXPECT_EQ(remove("b").error().code, Errc::io);
    EXPECT_TRUE(catalog.folders.contains("b"));
    EXPECT_THAT(journal.deleted, IsEmpty());
}

TEST_F(TrashTest, AnEntryThatIsBeingRemovedIsNotOfferedAndADeletionDoesNotWaitForIt) {
    make_and_remove("a");
    auto const b = make("b");
    std::optional<Error> refused;
    catalog.on_empty = [&](std::string const&) {
        EXPECT_THAT(waiting(), IsEmpty());
        asio::co_spawn(io, trash->undelete("a"), [&](std::exception_ptr, Result<std::string> back) {
            if (!back) refused = back.error();
        });
        asio::co_spawn(io, trash->remove(b, "x", false), [](std::exception_ptr, auto const&) {});
    };
    catalog.emptying_takes = 1h;
    catalog.be_slow(time, 0ms);
    std::optional<std::vector<std::string>> problems;
    time.run_for(24h);
    asio::co_spawn(io, trash->remove_expired(),
                   [&](std::exception_ptr, std::vector<std::string> done) { problems = std::move(done); });
    time.run_for(1min);
    ASSERT_TRUE(refused);
    EXPECT_EQ(refused->code, Errc::refused);
    EXPECT_FALSE(problems);
    EXPECT_THAT(waiting(), ElementsAre("b"));
    time.run_for(1h);
    EXPECT_TRUE(problems);
    EXPECT_THAT(catalog.emptied, ElementsAre("a"));
    EXPECT_THAT(waiting(), ElementsAre("b"));
}

}  // namespace
}  // namespace sb::test
