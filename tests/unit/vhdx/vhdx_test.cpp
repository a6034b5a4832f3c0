// The structure of VHDX files, by the numbers of the specification. What other programs make of whole files is tested
// in tests/unit/disk_export.
#include "common/vhdx/crc32c.hpp"
#include "common/vhdx/vhdx.hpp"

#include <gmock/gmock.h>

#include <algorithm>
#include <string>

namespace sb::vhdx {
namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20, gib = mib << 10, tib = gib << 10;

Guid guid(int of) {
    Guid made{};
    made.fill(static_cast<std::byte>(of));
    return made;
}

Vhdx layout(std::uint64_t bytes, Kind kind) {
    return Vhdx::create(bytes, kind, Identity{guid(1), guid(2), guid(3)}).value();
}

std::uint64_t number(Piece const& piece, std::size_t at, std::size_t width) {
    std::uint64_t value = 0;
    for (std::size_t i = width; i > 0; --i)
        value = value << 8 | std::to_integer<std::uint64_t>(piece.bytes[at + i - 1]);
    return value;
}

Piece piece_at(Vhdx const& vhdx, std::uint64_t offset) {
    for (auto& piece : vhdx.structure())
        if (piece.offset == offset) return piece;
    ADD_FAILURE() << "nothing at " << offset;
    return {};
}

TEST(Crc32c, IsThatOfTheSpecification) {
    std::string const digits = "123456789";
    EXPECT_EQ(crc32c(std::as_bytes(std::span(digits))), 0xe3069283U);
    EXPECT_EQ(crc32c({}), 0U);
}

TEST(Vhdx, AFixedDiskIsOnePieceThatBeginsAtAMultipleOfTwoMiB) {
    for (auto const bytes : {mib, 32 * mib, 3 * gib, 5 * tib}) {
        auto vhdx = layout(bytes, Kind::fixed);
        auto const begin = vhdx.place(0);
        EXPECT_EQ(begin % (2 * mib), 0U);
        EXPECT_EQ(vhdx.place(bytes - 1), begin + bytes - 1);
        EXPECT_GE(vhdx.file_bytes(), begin + bytes);
        EXPECT_LT(vhdx.file_bytes(), begin + bytes + vhdx.block_bytes());
        EXPECT_EQ(vhdx.placed(bytes / 2), begin + bytes / 2);
    }
}

TEST(Vhdx, ADynamicDiskHasPlacesOnlyForWhatWasPlacedInThatOrder) {
    auto vhdx = layout(gib, Kind::dynamic);
    auto const empty = vhdx.file_bytes();
    EXPECT_EQ(vhdx.placed(0), std::nullopt);
    auto const late = vhdx.place(gib - 1), early = vhdx.place(5);
    EXPECT_EQ(late, empty + vhdx.block_bytes() - 1);
    EXPECT_EQ(early, empty + vhdx.block_bytes() + 5);
    EXPECT_EQ(vhdx.place(gib - 2), late - 1);
    EXPECT_EQ(vhdx.placed(gib / 2), std::nullopt);
    EXPECT_EQ(vhdx.file_bytes(), empty + 2 * vhdx.block_bytes());
}

TEST(Vhdx, ADiskThatNoVhdxCanHoldIsRefused) {
    Identity const identity{guid(1), guid(2), guid(3)};
    EXPECT_EQ(Vhdx::create(0, Kind::fixed, identity).error().code, Errc::refused);
    EXPECT_EQ(Vhdx::create(64 * tib + 1, Kind::dynamic, identity).error().code, Errc::refused);
    EXPECT_TRUE(Vhdx::create(64 * tib, Kind::dynamic, identity));
}

TEST(Vhdx, ASizeThatIsNoMultipleOfASectorIsRoundedUp) {
    EXPECT_EQ(layout(1, Kind::fixed).disk_bytes(), 512U);
    EXPECT_EQ(layout(512, Kind::fixed).disk_bytes(), 512U);
    EXPECT_EQ(layout(gib + 1, Kind::dynamic).disk_bytes(), gib + 512);
}

TEST(Vhdx, TheTablesOfTheLargestDiskAreSmallAndOverlapNothing) {
    auto vhdx = layout(64 * tib, Kind::dynamic);
    vhdx.place(64 * tib - 1);
    auto pieces = vhdx.structure();
    std::ranges::sort(pieces, {}, &Piece::offset);
    std::uint64_t end = 0, all = 0;
    for (auto const& piece : pieces) {
        EXPECT_GE(piece.offset, end);
        end = piece.offset + piece.bytes.size();
        all += piece.bytes.size();
    }
    EXPECT_LE(all, 10 * mib);
    EXPECT_LE(end, *vhdx.placed(64 * tib - 1));
}

TEST(Vhdx, BothHeadersAndRegionTablesCarryTheirChecksum) {
    auto const vhdx = layout(gib, Kind::fixed);
    for (std::uint64_t const offset : {64U << 10, 128U << 10, 192U << 10, 256U << 10}) {
        auto piece = piece_at(vhdx, offset);
        auto const sum = number(piece, 4, 4);
        std::fill_n(piece.bytes.begin() + 4, 4, std::byte{0});
        EXPECT_EQ(sum, crc32c(piece.bytes)) << offset;
    }
    EXPECT_NE(number(piece_at(vhdx, 64 << 10), 8, 8), number(piece_at(vhdx, 128 << 10), 8, 8));
}

TEST(Vhdx, EntriesForBitmapsOfSectorsAreLeftOutBetweenBlocks) {
    // With blocks of 2 MiB, the entry behind 2048 blocks is one for a bitmap.
    auto const vhdx = layout(5 * gib, Kind::fixed);
    auto const table = piece_at(vhdx, 3 * mib);
    auto const begin = *vhdx.placed(0);
    EXPECT_EQ(table.bytes.size(), (2560U + 1) * 8);
    EXPECT_EQ(number(table, 0, 8), begin | 6);
    EXPECT_EQ(number(table, 2047 * 8, 8), (begin + 2047 * 2 * mib) | 6);
    EXPECT_EQ(number(table, 2048 * 8, 8), 0U);
    EXPECT_EQ(number(table, 2049 * 8, 8), (begin + 2048 * 2 * mib) | 6);
}

}  // namespace
}  // namespace sb::vhdx
