// What waits in the trash counts as free, and goes when an export needs the room.
#include "daemon/core/storage_space.hpp"
#include "tests/simulation/engine_fixture.hpp"
#include "tests/simulation/trash_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

TEST_F(TrashTest, WhatIsInTheTrashCountsAsFreeAndIsNamed) {
    core::StorageSpace space{10 * gib, 2000 * gib, 4 * gib};
    space.reclaimable_bytes = 20 * gib;
    EXPECT_FALSE(why_no_space(space, 25 * gib));
    auto const text = why_no_space(space, 25 * gib + 1);
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("25 GiB are free"), std::string::npos) << *text;
    EXPECT_NE(text->find("20 GiB of deleted backups in the trash"), std::string::npos) << *text;
    EXPECT_EQ(free_bytes_for(space, 25 * gib), 30 * gib) << "with the reserve and what running exports need";
    space.reclaimable_bytes = 0;
    EXPECT_FALSE(why_no_space(space, 5 * gib));
    EXPECT_EQ(why_no_space(space, 6 * gib)->find("trash"), std::string::npos);
    space.free_bytes = free_bytes_for(space, 25 * gib);
    EXPECT_FALSE(why_no_space(space, 25 * gib));
    --space.free_bytes;
    EXPECT_TRUE(why_no_space(space, 25 * gib));
}

TEST_F(TrashTest, RoomIsMadeOldestFirstAndNoMoreThanIsNeeded) {
    catalog.room = {0, 1000 * gib};
    for (auto const* name : {"a", "b", "c"}) make_and_remove(name, 10 * gib);
    EXPECT_EQ(trash->reclaimable_bytes(), 30 * gib);
    ASSERT_TRUE(get(trash->make_room(15 * gib)));
    EXPECT_THAT(catalog.emptied, ElementsAre("a", "b"));
    EXPECT_THAT(waiting(), ElementsAre("c"));
    EXPECT_EQ(trash->reclaimable_bytes(), 10 * gib);
    auto const before = time.steady_now();
    ASSERT_TRUE(get(trash->make_room(20 * gib))) << "it is free already";
    EXPECT_EQ(time.steady_now(), before);
    EXPECT_THAT(waiting(), ElementsAre("c"));
}

TEST_F(TrashTest, NothingIsRemovedForRoomThatCannotBeMade) {
    catalog.room = {0, 1000 * gib};
    for (auto const* name : {"sparse", "linked"}) catalog.frees[name] = gib;
    for (auto const* name : {"sparse", "linked"}) make_and_remove(name, 10 * gib);
    EXPECT_EQ(trash->reclaimable_bytes(), 2 * gib) << "what the disk has of them, not their sizes";
    ASSERT_TRUE(get(trash->make_room(3 * gib)));
    EXPECT_THAT(catalog.emptied, IsEmpty());
    ASSERT_TRUE(get(trash->make_room(2 * gib)));
    EXPECT_THAT(catalog.emptied, ElementsAre("sparse", "linked"));
}

TEST_F(TrashTest, RoomIsMadeWhileTheClockIsInDoubt) {
    catalog.room = {0, 1000 * gib};
    make_and_remove("a", 10 * gib);
    clock_in_doubt = true;
    ASSERT_TRUE(get(trash->make_room(gib)));
    EXPECT_THAT(catalog.emptied, ElementsAre("a"));
}

TEST_F(TrashTest, RoomThatTheFileSystemShowsLaterIsWaitedForAndNothingElseIsRemoved) {
    catalog.room = {0, 1000 * gib};
    for (auto const* name : {"a", "b"}) make_and_remove(name, 10 * gib);
    catalog.frees_late = true;
    std::optional<Result<void>> made;
    asio::co_spawn(io, trash->make_room(10 * gib), [&](std::exception_ptr, Result<void> done) { made = done; });
    time.run_for(20s);
    EXPECT_FALSE(made);
    catalog.show_freed();
    time.run_for(2s);
    ASSERT_TRUE(made && *made);
    EXPECT_THAT(catalog.emptied, ElementsAre("a"));
}

TEST_F(TrashTest, RoomThatNeverAppearsIsWaitedForAMinuteInAll) {
    catalog.room = {0, 1000 * gib};
    for (auto const* name : {"a", "b", "c"}) make_and_remove(name, 10 * gib);
    catalog.frees_late = true;
    auto const before = time.steady_now();
    ASSERT_TRUE(get(trash->make_room(10 * gib)));
    EXPECT_LE(time.steady_now() - before, 1min);
    EXPECT_THAT(catalog.emptied, ElementsAre("a", "b", "c")) << "they may be smaller than they count";
}

