#include "common/text/case_key.hpp"

#include <gtest/gtest.h>

namespace sb {
namespace {

TEST(CaseKey, NamesThatDifferOnlyInCaseAreTheSame) {
    EXPECT_EQ(case_key("File01"), case_key("fILE01"));
    EXPECT_EQ(case_key("GRÖSSE"), case_key("grösse"));
    EXPECT_EQ(case_key("ЖУРНАЛ"), case_key("журнал"));
    EXPECT_EQ(case_key("ΑΒΓ"), case_key("αβγ"));
    EXPECT_NE(case_key("a"), case_key("b"));
    EXPECT_NE(case_key("×"), case_key("÷"));
    EXPECT_EQ(case_key("a\xff"), "a\xff");
    EXPECT_EQ(case_key(""), "");
}

TEST(CaseKey, KnowsTheLettersOfOtherLanguagesToo) {
    EXPECT_EQ(case_key("ƠƯ ẠẾỰ"), case_key("ơư ạếự")) << "Vietnamese";
    EXPECT_EQ(case_key("ȘȚ ǍǙ"), case_key("șț ǎǚ")) << "Romanian, Pinyin";
    EXPECT_EQ(case_key("ԱՖ"), case_key("աֆ")) << "Armenian";
    EXPECT_EQ(case_key("ＡＺ"), case_key("ａｚ")) << "full-width";
    EXPECT_EQ(case_key("ΆΏ ҐӘ ŸŻ"), case_key("άώ ґә ÿż"));
    EXPECT_NE(case_key("ạ"), case_key("ả"));
    EXPECT_EQ(case_key("ǅ ß ı 日"), "ǅ ß ı 日") << "not one of a pair";
}

}  // namespace
}  // namespace sb
