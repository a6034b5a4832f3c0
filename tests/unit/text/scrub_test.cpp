#include "common/text/scrub.hpp"

#include "common/text/ascii.hpp"

#include <gtest/gtest.h>

namespace sb {
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
    EXPECT_EQ(scrub("x p%40ss+%22w&rd%3C/%25 y"), "x *** y") << "encoded only in part";
    EXPECT_EQ(scrub("x p%2540ss%2520%2522w%2526rd%253C%252F%2525 y"), "x *** y") << "encoded twice";
    EXPECT_EQ(scrub("x p@ss \\\"w&rd<\\/% y"), "x *** y") << "JSON";
    EXPECT_EQ(scrub("x p@ss \\u0022w\\u0026rd\\u003c/% y"), "x *** y") << "JSON";
    EXPECT_EQ(scrub("x p@ss &quot;w&amp;rd&lt;/% y"), "x *** y") << "HTML";
    EXPECT_EQ(scrub("x p@ss &#34;w&#x26;rd&#60;/% y"), "x *** y") << "HTML";
}

TEST(Scrub, FindsAPasswordWithEveryCharacter) {
    std::string password, percent, escaped;
    for (int c = 33; c < 127; ++c) {
        std::string const digits{upper_hex_digit(c >> 4), upper_hex_digit(c)};
        password += static_cast<char>(c);
        percent += "%" + digits;
        escaped += "\\x" + digits;
    }
    auto const scrub = scrubber({password});
    EXPECT_EQ(scrub("a" + password + "b"), "a***b");
    EXPECT_EQ(scrub("a" + percent + "b"), "a***b");
    EXPECT_EQ(scrub("a" + escaped + "b"), "a***b");
}

TEST(Scrub, FindsAPasswordOutsideAsciiHoweverItIsEscaped) {
    auto const scrub = scrubber({"wörd€😀"});
    for (std::string const spelled :
         {"wörd€😀", "w%C3%B6rd%E2%82%AC%F0%9F%98%80", "w\\u00f6rd\\u20AC\\ud83d\\ude00",
          "w\\u00c3\\u00b6rd\\u00e2\\u0082\\u00ac😀", "w&#246;rd&#x20AC;&#128512;", "w\\303\\266rd€😀",
          "w=C3=B6rd=E2=82=AC=F0=9F=98=80", "77c3b67264e282acf09f9880", "d8O2cmTigqzwn5iA"})
        EXPECT_EQ(scrub("x " + spelled + " y"), "x *** y") << spelled;
}

TEST(Scrub, FindsAPasswordInQuotedPrintableLines) {
    auto const scrub = scrubber({"p=ss wörd"});
    EXPECT_EQ(scrub("p=3Dss w=C3=B6rd"), "***");
    EXPECT_EQ(scrub("p=3Dss=20w=C3=\r\n=B6rd."), "***.") << "a line ends within a character";
    EXPECT_EQ(scrub("p=3Dss=\n=20w=C3=B6rd."), "***.");
}

TEST(Scrub, FindsAPasswordInHexadecimalDigits) {
    auto const scrub = scrubber({"hunter2"});
    EXPECT_EQ(scrub("got 0x68756E74657232."), "got 0x***.");
    EXPECT_EQ(scrub("got 68:75:6e:74:65:72:32."), "got ***.");
    EXPECT_EQ(scrub("got 68 75 6e 74 65 72 32."), "got ***.");
    EXPECT_EQ(scrub("got 6875 6e74 6572."), "got 6875 6e74 6572.") << "not all of it";
    EXPECT_EQ(scrubber({"abc"})("616263"), "616263") << "three bytes are a number";
}

TEST(Scrub, FindsAPasswordInBase64) {
    auto const scrub = scrubber({"pass"});
    EXPECT_EQ(scrub("535 cGFzcw== no"), "535 *** no") << "alone, as AUTH LOGIN sends it";
    EXPECT_EQ(scrub("535 AHVzZXIAcGFzcw== no"), "535 *** no") << "after user, as AUTH PLAIN sends it";
    EXPECT_EQ(scrub("Basic dXNlcjpwYXNz."), "Basic ***.") << "as HTTP sends it";
    EXPECT_EQ(scrub("cGFzcw"), "***") << "without its padding";
    EXPECT_EQ(scrub("reply=QUJwYXNzQUI=;"), "reply=***;");
    EXPECT_EQ(scrub("cGFzdA== cGFyaw=="), "cGFzdA== cGFyaw==") << "'past' and 'park'";
    EXPECT_EQ(scrub("VXNlcm5hbWU6"), "VXNlcm5hbWU6");
}

