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

}  // namespace
}  // namespace sb::hypercore
