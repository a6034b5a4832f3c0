#include "common/text/whole_number.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace sb {
namespace {

TEST(WholeNumber, IsTheWholeTextAndInRange) {
    EXPECT_EQ(whole_number<int>("0"), 0);
    EXPECT_EQ(whole_number<int>("-7"), -7);
    EXPECT_EQ(whole_number<std::uint16_t>("65535"), 65535);
    EXPECT_EQ(whole_number<std::uint64_t>("18446744073709551615"), UINT64_MAX);
    for (auto const* text : {"", " 1", "1 ", "+1", "-1", "1x", "1.5", "0x10", "65536", "99999999999999999999"})
        EXPECT_EQ(whole_number<std::uint16_t>(text), std::nullopt) << text;
}

}  // namespace
}  // namespace sb
