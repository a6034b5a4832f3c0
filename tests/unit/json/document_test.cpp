#include "common/json/document.hpp"

#include <gtest/gtest.h>

#include <string>

namespace sb::json {
namespace {

double number_in(std::string const& text) {
    auto const document = Document::parse(text);
    EXPECT_TRUE(document) << text << ": " << (document ? "" : document.error().context);
    return document ? document->root()["a"].number().value_or(-1) : -1;
}

// RapidJSON counts the leading zeros of the digits, which is undefined for these.
TEST(Document, ReadsZeroInEveryNotation) {
    auto const long_one = "0." + std::string(400, '0');
    for (std::string const zero : {"0", "-0", "0.0", "0e60", "-0E-60", "0.0e60", long_one.c_str()})
        EXPECT_EQ(number_in("{\"a\":" + zero + "}"), 0) << zero;
}

// It rounds the first twenty digits up, to 2^64, and counts the leading zeros of what is left of that.
TEST(Document, ReadsNumbersWhoseDigitsFillSixtyFourBits) {
    EXPECT_DOUBLE_EQ(number_in(R"({"a":184467440737095516155})"), 184467440737095516155.0);
    EXPECT_DOUBLE_EQ(number_in(R"({"a":-0.0184467440737095516159})"), -0.0184467440737095516159);
    EXPECT_EQ(number_in(R"({"a":184467440737095516154})"), 184467440737095516154.0);
}

TEST(Document, ReadsOtherNumbersExactly) {
    EXPECT_EQ(number_in(R"({"a":0.1234567890123456789,"b":0.0})"), 0.1234567890123456789);
    EXPECT_EQ(number_in(R"({"a":123456789012345678901234567890e-20})"), 123456789012345678901234567890e-20);
    EXPECT_EQ(number_in(R"({"a":5e-324})"), 5e-324);
    EXPECT_FALSE(Document::parse(R"({"a":1e400})"));
    EXPECT_FALSE(Document::parse(R"({"a":01})"));
}

TEST(Document, ReportsWhereTheTextIsNotJson) {
    EXPECT_EQ(Document::parse("{\"a\":1e400}").error().context.substr(0, 14), "JSON, byte 5: ");
    EXPECT_EQ(Document::parse("[1,]").error().context.substr(0, 14), "JSON, byte 3: ");
    EXPECT_EQ(Document::parse("[[[1]]]", 2).error().context, "JSON, byte 2: nested more than 2 deep");
}

}  // namespace
}  // namespace sb::json
