#include "common/text/suggestion.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>

using sb::edit_distance;
using sb::nearest_word;

namespace {

constexpr std::array<std::string_view, 4> known{"Username", "Password", "PasswordFile", "Host"};

}  // namespace

TEST(Suggestion, CountsEdits) {
    EXPECT_EQ(edit_distance("", ""), 0U);
    EXPECT_EQ(edit_distance("Host", ""), 4U);
    EXPECT_EQ(edit_distance("kitten", "sitting"), 3U);
    EXPECT_EQ(edit_distance("Hots", "Host"), 1U) << "two letters swapped are one slip";
}

TEST(Suggestion, FindsTyposAndWrongCase) {
    EXPECT_EQ(nearest_word("username", known), "Username");
    EXPECT_EQ(nearest_word("HOST", known), "Host");
    EXPECT_EQ(nearest_word("Pasword", known), "Password");
    EXPECT_EQ(nearest_word("Password_File", known), "PasswordFile");
}

TEST(Suggestion, GivesNoneWhenNothingIsSimilar) {
    EXPECT_EQ(nearest_word("Banana", known), std::nullopt);
    EXPECT_EQ(nearest_word("", known), std::nullopt);
    EXPECT_EQ(nearest_word(std::string(1000, 'x'), known), std::nullopt);
}

TEST(Suggestion, TakesABeginningThatOnlyOneWordHas) {
    EXPECT_EQ(nearest_word("pass", known), std::nullopt) << "Password and PasswordFile";
    EXPECT_EQ(nearest_word("use", known), "Username");
}