// bytes before, the secret, bytes after: all alignments and lengths.
TEST(Scrub, FindsAPasswordAnywhereInBase64) {
    auto const scrub = scrubber({"geh<im?~"});
    for (auto const* const word :
         {"Z2VoPGltP34=", "eGdlaDxpbT9+", "eHhnZWg8aW0/fg==", "Z2VoPGltP355", "eGdlaDxpbT9+eQ==", "eHhnZWg8aW0/fnl5"})
        EXPECT_EQ(scrub(std::string("(") + word + ")"), "(***)") << word;
    EXPECT_EQ(scrub("(eHhnZWg8aW0_fg)"), "(***)") << "the alphabet for URLs";
    EXPECT_EQ(scrub("(eGdlaDxpbT9-)"), "(***)") << "the alphabet for URLs";
    EXPECT_EQ(scrub("(eHhnZWg8aW0%2Ffg%3D%3D)"), "(***)") << "in a URL";
    EXPECT_EQ(scrub("(eHhnZWg8aW0\\/fg==)"), "(***)") << "in JSON";
    EXPECT_EQ(scrub("(eGdlaDxpbT9\\u002b)"), "(***)") << "in JSON";
    EXPECT_EQ(scrub("(eGdlaDxpbT9&#43;)"), "(***)") << "in HTML";
    EXPECT_EQ(scrub("(eHhnZWg8aW0/fg=3D=3D)"), "(***)") << "in a mail";
}

TEST(Scrub, FindsAPasswordInBase64OfSeveralLines) {
    auto const scrub = scrubber({"hunter2 is a secret"});
    std::string const first = "bG9uZyBlbm91Z2ggdG8gYmUgd3JhcHBlZCwgaHVudGVyM", rest = "iBpcyBhIHNlY3JldA==";
    for (std::string const end : {"\n", "\r\n", "\r\n  ", "=\r\n", "\\n", "%0D%0A"})
        EXPECT_EQ(scrub("(" + first + end + rest + ")"), "(***)") << end;
    EXPECT_EQ(scrub("(" + first + " " + rest + ")"), "(" + first + " " + rest + ")") << "two words";
}

TEST(Scrub, WordsAndNumbersAreNotMistakenForASpelling) {
    std::string const text =
        "2026-11-30T05:04:01Z GET /rest/v1/VirDomain/0a1b2c3d-0001 failed: see Documentation-Center, the share is full "
        "100 % \\\\srv\\new\\table &amp; more=00, sha256 "
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    EXPECT_EQ(scrubber({"a1", "xyz", "pass", "hunter2", "Tr0ub4dor&3", "correct horse"})(text), text);
}

TEST(Scrub, AShortPasswordGarblesNoWords) {
    EXPECT_EQ(scrubber({"hunter2"})("535 hunter2, xhunter2x"), "535 ***, x***x");
    EXPECT_EQ(scrubber({"p"})("Failed to connect to 127.0.0.1 port 25"), "Failed to connect to 127.0.0.1 port 25");
    EXPECT_EQ(scrubber({"p"})("wrong password p (p)"), "wrong password *** (***)");
    EXPECT_EQ(scrubber({"aa"})("aaaa aa"), "aaaa ***");
    EXPECT_EQ(scrubber({"p"})("pp"), "pp");
    EXPECT_EQ(scrubber({"p"})("cA== %70q"), "cA== %70q") << "one letter in base64 is a word";
    EXPECT_EQ(scrubber({""})("nothing set"), "nothing set");
}

TEST(Scrub, HidesTheLoginOfAnyShareUri) {
    EXPECT_EQ(scrubber({})("cannot open smb://CORP;svc:ab@c@host/share/x now"),
              "cannot open smb://***@host/share/x now");
    EXPECT_EQ(scrubber({"ab"})("a cab: smb://svc:ab@host/s"), "a cab: smb://***@host/s")
        << "a secret of two characters is only hidden where it is a word";
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

TEST(Scrub, WhatIsCutOffLeavesNoPartOfBase64) {
    auto const scrub = scrubber({"geheim!"});
    std::string const text = "a Z2VoZWltIQ== b";
    for (std::size_t most = 3; most <= 14; ++most) EXPECT_EQ(scrub.beginning(text, most), "a ***") << most;
    EXPECT_EQ(scrub.beginning("a 67656865696d21 b", 5), "a ***");
    // Of a very long word only the part near the password is hidden: what is shown does not depend on the cut.
    auto const endless = std::string(9000, 'A') + "Z2VoZWltIQ" + std::string(9000, 'A');
    auto const whole = scrub(endless);
    EXPECT_TRUE(whole.starts_with(std::string(6000, 'A')) && whole.ends_with("A***"));
    for (std::size_t most = 6000; most <= 12'000; most += 100)
        EXPECT_TRUE(whole.starts_with(scrub.beginning(endless, most))) << most;
}

TEST(Scrub, AShortPasswordStaysInNamesWhereItIsLikelyAWord) {
    auto const scrub = scrubber({"prod", "hunter2"});
    EXPECT_EQ(scrub.name("production", 100), "production");
    EXPECT_EQ(scrub.name("vm hunter2", 100), "vm ***");
    EXPECT_EQ(scrub.name("smb://u:prod@h", 100), "smb://***@h");
    EXPECT_EQ(scrub("production"), "***uction");
}

}  // namespace
}  // namespace sb
