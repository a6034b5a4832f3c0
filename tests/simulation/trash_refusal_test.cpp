// What a person deletes is not lost for want of room: without room for the trash the deletion is refused, and files
// (inodes) are room, too.
#include "daemon/core/storage_space.hpp"
#include "tests/simulation/engine_fixture.hpp"
#include "tests/simulation/trash_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct TrashRefusal : TrashTest {
    Result<ports::Removal> remove_undoably(std::string const& name) {
        auto backup = get(catalog.find(name)).value();
        return get(trash->remove_undoably(std::move(backup), "a person deleted it"));
    }
};

TEST_F(TrashRefusal, ADeletionThatCouldNotBeTakenBackIsRefusedWithTheReason) {
    make("it's b");
    catalog.trashing_fails = Error{Errc::no_space, "No space left on device"};
    auto const removed = remove_undoably("it's b");
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, Errc::refused);
    EXPECT_THAT(removed.error().context, HasSubstr("No space left on device"));
    EXPECT_THAT(removed.error().context, HasSubstr("scale-backupctl delete --now "));
    EXPECT_TRUE(catalog.folders.contains("it's b"));
    EXPECT_THAT(journal.deleted, IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
}

TEST_F(TrashRefusal, SoIsOneWhoseRowDoesNotFitOnTheSameFullDisk) {
    make("b");
    journal.full = true;
    catalog.room = {0, 1000 * gib};
    EXPECT_EQ(remove_undoably("b").error().code, Errc::refused);
    EXPECT_TRUE(catalog.folders.contains("b"));
}

TEST_F(TrashRefusal, WithRoomItWaitsAndWithoutWaitingItGoesImmediately) {
    make("a");
    ASSERT_TRUE(remove_undoably("a"));
    EXPECT_THAT(waiting(), ElementsAre("a"));
    undelete_for = 0ms;
    make("b");
    ASSERT_TRUE(remove_undoably("b"));
    EXPECT_THAT(waiting(), ElementsAre("a"));
    EXPECT_FALSE(catalog.folders.contains("b"));
}

TEST_F(TrashRefusal, AnyOtherErrorIsThatError) {
    make("b");
    catalog.trashing_fails = Error{Errc::io, "Read-only file system"};
    EXPECT_EQ(remove_undoably("b").error().code, Errc::io);
    EXPECT_TRUE(catalog.folders.contains("b"));
}

TEST_F(TrashRefusal, RoomForFilesIsMadeOldestFirstAndNoMoreThanIsNeeded) {
    catalog.room = {500 * gib, 1000 * gib};
    for (auto const* name : {"a", "b", "c"}) make_and_remove(name);
    EXPECT_EQ(trash->reclaimable_files(), 3 * core::files_of_a_deleted_backup);
    ASSERT_TRUE(get(trash->make_room(gib, 8)));
    EXPECT_THAT(catalog.emptied, IsEmpty()) << "the file system does not count them";
    catalog.room.free_files = 3;
    catalog.on_empty = [this](std::string const&) { *catalog.room.free_files += 4; };
    ASSERT_TRUE(get(trash->make_room(gib, 8)));
    EXPECT_THAT(catalog.emptied, ElementsAre("a", "b"));
    ASSERT_TRUE(get(trash->make_room(gib, 8)));
    EXPECT_THAT(waiting(), ElementsAre("c"));
}

TEST(RoomForFiles, WithoutItNoExportIsOrdered) {
    EngineFixture fixture;
    fixture.cluster.add_vm("A");
    fixture.catalog.room.free_files = 5;
    auto const id = fixture.backup("A", "one");
    fixture.time.run_for(3min);
    ASSERT_TRUE(fixture.job(id).error);
    EXPECT_EQ(fixture.job(id).error->code, Errc::no_space);
    EXPECT_THAT(fixture.job(id).error->context, HasSubstr("inodes"));
    EXPECT_TRUE(fixture.cluster.runs.empty());
    fixture.catalog.room.free_files = 1000;
    auto const second = fixture.backup("A", "two");
    fixture.time.run_for(3min);
    EXPECT_EQ(fixture.job(second).outcome, core::Outcome::succeeded);
}

}  // namespace
}  // namespace sb::test
