// Entries of the trash that are not where they should be, or not what they should be.
#include "daemon/engine/trash.hpp"
#include "tests/simulation/trash_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::test {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(TrashTest, AnEntryThatCannotBeSeenForAMomentIsNotForgotten) {
    make_and_remove("b");
    auto const there = catalog.trash;
    catalog.trash.clear();  // something is mounted over the trash, or a person has moved it
    auto const refused = get(trash->undelete("b"));
    EXPECT_EQ(refused.error().code, Errc::not_found);
    EXPECT_THAT(refused.error().context, HasSubstr("stays in the list until"));
    EXPECT_THAT(waiting(), ElementsAre("b"));
    start();
    EXPECT_THAT(waiting(), ElementsAre("b"));
    EXPECT_EQ(journal.deleted.size(), 1u);
    catalog.trash = there;
    EXPECT_EQ(*get(trash->undelete("b")), "b");
    EXPECT_THAT(journal.deleted, IsEmpty());
}

TEST_F(TrashTest, AnEntryThatWasRemovedByHandIsForgottenWhenItsTimeIsOver) {
    make_and_remove("b");
    catalog.trash.clear();
    EXPECT_EQ(get(trash->undelete("b")).error().code, Errc::not_found);
    time.run_for(23h);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), ElementsAre("b"));
    time.run_for(1h);
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_THAT(waiting(), IsEmpty());
    EXPECT_THAT(journal.deleted, IsEmpty());
}

TEST_F(TrashTest, EntriesThatAreMissingAreNoRoomAndAreKeptWhenRoomIsNeeded) {
    for (auto const* name : {"a", "b"}) make_and_remove(name);
    auto const there = catalog.trash;
    catalog.trash.erase(catalog.trash.begin());
    catalog.room = {0, 1000 * gib};
    ASSERT_TRUE(get(trash->make_room(2 * gib)));
    EXPECT_THAT(catalog.emptied, IsEmpty()) << "in vain";
    EXPECT_EQ(trash->reclaimable_bytes(), gib);
    ASSERT_TRUE(get(trash->make_room(gib)));
    EXPECT_THAT(catalog.emptied, ElementsAre("b"));
    EXPECT_THAT(waiting(), ElementsAre("a"));
    catalog.trash = {*there.begin()};
    EXPECT_THAT(get(trash->remove_expired()), IsEmpty());
    EXPECT_EQ(trash->reclaimable_bytes(), gib) << "it is there again";
}

TEST_F(TrashTest, WhatIsDeletedWhileTheTrashIsListedIsNotMissing) {
    make_and_remove("a");
    auto const b = make("b");
    catalog.be_slow(time, 0ms);
    catalog.on_list_trash = [&] {
        asio::co_spawn(io, trash->remove(b, "x", false), [](std::exception_ptr, auto const&) {});
    };
    catalog.room = {0, 1000 * gib};
    ASSERT_TRUE(get(trash->make_room(10 * gib)));
    EXPECT_EQ(trash->reclaimable_bytes(), 2 * gib);
}

TEST_F(TrashTest, AFolderThatWasPutInThePlaceOfADeletedBackupIsNotTakenForIt) {
    make_and_remove("a");
    make("b");
    auto& entry = catalog.trash.begin()->second;
    auto const original = entry.manifest;
    entry.manifest = catalog.manifests.at("b");
    EXPECT_EQ(get(trash->undelete("a")).error().code, Errc::refused);
    EXPECT_FALSE(catalog.folders.contains("a"));
    EXPECT_THAT(waiting(), ElementsAre("a")) << "its own folder may come back";
    entry.manifest = original;
    EXPECT_EQ(*get(trash->undelete("a")), "a");
}

TEST_F(TrashTest, WhatAnEarlierVersionDeletedCanBeTakenBack) {
    make_and_remove("a");
    journal.deleted.at(0).manifest.clear();
    start();
    EXPECT_EQ(*get(trash->undelete("a")), "a");
}

}  // namespace
}  // namespace sb::test
