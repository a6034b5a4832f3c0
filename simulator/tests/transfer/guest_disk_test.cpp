#include "simulator/transfer/guest_disk.hpp"
#include "simulator/transfer/raw_file.hpp"
#include "simulator/tests/transfer/transfer_fixture.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include <sys/stat.h>

namespace sb::sim {
namespace {

std::string content(std::filesystem::path const& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

TEST(GuestDisk, SameSeedMakesTheSameDisk) {
    test::TempDir dir;
    GuestDiskShape const shape{5U << 20U, 0.4, 42};
    ASSERT_TRUE(make_guest_disk(dir / "a", shape));
    ASSERT_TRUE(make_guest_disk(dir / "b", shape));
    ASSERT_TRUE(make_guest_disk(dir / "c", {shape.capacity, shape.fill, 43}));
    EXPECT_EQ(content(dir / "a"), content(dir / "b"));
    EXPECT_NE(content(dir / "a"), content(dir / "c"));
}

TEST(GuestDisk, HasTheRequestedAmountOfData) {
    test::TempDir dir;
    for (double const fill : {0.0, 0.01, 0.3, 0.9, 1.0}) {
        std::uint64_t const capacity = (64U << 20U) + 12345;
        auto const path = dir / "disk";
        auto const written = make_guest_disk(path, {capacity, fill, 7});
        ASSERT_TRUE(written);
        EXPECT_NEAR(static_cast<double>(*written), fill * static_cast<double>(capacity), 4096) << fill;
        struct stat facts {};
        ASSERT_EQ(::stat(path.c_str(), &facts), 0);
        EXPECT_EQ(static_cast<std::uint64_t>(facts.st_size), capacity);
        double const allocated = static_cast<double>(facts.st_blocks) * 512;
        if (fill < 0.5) EXPECT_LT(allocated, (fill + 0.1) * static_cast<double>(capacity));
    }
}

TEST(GuestDisk, RunsDoNotOnlyStartAtClusters) {
    test::TempDir dir;
    ASSERT_TRUE(make_guest_disk(dir / "disk", {64U << 20U, 0.2, 3}));
    auto const disk = RawFile::open_for_reading(dir / "disk");
    ASSERT_TRUE(disk);
    int off_cluster = 0;
    for (std::uint64_t at = 0;;) {
        auto const run = disk->next_data(at);
        ASSERT_TRUE(run);
        if (!run->has_value()) break;
        if ((*run)->begin % (2U << 20U) != 0) ++off_cluster;
        at = (*run)->end;
    }
    EXPECT_GT(off_cluster, 3);
}

TEST(GuestDisk, MutationChangesSomeBlocksAndIsRepeatable) {
    test::TempDir dir;
    for (auto const* name : {"before", "a", "b"}) ASSERT_TRUE(make_guest_disk(dir / name, {16U << 20U, 0.3, 9}));
    auto const written = mutate_guest_disk(dir / "a", 0.05, 1);
    ASSERT_TRUE(written);
    EXPECT_GE(*written, (16U << 20U) / 20);
    ASSERT_TRUE(mutate_guest_disk(dir / "b", 0.05, 1));
    EXPECT_EQ(content(dir / "a"), content(dir / "b"));
    auto const before = content(dir / "before");
    auto const after = content(dir / "a");
    ASSERT_EQ(before.size(), after.size());
    std::size_t same = 0;
    for (std::size_t i = 0; i < before.size(); ++i) same += before[i] == after[i] ? 1U : 0U;
    EXPECT_LT(same, before.size());
    EXPECT_GT(same, before.size() * 9 / 10);
}

TEST(GuestDisk, EvenTheSmallestMutationChangesSomething) {
    test::TempDir dir;
    ASSERT_TRUE(make_guest_disk(dir / "disk", {1U << 20U, 0.0, 1}));
    EXPECT_GT(*mutate_guest_disk(dir / "disk", 0.0, 1), 0U);
    EXPECT_NE(content(dir / "disk").find_first_not_of('\0'), std::string::npos);
}

}  // namespace
}  // namespace sb::sim
