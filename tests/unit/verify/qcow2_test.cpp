#include "daemon/verify/qcow2.hpp"

#include "tests/unit/verify/image_builder.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <limits>
#include <span>

namespace sb::verify {
namespace {

using test::BytesInMemory;
using test::SmallImage;
using Image = SmallImage;

Result<Qcow2Summary> check(Image const& image) { return check_qcow2(BytesInMemory(image.bytes)); }

Errc code_of(Result<Qcow2Summary> const& result) { return result ? Errc{} : result.error().code; }

TEST(Qcow2, AcceptsAnIntactImage) {
    auto const summary = check(Image());
    ASSERT_TRUE(summary) << summary.error().context;
    EXPECT_EQ(summary->version, 3);
    EXPECT_EQ(summary->virtual_bytes, 1u << 20);
    EXPECT_EQ(summary->cluster_bytes, 65536u);
    EXPECT_EQ(summary->data_clusters, 2u);
    EXPECT_EQ(summary->leaked_clusters, 0u);
}

TEST(Qcow2, EveryTruncationOfTablesOrDataIsIncomplete) {
    Image const whole;
    for (std::size_t length = 0; length < whole.bytes.size(); length += length < 200 ? 1 : 4099) {
        Image cut = whole;
        cut.bytes.resize(length);
        auto const result = check(cut);
        ASSERT_FALSE(result) << length;
        EXPECT_EQ(result.error().code, Errc::incomplete_backup) << length << ": " << result.error().context;
    }
}

TEST(Qcow2, TheEndOfTheLastClusterMayBeMissingBeyondTheGuestsDisk) {
    Image image(65536 + 512);
    image.bytes.resize(6 * Image::cluster + 512);
    EXPECT_TRUE(check(image));
    image.bytes.resize(6 * Image::cluster + 511);
    EXPECT_EQ(code_of(check(image)), Errc::incomplete_backup);
}

TEST(Qcow2, AnImageThatNeedsAnotherFileIsNotABackup) {
    Image backing;
    backing.put(8, 512, 8);
    backing.put(16, 5, 4);
    EXPECT_EQ(code_of(check(backing)), Errc::incomplete_backup);
    Image external;
    external.put(72, 4, 8);
    EXPECT_EQ(code_of(check(external)), Errc::incomplete_backup);
}

struct Corruption {
    char const* name;
    std::uint64_t offset;
    std::uint64_t value;
    std::size_t width;
};
void PrintTo(Corruption const& corruption, std::ostream* out) { *out << corruption.name; }

class CorruptedImage : public testing::TestWithParam<Corruption> {};

TEST_P(CorruptedImage, IsDamaged) {
    Image image;
    image.put(GetParam().offset, GetParam().value, GetParam().width);
    auto const result = check(image);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, Errc::damaged_backup) << result.error().context;
}

constexpr auto copied = Image::copied;
INSTANTIATE_TEST_SUITE_P(
    Qcow2, CorruptedImage,
    testing::Values(Corruption{"magic", 0, 0x514649fa, 4}, Corruption{"version_1", 4, 1, 4},
                    Corruption{"version_4", 4, 4, 4}, Corruption{"tiny_clusters", 20, 8, 4},
                    Corruption{"huge_clusters", 20, 22, 4}, Corruption{"cluster_bits_wrap", 20, 0xffffffff, 4},
                    Corruption{"virtual_size_too_large_for_l1", 24, 1ull << 30, 8},
                    Corruption{"virtual_size_negative", 24, 1ull << 63, 8},
                    Corruption{"virtual_size_all_ones", 24, ~0ull, 8}, Corruption{"encrypted", 32, 1, 4},
                    Corruption{"l1_too_large", 36, 0xffffffff, 4}, Corruption{"l1_not_aligned", 40, 3 * 65536 + 8, 8},
                    Corruption{"l1_at_zero", 40, 0, 8}, Corruption{"l1_on_the_refcounts", 40, 2 * 65536, 8},
                    Corruption{"l1_offset_wraps", 40, ~0ull << 16, 8}, Corruption{"refcount_table_at_zero", 48, 0, 8},
                    Corruption{"refcount_table_not_aligned", 48, 65536 + 512, 8},
                    Corruption{"no_refcount_table", 56, 0, 4}, Corruption{"refcount_table_too_large", 56, 1u << 31, 4},
                    Corruption{"too_many_snapshots", 60, 65537, 4}, Corruption{"snapshots_at_zero", 60, 1, 4},
                    Corruption{"dirty", 72, 1, 8}, Corruption{"corrupt", 72, 2, 8},
                    Corruption{"unknown_feature", 72, 32, 8}, Corruption{"compression_without_its_bit", 72, 8, 8},
                    Corruption{"refcount_order", 96, 7, 4}, Corruption{"short_header", 100, 96, 4},
                    Corruption{"long_header", 100, 65544, 4},
                    Corruption{"extension_too_long", 104, (0xe2792acaull << 32) | 65536, 8},
                    Corruption{"refcount_block_reserved_bits", 65536, 2 * 65536 + 1, 8},
                    Corruption{"refcount_block_not_aligned", 65536, 2 * 65536 + 512, 8},
                    Corruption{"refcount_block_on_l1", 65536, 3 * 65536, 8},
                    Corruption{"refcount_zero_for_data", 2 * 65536 + 2 * 5, 0, 2},
                    Corruption{"refcount_two_with_copied_flag", 2 * 65536 + 2 * 5, 2, 2},
                    Corruption{"l1_entry_reserved_bits", 3 * 65536, 4 * 65536 | copied | 1, 8},
                    Corruption{"l1_entry_not_aligned", 3 * 65536, (4 * 65536 + 512) | copied, 8},
                    Corruption{"l1_entry_not_copied", 3 * 65536, 4 * 65536, 8},
                    Corruption{"l1_entry_at_the_header", 3 * 65536, copied, 8},
                    Corruption{"l2_entry_reserved_bits", 4 * 65536, 5 * 65536 | copied | 2, 8},
                    Corruption{"l2_entry_not_aligned", 4 * 65536, (5 * 65536 + 512) | copied, 8},
                    Corruption{"l2_entry_not_copied", 4 * 65536, 5 * 65536, 8},
                    Corruption{"two_guest_clusters_in_one_place", 4 * 65536, 6 * 65536 | copied, 8},
                    Corruption{"data_on_the_header", 4 * 65536 + 16, 65536 * 0 + 512, 8},
                    Corruption{"data_on_l2", 4 * 65536 + 16, 4 * 65536 | copied, 8},
                    Corruption{"compressed_on_data", 4 * 65536 + 16, (1ull << 62) | 5 * 65536, 8},
                    Corruption{"compressed_with_copied_flag", 4 * 65536 + 16, (3ull << 62) | 5 * 65536, 8}),
    [](auto const& which) { return std::string(which.param.name); });

TEST(Qcow2, ReferencesPastTheEndAreIncomplete) {
    for (auto const offset : {std::uint64_t{7} * 65536, std::uint64_t{0x00ffffffffff0000}}) {
        Image data;
        data.put(Image::l2, offset | copied, 8);
        EXPECT_EQ(code_of(check(data)), Errc::incomplete_backup);
        Image l2;
        l2.put(Image::l1, offset | copied, 8);
        EXPECT_EQ(code_of(check(l2)), Errc::incomplete_backup);
        Image block;
        block.put(Image::refcount_table, offset, 8);
        EXPECT_EQ(code_of(check(block)), Errc::incomplete_backup);
        Image l1;
        l1.put(40, offset, 8);
        EXPECT_EQ(code_of(check(l1)), Errc::incomplete_backup);
        Image packed;
        packed.put(Image::l2, (1ull << 62) | offset, 8);
        EXPECT_EQ(code_of(check(packed)), Errc::incomplete_backup);
    }
}

TEST(Qcow2, LeaksAreHarmlessAndCounted) {
    Image image;
    image.put(Image::l2 + 8, 0, 8);
    auto const summary = check(image);
    ASSERT_TRUE(summary) << summary.error().context;
    EXPECT_EQ(summary->leaked_clusters, 1u);
    EXPECT_EQ(summary->data_clusters, 1u);
}

TEST(Qcow2, SnapshotsOfVersion3HaveTheSizesOfTheirMemoryAndDisk) {
    Image image;
    auto const table = Image::data + 2 * Image::cluster;
    image.bytes.resize(image.bytes.size() + Image::cluster);
    image.put(60, 1, 4);
    image.put(64, table, 8);
    image.put(table + 36, 16, 4);
    image.put(Image::refcount_block + 2 * 7, 1, 2);
    ASSERT_TRUE(check(image)) << check(image).error().context;
    image.put(table + 36, 15, 4);
    EXPECT_EQ(code_of(check(image)), Errc::damaged_backup);
}

/// Counts what a check reads.
class CountedBytes : public BytesInMemory {
public:
    using BytesInMemory::BytesInMemory;
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        read_ += into.size();
        return BytesInMemory::read(offset, into);
    }
    std::uint64_t bytes_read() const { return read_; }

private:
    mutable std::uint64_t read_ = 0;
};

