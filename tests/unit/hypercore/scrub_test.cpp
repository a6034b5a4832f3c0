#include "daemon/hypercore/encoding.hpp"
#include "daemon/hypercore/scrub.hpp"

#include <gtest/gtest.h>

namespace sb::hypercore {
namespace {

Scrubber scrubber(std::vector<std::string> words) {
    std::vector<Secret> secrets;
    for (auto& word : words) secrets.emplace_back(std::move(word));
    return Scrubber(std::move(secrets));
}

TEST(Scrub, LeavesOrdinaryTextUnchanged) {
    EXPECT_EQ(scrubber({"geheim"})("The share \\\\srv\\x is full: 100 %"), "The share \\\\srv\\x is full: 100 %");
}

TEST(Scrub, FindsAPasswordInEveryUsualSpelling) {
    auto const scrub = scrubber({"p@ss \"w&rd</%"});
    EXPECT_EQ(scrub("<p@ss \"w&rd</%>"), "<***>");
    EXPECT_EQ(scrub("x p%40ss%20%22w%26rd%3C%2F%25 y"), "x *** y");
    EXPECT_EQ(scrub("x p%40ss%20%22w%26rd%3c%2f%25 y"), "x *** y") << "lower case digits";
    EXPECT_EQ(scrub("x p%40ss+%22w&rd%3C/%25 y"), "x *** y") << "encoded only where somebody else thinks it must be";
    EXPECT_EQ(scrub("x p%2540ss%2520%2522w%2526rd%253C%252F%2525 y"), "x *** y") << "encoded twice";
    EXPECT_EQ(scrub("x p@ss \\\"w&rd<\\/% y"), "x *** y") << "JSON";
    EXPECT_EQ(scrub("x p@ss \\u0022w\\u0026rd\\u003c/% y"), "x *** y") << "JSON";
    EXPECT_EQ(scrub("x p@ss &quot;w&amp;rd&lt;/% y"), "x *** y") << "HTML";
    EXPECT_EQ(scrub("x p@ss &#34;w&#x26;rd&#60;/% y"), "x *** y") << "HTML";
}

TEST(Scrub, FindsAPasswordWithEveryCharacter) {
    std::string password;
    for (int c = 33; c < 127; ++c) password += static_cast<char>(c);
    auto const scrub = scrubber({password});
    EXPECT_EQ(scrub("a" + password + "b"), "a***b");
    EXPECT_EQ(scrub("a" + percent_encode(password) + "b"), "a***b");
}

TEST(Scrub, HidesTheLoginOfAnyShareUri) {
    EXPECT_EQ(scrubber({})("cannot open smb://CORP;svc:ab@c@host/share/x now"),
              "cannot open smb://***@host/share/x now");
    EXPECT_EQ(scrubber({"ab"})("a cab: smb://svc:ab@host/s"), "a cab: smb://***@host/s")
        << "a secret of two signs is no word to look for elsewhere";
    EXPECT_EQ(scrubber({})("smb://host/share"), "smb://host/share");
}

TEST(Scrub, PrefersTheLongerOfTwoSecrets) { EXPECT_EQ(scrubber({"abc", "abcdef"})("xabcdefx"), "x***x"); }

TEST(Scrub, ManyBeginningsOfUrisHideTheLoginOfTheLastWord) {
    std::string many;
    for (int i = 0; i < 1000; ++i) many += "smb://";
    EXPECT_EQ(scrubber({})(many + " x"), many + " x");
    EXPECT_EQ(scrubber({})(many + "u:p@h"), "smb://***@h");
    EXPECT_EQ(scrubber({})("smb://u:p@h smb://v:q@i smb://j"), "smb://***@h smb://***@i smb://j");
}

TEST(Scrub, WhatIsCutOffLeavesNoPartOfASecret) {
    auto const scrub = scrubber({"geheim!"});
    EXPECT_EQ(scrub.beginning("a geheim! b", 100), "a *** b");
    for (std::size_t most = 3; most <= 9; ++most) EXPECT_EQ(scrub.beginning("a geheim! b", most), "a ***") << most;
    EXPECT_EQ(scrub.beginning("a ge%68eim%21 b", 6), "a ***");
    EXPECT_EQ(scrub.beginning("a geheim! b", 2), "a ");
    EXPECT_EQ(scrub.beginning("aä", 2), "a") << "no part of a character";
}

TEST(Scrub, WhatIsCutOffLeavesNoPartOfALogin) {
    auto const scrub = scrubber({});
    EXPECT_EQ(scrub.beginning("at smb://svc:pass@host/s", 14), "at smb://***@");
    std::string const endless(100'000, 'x');
    EXPECT_EQ(scrub.beginning("at smb://svc:" + endless + "@host", 14), "at smb://***@")
        << "where the login ends is too far away to be searched";
    EXPECT_EQ(scrub.beginning("at smb://host/s and more", 15), "at smb://host/s");
}

TEST(Scrub, AShortPasswordStaysInNamesWhereItIsLikelyAWord) {
    auto const scrub = scrubber({"prod", "hunter2"});
    EXPECT_EQ(scrub.name("production", 100), "production");
    EXPECT_EQ(scrub.name("vm hunter2", 100), "vm ***");
    EXPECT_EQ(scrub.name("smb://u:prod@h", 100), "smb://***@h");
    EXPECT_EQ(scrub("production"), "***uction");
}

}  // namespace
}  // namespace sb::hypercore
