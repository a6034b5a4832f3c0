// Whatever the file contains: a result in bounded time, and no crash.
#include "tests/unit/config/config_texts.hpp"
#include "tests/unit/config/temporary_folder.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

using namespace sb::config;
using namespace sb::config::testing;
using ::testing::HasSubstr;

namespace {

std::string repeated(std::string_view piece, std::size_t times) {
    std::string text;
    for (std::size_t i = 0; i < times; ++i) text += piece;
    return text;
}

}  // namespace

TEST(ConfigHostileInput, DeepNestingIsRefusedBeforeTheParserSeesIt) {
    EXPECT_THAT(render_problems(parse("a = " + repeated("[", 4000), "t").problems), HasSubstr("nested too deeply"));
    EXPECT_THAT(render_problems(parse("a = " + repeated("[\n", 400'000), "t").problems),
                HasSubstr("nested too deeply"));
    EXPECT_THAT(render_problems(parse("a = " + repeated("{a=", 1300), "t").problems), HasSubstr("nested too deeply"));
    EXPECT_THAT(render_problems(parse(repeated("a.", 2000) + "b = 1", "t").problems), HasSubstr("too many parts"));
    EXPECT_THAT(render_problems(parse("[" + repeated("a.", 2000) + "b]", "t").problems), HasSubstr("too many parts"));
    EXPECT_THAT(render_problems(parse("a = '''\n'''" + repeated("[\n", 40), "t").problems),
                HasSubstr("nested too deeply"));
    EXPECT_THAT(render_problems(parse("a = \"\"\"\\\"\"\"\"\nb = " + repeated("[", 40), "t").problems),
                HasSubstr("nested too deeply"));
}

TEST(ConfigHostileInput, BracketsInTextAreNotNesting) {
    EXPECT_TRUE(parse(complete_with("smb-hunter2", repeated("[{", 100)), "t").ok());
    EXPECT_TRUE(parse(complete("# " + repeated("[", 100) + "\n"), "t").ok());
}

TEST(ConfigHostileInput, LongLinesManyValuesAndLargeFilesAreRefused) {
    EXPECT_THAT(render_problems(parse(repeated("x", 5000), "t").problems), HasSubstr("t:1:4097: the line is too long"));
    EXPECT_THAT(render_problems(parse(repeated("[a]\n", 6000), "t").problems), HasSubstr("too many values"));
    EXPECT_THAT(render_problems(parse("a = [" + repeated("1,\n", 6000) + "]", "t").problems),
                HasSubstr("too many values"));
    EXPECT_THAT(render_problems(parse(repeated("#\n", 600'000), "t").problems), HasSubstr("larger than 1 MiB"));
}

TEST(ConfigHostileInput, BytesThatAreNotUtf8AreRefusedWithTheirPlace) {
    for (auto const* bad :
         {"\xFF", "\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF5\x80\x80\x80", "\xC3", "\xF0\x9F\x98", "\x80"}) {
        auto const loaded = parse(std::string("[SMB]\nUsername = '\xC3\xA4") + bad + "'\n", "t");
        EXPECT_EQ(render_problems(loaded.problems), "t:2:14: the file is not valid UTF-8 here\n");
    }
    auto const zero = parse(std::string("[SMB]\nUser\0name = 'x'\n", 22), "t");
    EXPECT_EQ(render_problems(zero.problems), "t:2:5: control characters are not allowed\n");
}

TEST(ConfigHostileInput, HugeNumbersAndOddValuesAreOnlyWrong) {
    for (auto const& value :
         {repeated("9", 4000), std::string("0x") + repeated("F", 4000), std::string("1e999999"), std::string("nan"),
          std::string("-inf"), std::string("0b") + repeated("1", 4000), std::string("2020-99-99"),
          std::string("99:99:99"), std::string("1__0"), std::string("+"), std::string("0x"), std::string("0o9")}) {
        EXPECT_FALSE(parse(complete("[Schedule]\nConcurrency = " + value + "\n"), "t").ok()) << value.substr(0, 20);
    }
}

TEST(ConfigHostileInput, ManyRepetitionsEnd) {
    auto const loaded = parse(complete("[Hooks]\n" + repeated("a = 1\n", 3000)), "t");
    EXPECT_GE(loaded.problems.size(), 1U);
    EXPECT_LE(loaded.problems.size(), 100U);
    EXPECT_FALSE(parse(repeated("[[SMB]]\n", 2000), "t").ok());
    EXPECT_FALSE(parse("SMB = { a = 1, a = 2 }\n", "t").ok());
    EXPECT_FALSE(parse("[SMB]\na = { a = 1 }\na.b = 2\n[SMB.a]\n[SMB.a.b]\n", "t").ok());
    EXPECT_FALSE(parse("[SMB]\n'a b' = 1\n'a b' = 2\n", "t").ok());
    EXPECT_FALSE(parse("[a]\nb.c = 1\n[a.b]\n[a]\n[a]\n", "t").ok());
}

TEST(ConfigHostileInput, CutAndShuffledTextsGetAnAnswer) {
    std::string const text = complete(
        "[SMTP]\nTo = ['a@b', \"c\\u00e4@d\"]\nFrom = '''x@y'''\n[Schedule]\nTag = \"\"\"a\\\n b\"\"\"\nMaxAge = "
        "1979-05-27T07:32:00Z\n"
        "Tolerance = { x = 0xff, y = [1.5, +inf] }\n[[Daemon]]\nSocket.a.b = true\n");
    for (std::size_t i = 0; i < text.size(); ++i) parse(text.substr(0, i), "t");
    unsigned state = 1;  // a small generator: the same texts on every machine
    auto const next = [&] { return state = state * 1664525U + 1013904223U, state >> 8U; };
    for (int round = 0; round < 400; ++round) {
        std::string mixed = text;
        for (unsigned k = next() % 6 + 1; k > 0; --k) {
            std::size_t const at = next() % mixed.size();
            std::size_t const from = next() % mixed.size();
            mixed.replace(at, next() % 12, mixed.substr(from, next() % 12));
        }
        parse(mixed, "t");
    }
}

TEST(ConfigHostileInput, FilesThatCannotBeReadAreProblems) {
    TemporaryFolder folder;
    auto const said = [](std::filesystem::path const& path) { return render_problems(load(path).problems); };
    EXPECT_THAT(said(folder.path() / "none.toml"), HasSubstr("no such file"));
    EXPECT_THAT(said(folder.path()), HasSubstr("it is a folder"));
    EXPECT_THAT(said("/dev/zero"), HasSubstr("not a regular file"));
    EXPECT_THAT(said(folder.write("big.toml", std::string(max_config_bytes + 1, '#'))),
                HasSubstr("larger than 1024 KiB"));
    auto const pipe = folder.path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_THAT(said(pipe), HasSubstr("not a regular file"));
    auto const locked = folder.write("locked.toml", complete());
    std::filesystem::permissions(locked, std::filesystem::perms::none);
    // root may read everything, so root cannot test this.
    if (!std::ifstream(locked).good()) {
        EXPECT_THAT(said(locked), HasSubstr("Permission denied"));
    }
}
