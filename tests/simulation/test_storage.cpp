// Where backups are written: is it the place that it was, and is there room?
#include "tests/simulation/engine_bench.hpp"

#include <gmock/gmock.h>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::HasSubstr;

namespace {

struct Storage : ::testing::Test {
    static constexpr std::uint64_t gib = 1ull << 30;
    EngineBench bench;

    void SetUp() override {
        bench.cluster.add_vm("A");
        bench.cluster.add_vm("B");
        for (auto& vm : bench.cluster.vms)
            vm.disks = {{.uuid = DiskUuid("d"), .type = "VIRTIO_DISK", .capacity_bytes = 100 * gib, .allocation_bytes = 10 * gib}};
    }
    Job after(std::string const& vm, std::string const& name) {
        auto const id = bench.backup(vm, name);
        bench.time.run_for(2min);
        return bench.job(id);
    }
};

TEST_F(Storage, TheFirstBackupMarksThePlaceAndLaterOnesKnowItAgain) {
    EXPECT_EQ(after("A", "one").outcome, Outcome::succeeded);
    EXPECT_EQ(bench.catalog.mark, "made here");
    EXPECT_EQ(bench.journal.facts["storage_mark"], "made here");
    EXPECT_EQ(after("A", "two").outcome, Outcome::succeeded);
}

TEST_F(Storage, FirstBackupsAtOnceLeaveOneMark) {
    bench.cluster.add_vm("C");
    bench.catalog.be_slow(bench.time, 0ms);
    bench.catalog.marking_takes = 1s;
    // The first marks. The second looks and sees no mark while that goes on, and so does the third, who comes to it only when it is over.
    bench.catalog.looks_at_mark_take = {1ms, 1ms, 3s};
    std::vector<JobId> jobs{bench.backup("A", "one")};
    bench.time.run_for(300ms);
    jobs.push_back(bench.backup("B", "two"));
    jobs.push_back(bench.backup("C", "three"));
    bench.time.run_for(2min);
    for (auto const id : jobs) EXPECT_EQ(bench.job(id).outcome, Outcome::succeeded) << id;
    EXPECT_EQ(bench.catalog.marks_made, 1);
    EXPECT_EQ(bench.catalog.mark, "made here");
    EXPECT_EQ(bench.journal.facts["storage_mark"], "made here");
}

TEST_F(Storage, NothingIsExportedIntoAPlaceThatLacksTheMark) {
    after("A", "one");
    bench.catalog.mark.clear();
    auto const exports = bench.cluster.runs.size();
    auto const job = after("A", "two");
    EXPECT_EQ(job.outcome, Outcome::failed);
    EXPECT_EQ(job.error->code, Errc::refused);
    EXPECT_THAT(job.error->context, HasSubstr("is its file system mounted?"));
    EXPECT_EQ(bench.cluster.runs.size(), exports);
    EXPECT_TRUE(bench.catalog.mark.empty()) << "it is not marked behind anybody's back";
    bench.catalog.mark = "made here";
    EXPECT_EQ(after("A", "three").outcome, Outcome::succeeded);
}

TEST_F(Storage, AJobThatDoesNotFitIsRefusedBeforeThePost) {
    bench.catalog.room = {5 * gib, 1000 * gib};
    auto const job = after("A", "one");
    EXPECT_EQ(job.error->code, Errc::no_space);
    EXPECT_THAT(job.error->context, HasSubstr("expected to take 10 GiB"));
    EXPECT_TRUE(bench.cluster.runs.empty());
}

TEST_F(Storage, WhatRunningExportsWillStillWriteIsCountedIn) {
    bench.catalog.room = {17 * gib, 1000 * gib};
    auto const first = bench.backup("A", "one");
    bench.time.run_for(1s);
    ASSERT_EQ(bench.job(first).expected_bytes, 10 * gib);
    auto const second = bench.backup("B", "two");
    bench.time.run_for(2min);
    EXPECT_EQ(bench.job(first).outcome, Outcome::succeeded);
    EXPECT_EQ(bench.job(second).error->code, Errc::no_space);
    EXPECT_THAT(bench.job(second).error->context, HasSubstr("exports that run"));
    EXPECT_EQ(after("B", "three").outcome, Outcome::succeeded) << "alone it fits";
}

}  // namespace
