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

}  // namespace
}  // namespace sb
