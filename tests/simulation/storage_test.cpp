// LocalPath: is it still where the backups were written, and is there enough space?
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

TEST_F(Storage, TheFirstBackupWritesTheMarkAndLaterOnesRecognizeIt) {
    EXPECT_EQ(after("A", "one").outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.catalog.mark, "made here");
    EXPECT_EQ(fixture.journal.facts["storage_mark"], "made here");
    EXPECT_EQ(after("A", "two").outcome, Outcome::succeeded);
}

TEST_F(Storage, ConcurrentFirstBackupsWriteOneMark) {
    fixture.cluster.add_vm("C");
    fixture.catalog.be_slow(fixture.time, 0ms);
    fixture.catalog.marking_takes = 1s;
    // The first one writes the mark. The second one checks meanwhile and finds no mark, and so does the third one,
    // which continues only when the mark is written.
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

TEST_F(Storage, NothingIsExportedIfTheMarkIsMissing) {
    after("A", "one");
    fixture.catalog.mark.clear();
    auto const exports = fixture.cluster.runs.size();
    auto const job = after("A", "two");
    EXPECT_EQ(job.outcome, Outcome::failed);
    EXPECT_EQ(job.error->code, Errc::refused);
    EXPECT_THAT(job.error->context, HasSubstr("Is its file system mounted?"));
    EXPECT_EQ(fixture.cluster.runs.size(), exports);
    EXPECT_TRUE(fixture.catalog.mark.empty()) << "it is not marked behind anybody's back";
    fixture.catalog.mark = "made here";
    EXPECT_EQ(after("A", "three").outcome, Outcome::succeeded);
}

TEST_F(Storage, AJobThatDoesNotFitIsRefusedBeforeThePost) {
    fixture.catalog.room = {5 * gib, 1000 * gib};
    auto const job = after("A", "one");
    EXPECT_EQ(job.error->code, Errc::no_space);
    EXPECT_THAT(job.error->context, HasSubstr("needs about 10 GiB"));
    EXPECT_TRUE(fixture.cluster.runs.empty());
}

TEST_F(Storage, TheSpaceThatRunningExportsStillNeedIsCounted) {
    fixture.catalog.room = {17 * gib, 1000 * gib};
    auto const first = fixture.backup("A", "one");
    fixture.time.run_for(1s);
    ASSERT_EQ(fixture.job(first).expected_bytes, 10 * gib);
    auto const second = fixture.backup("B", "two");
    fixture.time.run_for(2min);
    EXPECT_EQ(fixture.job(first).outcome, Outcome::succeeded);
    EXPECT_EQ(fixture.job(second).error->code, Errc::no_space);
    EXPECT_THAT(fixture.job(second).error->context, HasSubstr("running exports need"));
    EXPECT_EQ(after("B", "three").outcome, Outcome::succeeded) << "alone it fits";
}

}  // namespace
