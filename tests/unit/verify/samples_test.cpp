#include "daemon/verify/samples.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <random>
#include <vector>

namespace sb::verify {
namespace {

constexpr std::uint64_t mib = 1u << 20;

/// A file of any size with a bad sector, which notes what was read.
class Disk : public platform::RandomAccess {
public:
    explicit Disk(std::uint64_t size) : size_(size) {}

    std::optional<std::uint64_t> bad_sector;
    std::optional<platform::DataRange> data;  ///< everything else is a hole
    mutable std::vector<platform::DataRange> reads;

    std::uint64_t size() const override { return size_; }
    Result<void> read(std::uint64_t offset, std::span<std::byte> into) const override {
        if (offset > size_ || into.size() > size_ - offset) return Error{Errc::internal, "outside"};
        reads.push_back({offset, offset + into.size()});
        if (bad_sector && *bad_sector >= offset && *bad_sector < offset + into.size())
            return Error{Errc::io, "Input/output error"};
        return {};
    }
    Result<platform::DataRange> next_data(std::uint64_t offset) const override {
        if (!data) return platform::DataRange{offset, size_};
        if (offset >= data->end) return platform::DataRange{size_, size_};
        return platform::DataRange{std::max(offset, data->begin), data->end};
    }

private:
    std::uint64_t size_;
};

RandomBelow seeded() {
    return [random = std::mt19937_64(7)](std::uint64_t limit) mutable { return random() % limit; };
}

TEST(Samples, ASmallFileIsReadCompletely) {
    for (std::uint64_t const size : {std::uint64_t{0}, std::uint64_t{1}, mib, mib + 1, 66 * mib}) {
        Disk disk(size);
        ASSERT_TRUE(read_samples(disk, seeded()));
        std::uint64_t end = 0;
        for (auto const& read : disk.reads) {
            EXPECT_EQ(read.begin, end);
            end = read.end;
        }
        EXPECT_EQ(end, size);
    }
}

TEST(Samples, OfALargeFileTheFirstTheLastAndRandomPiecesAreRead) {
    Disk disk(1000 * mib + 5);
    ASSERT_TRUE(read_samples(disk, seeded()));
    ASSERT_EQ(disk.reads.size(), 66u);
    EXPECT_EQ(disk.reads[0].begin, 0u);
    EXPECT_EQ(disk.reads[1].end, disk.size());
    std::uint64_t total = 0;
    for (auto const& read : disk.reads) total += read.end - read.begin;
    EXPECT_GT(total, 60 * mib);
    EXPECT_LE(total, 66 * mib);
}

TEST(Samples, ABadSectorIsFoundAtTheBeginningAtTheEndAndWhereChanceLooks) {
    for (std::uint64_t const sector : {std::uint64_t{512}, 1000 * mib - 1, 500 * mib}) {
        Disk disk(1000 * mib);
        disk.bad_sector = sector;
        auto const done = read_samples(disk, [](std::uint64_t) { return 500 * mib - 100; });
        ASSERT_FALSE(done) << sector;
        EXPECT_EQ(done.error().code, Errc::io);
    }
}

TEST(Samples, HolesAreNotRead) {
    Disk disk(10000 * mib);
    disk.data = platform::DataRange{50 * mib, 60 * mib};
    ASSERT_TRUE(read_samples(disk, seeded()));
    int inside = 0;
    for (auto const& read : disk.reads)
        if (read.begin >= 50 * mib && read.begin < 60 * mib) ++inside;
    EXPECT_EQ(inside, random_samples);
    disk.data = platform::DataRange{0, 0};
    EXPECT_TRUE(read_samples(disk, seeded())) << "an image without data";
}

TEST(Samples, ChanceStaysBelowItsLimit) {
    for (int i = 0; i < 1000; ++i) ASSERT_LT(random_below(3), 3u);
    EXPECT_EQ(random_below(1), 0u);
}

}  // namespace
}  // namespace sb::verify
