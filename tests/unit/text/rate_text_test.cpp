#include "common/text/rate_text.hpp"

#include <gtest/gtest.h>

namespace sb {
namespace {

TEST(RateText, TakesWhatPeopleWrite) {
    EXPECT_EQ(parse_rate("200 MiB/s")->bytes_per_second, 200u << 20);
    EXPECT_EQ(parse_rate("200MiB")->bytes_per_second, 200u << 20);
    EXPECT_EQ(parse_rate("1 GB/s")->bytes_per_second, 1'000'000'000u);
    EXPECT_EQ(parse_rate("64 kib/s")->bytes_per_second, 65536u);
    EXPECT_EQ(parse_rate("unlimited")->bytes_per_second, std::nullopt);
    EXPECT_EQ(rate_text(*parse_rate("200 MB/s")), "190.7 MiB/s");
    EXPECT_EQ(rate_text(Rate{}), "unlimited");
}

TEST(RateText, RefusesTheRest) {
    for (std::string const text : {"", "fast", "200", "200 Mbit", "-1 MiB", "0 MiB", "1 KiB",
                                   "99999999999999999999 MiB", "9999999 GiB", "1.5.2 MiB"}) {
        auto const rate = parse_rate(text);
        ASSERT_FALSE(rate) << text;
        EXPECT_EQ(rate.error().code, Errc::invalid_config);
    }
    EXPECT_EQ(parse_rate("1.5 MiB/s").error().context,
              "fractions are not allowed; use a whole number of a smaller unit");
    EXPECT_EQ(parse_rate("200 Mbit").error().context, "it has an unknown unit");
}

}  // namespace
}  // namespace sb
