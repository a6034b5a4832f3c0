#include "common/text/size_text.hpp"

#include <gtest/gtest.h>

#include <limits>

using sb::size_text;

TEST(SizeText, UsesIecUnits) {
    EXPECT_EQ(size_text(0), "0 B");
    EXPECT_EQ(size_text(1023), "1023 B");
    EXPECT_EQ(size_text(1024), "1 KiB");
    EXPECT_EQ(size_text(1536), "1.5 KiB");
    EXPECT_EQ(size_text(3ULL << 29U), "1.5 GiB");
    EXPECT_EQ(size_text(1ULL << 40U), "1 TiB");
}

TEST(SizeText, RoundsIntoTheNextUnitInsteadOfShowing1024) {
    EXPECT_EQ(size_text(1024 * 1024 - 1), "1 MiB");
    EXPECT_EQ(size_text(1024ULL * 1024 * 1024 - 1), "1 GiB");
    EXPECT_EQ(size_text(1023ULL * 1024), "1023 KiB");
}

TEST(SizeText, HoldsTheLargestNumber) {
    EXPECT_EQ(size_text(std::numeric_limits<std::uint64_t>::max()), "16 EiB");
    EXPECT_EQ(size_text(3ULL << 59U), "1.5 EiB");
}
