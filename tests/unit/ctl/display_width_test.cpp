#include "ctl/render/display_width.hpp"

#include <gtest/gtest.h>

namespace sb::ctl {
namespace {

TEST(DisplayWidth, CountsColumnsNotBytes) {
    EXPECT_EQ(display_width(""), 0u);
    EXPECT_EQ(display_width("FILE01"), 6u);
    EXPECT_EQ(display_width("Büro"), 4u);
    EXPECT_EQ(display_width("Bu\u0308ro"), 4u);  // combining diaeresis
    EXPECT_EQ(display_width("日本語"), 6u);
    EXPECT_EQ(display_width("한국"), 4u);
    EXPECT_EQ(display_width("😀x"), 3u);
    EXPECT_EQ(display_width("привет"), 6u);
    EXPECT_EQ(display_width("\xff\xfe"), 2u);  // not UTF-8
}

TEST(DisplayWidth, CutsBetweenSignsAndShowsThatItDid) {
    EXPECT_EQ(cut_to_width("FILE01", 6), "FILE01");
    EXPECT_EQ(cut_to_width("FILE01", 5), "FILE…");
    EXPECT_EQ(cut_to_width("日本語", 6), "日本語");
    EXPECT_EQ(cut_to_width("日本語", 5), "日本…");
    EXPECT_EQ(cut_to_width("日本語", 4), "日…");
    EXPECT_EQ(cut_to_width("Bu\u0308ro", 3), "Bu\u0308…");
    EXPECT_EQ(cut_to_width("abc", 1), "…");
    EXPECT_EQ(cut_to_width("abc", 0), "");
}

TEST(DisplayWidth, PadsToColumns) {
    EXPECT_EQ(pad_to_width("日本", 6, Align::left), "日本  ");
    EXPECT_EQ(pad_to_width("42", 4, Align::right), "  42");
    EXPECT_EQ(pad_to_width("long", 2, Align::left), "long");
}

TEST(EscapeControls, DisarmsWhatSteersATerminal) {
    EXPECT_EQ(escape_controls("Büro 日本 😀"), "Büro 日本 😀");
    EXPECT_EQ(escape_controls("a\x1b[31mb"), "a\\x1b[31mb");
    EXPECT_EQ(escape_controls("a\nb\rc\td"), "a\\nb\\rc\\td");
    EXPECT_EQ(escape_controls(std::string("a\0b\x7f", 4)), "a\\x00b\\x7f");
    EXPECT_EQ(escape_controls("a\u202Eb"), "a\\u202eb");
    EXPECT_EQ(escape_controls("a\u009Bb"), "a\\x9bb");       // the one-byte CSI
    EXPECT_EQ(escape_controls("a\xC0\xAF"), "a\\xc0\\xaf");  // overlong
}

TEST(EscapeControls, LineEndsStayWhereATextHasSeveralLines) {
    EXPECT_EQ(escape_within_lines("one\n  two\x1b[2J\n"), "one\n  two\\x1b[2J\n");
    EXPECT_EQ(escape_within_lines("a\r\nb\u009B"), "a\\r\nb\\x9b");
    EXPECT_EQ(escape_within_lines(""), "");
}

}  // namespace
}  // namespace sb::ctl
