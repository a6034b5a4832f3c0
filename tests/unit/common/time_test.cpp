#include "common/time.hpp"

#include <gtest/gtest.h>

namespace sb {
namespace {

TEST(Rfc3339, WhatIsReadCanBeWrittenAndReadAgain) {
    for (auto const* text :
         {"0001-01-01T00:00:00Z", "9998-12-31T23:59:59Z", "2016-12-31T23:59:60Z", "2026-11-23T05:04:01.25+01:00"}) {
        auto const time = parse_rfc3339(text);
        ASSERT_TRUE(time) << text;
        for (auto const hours : {-23, 0, 14}) {
            auto const written = format_rfc3339(*time, std::chrono::hours{hours});
            auto const again = parse_rfc3339(written);
            ASSERT_TRUE(again) << written;
            EXPECT_EQ(*again, std::chrono::floor<std::chrono::seconds>(*time));
        }
    }
}

TEST(Rfc3339, RefusesMomentsThatLieBeyondFourDigitsInSomeZone) {
    for (auto const* text :
         {"0000-01-01T00:00:00+23:59", "0000-12-31T00:00:00Z", "9999-01-01T00:00:00Z", "9999-12-31T23:59:59-00:01"})
        EXPECT_FALSE(parse_rfc3339(text)) << text;
}

}  // namespace
}  // namespace sb