TEST_F(TrashTest, TwoExportsThatNeedRoomDoNotTakeEachOthersRemovalForNone) {
    catalog.room = {0, 1000 * gib};
    for (auto const* name : {"a", "b", "c"}) make_and_remove(name, 10 * gib);
    catalog.be_slow(time, 0ms);
    catalog.emptying_takes = 10min;
    std::optional<Result<void>> first, second;
    auto const note = [](std::optional<Result<void>>& made) {
        return [&made](std::exception_ptr, Result<void> done) { made = std::move(done); };
    };
    asio::co_spawn(io, trash->make_room(10 * gib), note(first));
    asio::co_spawn(io, trash->make_room(10 * gib), note(second));
    time.run_for(9min);
    EXPECT_FALSE(first || second) << "the second one needs what the first one frees";
    time.run_for(30min);
    EXPECT_TRUE(first && second);
    EXPECT_THAT(catalog.emptied, ElementsAre("a")) << "one is enough for both, until an export takes it";
}

TEST_F(TrashTest, NothingIsWaitedForIfNothingWasRemoved) {
    catalog.room = {0, 1000 * gib};
    auto const before = time.steady_now();
    ASSERT_TRUE(get(trash->make_room(gib)));
    make("a", 10 * gib);
    ASSERT_TRUE(remove("a"));
    catalog.emptying_fails = Error{Errc::io, "no"};
    ASSERT_TRUE(get(trash->make_room(gib)));
    EXPECT_EQ(time.steady_now(), before);
    EXPECT_THAT(waiting(), ElementsAre("a"));
}

TEST_F(TrashTest, AVmWhoseBackupWasDeletedAfterTheListingMayHaveNoOtherOne) {
    catalog.room = {0, 1000 * gib};
    make_and_remove("a", 10 * gib);
    engine::RoomUse use;
    use.vm = VmUuid("vm-1");
    use.with_backups = {{VmUuid("vm-1"), "cluster-1"}};
    use.listed = time.steady_now();
    make_and_remove("b", 10 * gib);
    ASSERT_TRUE(get(trash->make_room(gib, 0, use)));
    EXPECT_THAT(catalog.emptied, IsEmpty());
    use.listed = SteadyTime::max();
    ASSERT_TRUE(get(trash->make_room(gib, 0, use)));
    EXPECT_THAT(catalog.emptied, ElementsAre("a"));
}

/// Two VMs with 10 GiB of data each, and a backup of 20 GiB in the trash.
struct RoomForExports : ::testing::Test {
    static constexpr std::uint64_t gib = 1ull << 30;
    EngineFixture fixture;

    void SetUp() override {
        for (auto const* name : {"A", "B"}) fixture.cluster.add_vm(name);
        for (auto& vm : fixture.cluster.vms)
            vm.disks = {{.uuid = DiskUuid("d"),
                         .type = "VIRTIO_DISK",
                         .capacity_bytes = 100 * gib,
                         .allocation_bytes = 10 * gib}};
        fixture.catalog.folders.insert("old");
        fixture.catalog.manifests["old"].backup = "old";
        fixture.catalog.manifests["old"].vm_uuid = VmUuid("gone");
        fixture.catalog.size["old"] = 20 * gib;
        fixture.catalog.mark = fixture.journal.facts["storage_mark"] = "the share";
        auto old = fixture.get(fixture.catalog.find("old")).value();
        ASSERT_TRUE(fixture.get(fixture.trash->remove(std::move(old), "beyond MaxBackups", false)));
        fixture.catalog.room = {5 * gib, 1000 * gib};
    }
    core::Job after(std::string const& vm, std::string const& name, Milliseconds length = 3min) {
        auto const id = fixture.backup(vm, name);
        fixture.time.run_for(length);
        return fixture.job(id);
    }
};

TEST_F(RoomForExports, AnExportThatFitsOnlyWithWhatTheTrashHoldsGetsThatRoom) {
    auto const job = after("A", "one");
    EXPECT_EQ(job.outcome, core::Outcome::succeeded) << (job.error ? job.error->context : "");
    EXPECT_THAT(fixture.catalog.emptied, ElementsAre("old"));
    EXPECT_THAT(fixture.trash->entries(), IsEmpty());
}

TEST_F(RoomForExports, AnExportThatFitsAlreadyLeavesTheTrashAlone) {
    fixture.catalog.room = {12 * gib, 1000 * gib};
    EXPECT_EQ(after("A", "one").outcome, core::Outcome::succeeded);
    EXPECT_THAT(fixture.catalog.emptied, IsEmpty());
}