/// With snapshots, L2 tables may be shared: every entry of a crafted L1 table can refer to one of them.
TEST(Qcow2, ATableThatEveryEntryRefersToIsReadOnceAndItsUsesCount) {
    constexpr std::uint64_t entries = Image::cluster / 8;
    Image image;
    auto const snapshot = Image::data + 2 * Image::cluster;
    image.bytes.resize(image.bytes.size() + Image::cluster);
    image.put(36, entries, 4);
    image.put(60, 1, 4);
    image.put(64, snapshot, 8);
    image.put(snapshot + 36, 16, 4);
    for (std::uint64_t i = 0; i < entries; ++i) image.put(Image::l1 + 8 * i, Image::l2, 8);
    image.put(Image::l2, Image::data, 8);
    image.put(Image::l2 + 8, Image::data + Image::cluster, 8);
    for (auto const shared : {4u, 5u, 6u}) image.put(Image::refcount_block + 2 * shared, entries, 2);
    image.put(Image::refcount_block + 2 * 7, 1, 2);
    CountedBytes const counted(image.bytes);
    auto const summary = check_qcow2(counted);
    ASSERT_TRUE(summary) << summary.error().context;
    EXPECT_LT(counted.bytes_read(), 2 * image.bytes.size());

    image.put(Image::refcount_block + 2 * 5, entries - 1, 2);
    EXPECT_EQ(code_of(check(image)), Errc::damaged_backup) << "a use of the shared table is not counted";
}

