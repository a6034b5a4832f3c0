// Where backups are written: is it the place that it was, and is there room?
#include "tests/simulation/engine_fixture.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;

namespace {

struct Storage : ::testing::Test {
    static constexpr std::uint64_t gib = 1ull << 30;
    EngineFixture fixture;

    void SetUp() override {
        fixture.cluster.add_vm("A");
        fixture.cluster.add_vm("B");
        for (auto& vm : fixture.cluster.vms)
            vm.disks = {{.uuid = DiskUuid("d"),
                         .type = "VIRTIO_DISK",
                         .capacity_bytes = 100 * gib,
                         .allocation_bytes = 10 * gib}};
    }
    Job after(std::string const& vm, std::string const& name) {
        auto const id = fixture.backup(vm, name);
        fixture.time.run_for(2min);
        return fixture.job(id);
    }
};

TEST_F(Storage, TheFirstBackupMarksThePlaceAndLaterOnesKnowItAgain) {
    EXPECT_EQ(after("A", "one").outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.catalog.mark, "made here");
    EXPECT_EQ(fixture.journal.facts["storage_mark"], "made here");
    EXPECT_EQ(after("A", "two").outcome, Outcome::succeeded);
}

TEST_F(Storage, FirstBackupsAtOnceLeaveOneMark) {
    fixture.cluster.add_vm("C");
    fixture.catalog.be_slow(fixture.time, 0ms);
    fixture.catalog.marking_takes = 1s;
    // The first marks. The second looks and sees no mark while that goes on, and so does the third, who comes to it
    // only when it is over.
    fixture.catalog.looks_at_mark_take = {1ms, 1ms, 3s};
    std::vector<JobId> jobs{fixture.backup("A", "one")};
    fixture.time.run_for(300ms);
    jobs.push_back(fixture.backup("B", "two"));
    jobs.push_back(fixture.backup("C", "three"));
    fixture.time.run_for(2min);
    for (auto const id : jobs) EXPECT_EQ(fixture.job(id).outcome, Outcome::succeeded) << id;
    EXPECT_EQ(fixture.catalog.marks_made, 1);
    EXPECT_EQ(fixture.catalog.mark, "made here");
    EXPECT_EQ(fixture.journal.facts["storage_mark"], "made here");
}

TEST_F(Storage, NothingIsExportedIntoAPlaceThatLacksTheMark) {
    after("A", "one");
    fixture.catalog.mark.clear();
    auto const exports = fixture.cluster.runs.size();
    auto const job = after("A", "two");
    EXPECT_EQ(job.outcome, Outcome::failed);
    EXPECT_EQ(job.error->code, Errc::refused);
    EXPECT_THAT(job.error->context, HasSubstr("is its file system mounted?"));
    EXPECT_EQ(fixture.cluster.runs.size(), exports);
    EXPECT_TRUE(fixture.catalog.mark.empty()) << "it is not marked behind anybody's back";
    fixture.catalog.mark = "made here";
    EXPECT_EQ(after("A", "three").outcome, Outcome::succeeded);
}

TEST_F(Storage, AJobThatDoesNotFitIsRefusedBeforeThePost) {
    fixture.catalog.room = {5 * gib, 1000 * gib};
    auto const job = after("A", "one");
    EXPECT_EQ(job.error->code, Errc::no_space);
    EXPECT_THAT(job.error->context, HasSubstr("expected to take 10 GiB"));
    EXPECT_TRUE(fixture.cluster.runs.empty());
}

TEST_F(Storage, WhatRunningExportsWillStillWriteIsCountedIn) {
    fixture.catalog.room = {17 * gib, 1000 * gib};
    auto const first = fixture.backup("A", "one");
    fixture.time.run_for(1s);
    ASSERT_EQ(fixture.job(first).expected_bytes, 10 * gib);
    auto const second = fixture.backup("B", "two");
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(first).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(second).error->code, Errc::no_space);
    EXPECT_THAT(fixture.job(second).error->context, HasSubstr("exports that run"));
    EXPECT_EQ(after("B", "three").outcome, Outcome::succeeded) << "alone it fits";
}

}  // namespace
