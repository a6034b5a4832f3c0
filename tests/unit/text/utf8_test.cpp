#include "common/text/utf8.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace sb {
namespace {

TEST(Utf8, EveryCodePointIsReadBack) {
    for (char32_t c = 0; c <= 0x10FFFF; ++c) {
        if (c >= 0xD800 && c <= 0xDFFF) continue;
        std::string text;
        append_utf8(text, c);
        auto const point = first_code_point(text + "x");
        ASSERT_EQ(point.value, c);
        ASSERT_EQ(point.bytes, text.size());
        ASSERT_EQ(sequence_length(text.front()), text.size());
        ASSERT_EQ(is_ascii(text), text.size() == 1);
    }
}

/// RFC 3629's grammar, written out: another form of the same rule than the decoder's arithmetic.
bool is_of_the_grammar(std::string_view s) {
    auto const in = [&](std::size_t i, int low, int high) {
        int const byte = static_cast<unsigned char>(s[i]);
        return low <= byte && byte <= high;
    };
    auto const tail = [&](std::size_t from) {
        for (std::size_t i = from; i < s.size(); ++i)
            if (!in(i, 0x80, 0xBF)) return false;
        return true;
    };
    switch (s.size()) {
        case 1: return in(0, 0x00, 0x7F);
        case 2: return in(0, 0xC2, 0xDF) && tail(1);
        case 3:
            return tail(2) && ((in(0, 0xE0, 0xE0) && in(1, 0xA0, 0xBF)) || (in(0, 0xE1, 0xEC) && tail(1)) ||
                               (in(0, 0xED, 0xED) && in(1, 0x80, 0x9F)) || (in(0, 0xEE, 0xEF) && tail(1)));
        case 4:
            return tail(2) && ((in(0, 0xF0, 0xF0) && in(1, 0x90, 0xBF)) || (in(0, 0xF1, 0xF3) && tail(1)) ||
                               (in(0, 0xF4, 0xF4) && in(1, 0x80, 0x8F)));
        default: return false;
    }
}

TEST(Utf8, NothingButTheGrammarIsAccepted) {
    constexpr int thirds[] = {0x00, 0x7F, 0x80, 0xBF, 0xC0, 0xFF};
    auto const check = [](std::string const& text) {
        ASSERT_EQ(first_code_point(text).bytes == text.size(), is_of_the_grammar(text)) << testing::PrintToString(text);
    };
    for (int first = 0; first < 256; ++first) {
        check(std::string{static_cast<char>(first)});
        for (int second = 0; second < 256; ++second) {
            std::string const two{static_cast<char>(first), static_cast<char>(second)};
            check(two);
            for (int const third : thirds) {
                auto const three = two + static_cast<char>(third);
                check(three);
                for (int const fourth : thirds) check(three + static_cast<char>(fourth));
            }
        }
    }
}

TEST(Utf8, AnEmptyTextHasNoCodePoint) {
    EXPECT_EQ(first_code_point("").bytes, 0U);
    EXPECT_TRUE(is_utf8(""));
}

TEST(Utf8, BytesThatAreNotTextAreReplacedOneByOne) {
    EXPECT_EQ(valid_utf8("Büro 日本 😀"), "Büro 日本 😀");
    EXPECT_EQ(valid_utf8("a\xff\xc0\xaf z\xe2\x82"), "a\uFFFD\uFFFD\uFFFD z\uFFFD\uFFFD");
    EXPECT_TRUE(is_utf8(valid_utf8("\xed\xa0\x80")));
    EXPECT_FALSE(is_utf8("\xed\xa0\x80"));
}

TEST(Utf8, ACutNeverDividesACharacter) {
    std::string_view const text = "aü日😀";
    EXPECT_EQ(whole_characters(text, 100), text.size());
    EXPECT_EQ(whole_characters(text, 2), 1U);
    EXPECT_EQ(whole_characters(text, 3), 3U);
    EXPECT_EQ(whole_characters(text, 5), 3U);
    EXPECT_EQ(whole_characters(text, 9), 6U);
    EXPECT_EQ(whole_characters(text, 0), 0U);
}

TEST(Utf8, ControlsOfBothKindsAreControls) {
    for (auto const c : U"\x1F\x7F\x80\x9B\x9F") EXPECT_TRUE(is_control(c)) << std::uint32_t{c};
    for (auto const c : {U' ', U'~', U'\xA0', U'あ'}) EXPECT_FALSE(is_control(c)) << std::uint32_t{c};
}

}  // namespace
}  // namespace sb
