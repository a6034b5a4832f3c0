#include "daemon/core/storage_space.hpp"

#include <gtest/gtest.h>

namespace sb::core {
namespace {

constexpr std::uint64_t gib = 1ull << 30;

Disk disk(std::uint64_t capacity, std::uint64_t allocation, std::string type = "VIRTIO_DISK") {
    return {.uuid = DiskUuid("d"), .type = std::move(type), .capacity_bytes = capacity, .allocation_bytes = allocation};
}

Job running(Phase phase, int percent, std::uint64_t expected) {
    Job job;
    job.phase = phase;
    job.percent = percent;
    job.expected_bytes = expected;
    return job;
}

TEST(StorageSpace, TheReserveIsOnePercentAndNeverMoreThanAGibibyte) {
    EXPECT_EQ(reserve_of({0, 10 * gib, 0}), gib / 10);
    EXPECT_EQ(reserve_of({0, 5000 * gib, 0}), gib);
}

TEST(StorageSpace, TheEstimateIsTheAllocationOrTheSizeOfTheLastBackup) {
    EXPECT_EQ(expected_size({disk(100, 30), disk(50, 12)}, 0), 42u);
    EXPECT_EQ(expected_size({disk(100, 30)}, 77), 77u) << "the VM shrank, or the cluster counts otherwise";
    EXPECT_EQ(expected_size({disk(100, 0)}, 77), 77u);
    EXPECT_EQ(expected_size({disk(100, 0), disk(50, 0)}, 0), 150u) << "an allocation of 0 is an unknown one";
    EXPECT_EQ(expected_size({disk(100, 30), disk(9999, 9999, "IDE_CDROM")}, 0), 30u)
        << "what is not exported takes nothing";
}

TEST(StorageSpace, TheEstimateIsNeverMoreThanTheCapacity) {
    EXPECT_EQ(expected_size({disk(100, 30), disk(50, 12)}, 4096 * gib), 150u) << "one sparse file of terabytes";
    EXPECT_EQ(expected_size({disk(100, 300)}, 0), 100u) << "a cluster that cannot count";
    EXPECT_EQ(expected_size({disk(0, 30)}, 77), 77u) << "the capacity is not known";
}

TEST(StorageSpace, AnExportFitsOnlyIfItsFilesDo) {
    StorageSpace space{100 * gib, 1000 * gib, 0};
    EXPECT_FALSE(why_no_space(space, gib)) << "the file system does not count files";
    space.free_files = files_of_an_export;
    EXPECT_FALSE(why_no_space(space, gib));
    space.free_files = 2;
    auto const why = why_no_space(space, gib);
    ASSERT_TRUE(why);
    EXPECT_NE(why->find("only 2 more (inodes)"), std::string::npos) << *why;
    space.reclaimable_files = files_of_an_export - 2;
    EXPECT_FALSE(why_no_space(space, gib)) << "the trash gives the rest";
    space.reclaimable_files = 0;
    space.total_bytes = 0;
    EXPECT_TRUE(why_no_space(space, gib)) << "also where sizes are not known";
}

TEST(StorageSpace, TheLastCopyOfAVmIsNoRoomForThatVmAndIsNamed) {
    StorageSpace space{10 * gib, 2000 * gib, 0};
    space.reclaimable_bytes = 30 * gib;
    space.reclaimable_files = 2 * files_of_a_deleted_backup;
    space.kept.resize(1);
    space.kept.front().backup = "monday A";
    space.kept.front().vm = VmUuid("A");
    space.kept.front().size_bytes = 20 * gib;
    EXPECT_FALSE(why_no_space_for(VmUuid("A"), space, 19 * gib));
    EXPECT_FALSE(why_no_space_for(VmUuid("B"), space, 39 * gib));
    auto const why = why_no_space_for(VmUuid("A"), space, 20 * gib);
    ASSERT_TRUE(why);
    EXPECT_NE(why->find("may be the last good copy of this VM"), std::string::npos) << *why;
    EXPECT_NE(why->find("scale-backupctl undelete 'monday A'"), std::string::npos) << *why;
    auto const other = why_no_space_for(VmUuid("B"), space, 40 * gib);
    ASSERT_TRUE(other);
    EXPECT_EQ(other->find("undelete"), std::string::npos) << *other;
}

TEST(StorageSpace, ARunningExportClaimsWhatItWillStillWrite) {
    EXPECT_EQ(still_expected(running(Phase::posting, 0, 1000)), 1000u);
    EXPECT_EQ(still_expected(running(Phase::following, 40, 1000)), 600u);
    EXPECT_EQ(still_expected(running(Phase::following, 150, 1000)), 0u) << "a cluster that cannot count";
    EXPECT_EQ(still_expected(running(Phase::queued, 0, 1000)), 0u) << "it asks when its turn comes";
    EXPECT_EQ(still_expected(running(Phase::committing, 100, 1000)), 0u);
    EXPECT_EQ(still_expected(running(Phase::following, 1, ~0ull)), ~0ull / 100 * 99 + ~0ull % 100) << "no overflow";
    auto restore = running(Phase::following, 0, 1000);
    restore.kind = JobKind::restore;
    EXPECT_EQ(still_expected(restore), 0u);
}

TEST(StorageSpace, AnExactFitIsAcceptedAndOneByteMoreIsNot) {
    StorageSpace const space{1000 * gib, 2000 * gib, 300 * gib};
    EXPECT_FALSE(why_no_space(space, 699 * gib));
    auto const text = why_no_space(space, 699 * gib + 1);
    ASSERT_TRUE(text);
    EXPECT_NE(text->find("699 GiB are free"), std::string::npos) << *text;
    EXPECT_NE(text->find("running exports need 300 GiB"), std::string::npos) << *text;
    EXPECT_NE(text->find("1 GiB are kept in reserve"), std::string::npos) << *text;
}

TEST(StorageSpace, AFullDiskRefusesAndAnUnknownSizeDoesNot) {
    EXPECT_TRUE(why_no_space({0, 100 * gib, 0}, 1));
    EXPECT_TRUE(why_no_space({gib, 100 * gib, 50 * gib}, 1)) << "claimed more than is free";
    EXPECT_FALSE(why_no_space({0, 0, 0}, 1));
}

}  // namespace
}  // namespace sb::core