/// A file in the share can be rewritten while it is checked: what was inside before may be anywhere now.
class ChangingBytes : public BytesInMemory {
public:
    using BytesInMemory::BytesInMemory;
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        auto done = BytesInMemory::read(offset, into);
        if (offset != Image::l1 || ++reads_of_l1_ != 2) return done;
        std::ranges::fill(into.first(8), std::byte{0x00});
        into[1] = std::byte{0xff};
        return done;
    }

private:
    mutable int reads_of_l1_ = 0;
};

TEST(Qcow2, AnEntryThatPointsElsewhereAtTheSecondReadingIsAnError) {
    EXPECT_FALSE(check_qcow2(ChangingBytes(Image().bytes)));
    Image shared;
    auto const snapshot = Image::data + 2 * Image::cluster;
    shared.bytes.resize(shared.bytes.size() + Image::cluster);
    shared.put(60, 1, 4);
    shared.put(64, snapshot, 8);
    shared.put(snapshot + 36, 16, 4);
    shared.put(Image::refcount_block + 2 * 7, 1, 2);
    EXPECT_FALSE(check_qcow2(ChangingBytes(shared.bytes)));
}

TEST(Qcow2, ZeroFlagsBelongToVersion3) {
    Image image;
    image.put(Image::l2, 1, 8);
    image.put(Image::l2 + 8, (Image::data + Image::cluster) | copied | 1, 8);
    ASSERT_TRUE(check(image));
    image.put(4, 2, 4);
    EXPECT_EQ(code_of(check(image)), Errc::damaged_backup);
}

TEST(Qcow2, AbsurdSizesCostNeitherMemoryNorTime) {
    for (auto const size :
         {std::uint64_t{1} << 42, std::uint64_t{1} << 62, std::numeric_limits<std::uint64_t>::max()}) {
        Image const small;
        test::SparseBytes image(size);
        image.put(0, {small.bytes.begin(), small.bytes.begin() + 112});
        image.put(Image::refcount_table, {8, std::byte{0xff}});
        auto const result = check_qcow2(image);
        EXPECT_FALSE(result);
    }
}

TEST(Qcow2, NoByteOfTheTablesCausesACrash) {
    Image const whole;
    unsigned random = 12345;
    auto const next = [&random] { return random = random * 1664525 + 1013904223; };
    int objections = 0;
    for (int round = 0; round < 3000; ++round) {
        Image image = whole;
        for (int i = 0; i < 1 + round % 4; ++i) {
            static constexpr std::uint64_t starts[] = {0, Image::refcount_table, Image::refcount_block, Image::l1,
                                                       Image::l2};
            auto const at = starts[(next() >> 8) % 5] + (next() >> 8) % 112;
            image.bytes[static_cast<std::size_t>(at)] = static_cast<std::byte>(next() >> 16);
        }
        if (!check(image)) ++objections;
    }
    EXPECT_GT(objections, 1000);
}

}  // namespace
}  // namespace sb::verify
