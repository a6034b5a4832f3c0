#include "common/text/one_line.hpp"

#include "common/text/utf8.hpp"

#include <gtest/gtest.h>

namespace sb {
namespace {

TEST(OneLine, LeavesAnOrdinaryNameAsItIs) {
    for (std::string const name : {"", "FILE01", " two  spaces ", "Größe 文件 ❤️", "a'b\"c\\d"})
        EXPECT_EQ(one_line(name), name);
}

TEST(OneLine, NothingInItEndsALine) {
    EXPECT_EQ(one_line("a\nb\r\nc\rd\te\vf\fg"), "a b c d e f g");
    EXPECT_EQ(one_line("a\u0085b\u2028c\u2029d"), "a b c d") << "Unicode's line ends";
}

TEST(OneLine, NothingInItControlsATerminalOrReversesText) {
    EXPECT_EQ(one_line("\x1b[2Jx\x7f"), "\uFFFD[2Jx\uFFFD");
    EXPECT_EQ(one_line("x\u009b2J"), "x\uFFFD2J") << "a C1 control";
    EXPECT_EQ(one_line("gpj.\u202Eexe\u2066"), "gpj.\uFFFDexe\uFFFD");
    EXPECT_EQ(one_line(std::string("a\0b\xff", 4)), "a\uFFFDb\uFFFD");
}

TEST(OneLine, ALongTextIsCutBetweenCharacters) {
    EXPECT_EQ(one_line("äöü", 6), "äöü");
    EXPECT_EQ(one_line("äöü", 5), "äö …");
    EXPECT_TRUE(is_utf8(one_line(std::string(100'000, '\xe2'), 20)));
    EXPECT_LT(one_line(std::string(100'000, '\xe2'), 20).size(), 30u);
}

}  // namespace
}  // namespace sb