TEST_F(RoomForExports, AnExportThatCannotFitLeavesTheTrashAlone) {
    for (auto& vm : fixture.cluster.vms) vm.disks[0].allocation_bytes = 50 * gib;
    auto const job = after("A", "one");
    ASSERT_TRUE(job.error);
    EXPECT_EQ(job.error->code, Errc::no_space);
    EXPECT_THAT(job.error->context, HasSubstr("20 GiB of deleted backups in the trash"));
    EXPECT_THAT(fixture.catalog.emptied, IsEmpty());
    EXPECT_TRUE(fixture.cluster.runs.empty());
}

TEST_F(RoomForExports, AnExportIsOrderedOnceTheFileSystemShowsTheRoom) {
    fixture.catalog.frees_late = true;
    auto const id = fixture.backup("A", "one");
    fixture.time.run_for(30s);
    EXPECT_THAT(fixture.catalog.emptied, ElementsAre("old"));
    EXPECT_TRUE(fixture.cluster.runs.empty());
    fixture.catalog.show_freed();
    fixture.time.run_for(3min);
    EXPECT_EQ(fixture.job(id).outcome, core::Outcome::succeeded);
}

TEST_F(RoomForExports, RoomThatDoesNotAppearWithinAMinuteIsNotCounted) {
    fixture.catalog.frees_late = true;
    auto const job = after("A", "one", 2min);
    ASSERT_TRUE(job.error);
    EXPECT_EQ(job.error->code, Errc::no_space);
    EXPECT_TRUE(fixture.cluster.runs.empty());
}

/// Backups of A and B, of 20 GiB each, of which a person deletes some.
struct RoomOfLastCopies : RoomForExports {
    void make(std::string const& name, std::size_t vm, int hour) {
        fixture.catalog.folders.insert(name);
        auto& manifest = fixture.catalog.manifests[name];
        manifest.backup = name;
        manifest.vm_uuid = fixture.cluster.vms[vm].uuid;
        manifest.started = UtcTime(std::chrono::hours(hour));
        manifest.end = core::ExportEnd::seen;
        fixture.catalog.size[name] = 20 * gib;
    }
    void remove(std::string const& name) {
        auto backup = fixture.get(fixture.catalog.find(name)).value();
        ASSERT_TRUE(fixture.get(fixture.trash->remove_undoably(std::move(backup), "a person deleted it")));
    }
    void need(std::uint64_t bytes) {
        for (auto& vm : fixture.cluster.vms) vm.disks[0].allocation_bytes = bytes;
    }
};

TEST_F(RoomOfLastCopies, TheOnlyCopyOfAVmThatWasDeletedByMistakeStaysWhenThatVmIsExported) {
    make("a", 0, 1);
    remove("a");
    need(30 * gib);
    auto const job = after("A", "one");
    ASSERT_TRUE(job.error);
    EXPECT_EQ(job.error->code, Errc::no_space);
    EXPECT_THAT(job.error->context, HasSubstr("scale-backupctl undelete a"));
    EXPECT_THAT(fixture.catalog.emptied, IsEmpty());
    EXPECT_TRUE(fixture.get(fixture.trash->undelete("a")));
}

TEST_F(RoomOfLastCopies, ForAnotherVmLastCopiesGoAfterTheSurplusOnes) {
    make("a", 0, 1);
    remove("a");
    make("b1", 1, 1);
    make("b2", 1, 2);
    remove("b1");
    fixture.time.run_for(1s);  // LocalPath is listed after that
    need(40 * gib);
    EXPECT_EQ(after("B", "one").outcome, core::Outcome::succeeded);
    EXPECT_THAT(fixture.catalog.emptied, UnorderedElementsAre("old", "b1")) << "'b1' was deleted last";
}

TEST_F(RoomOfLastCopies, OnlyTheNewestGoodOneOfSeveralStays) {
    make("a1", 0, 1);
    make("a2", 0, 2);
    remove("a2");
    remove("a1");
    need(40 * gib);
    EXPECT_EQ(after("A", "one").outcome, core::Outcome::succeeded);
    EXPECT_THAT(fixture.catalog.emptied, ElementsAre("a1", "old"));
}

TEST_F(RoomOfLastCopies, AfterARestartItIsNotKnownWhichOneIsGoodSoEachStays) {
    make("a1", 0, 1);
    make("a2", 0, 2);
    remove("a1");
    remove("a2");
    fixture.stop_engine();
    fixture.start_engine();
    need(40 * gib);
    auto const job = after("A", "one");
    ASSERT_TRUE(job.error);
    EXPECT_EQ(job.error->code, Errc::no_space);
    EXPECT_THAT(fixture.catalog.emptied, IsEmpty());
}

}  // namespace
}  // namespace sb::test
