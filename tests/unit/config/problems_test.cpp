// How problems are found together, placed and printed.
#include "tests/unit/config/config_texts.hpp"

#include <gmock/gmock.h>

using namespace sb::config;
using namespace sb::config::testing;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(ConfigProblems, ASyntaxErrorIsFoundBehindARepetition) {
    auto const loaded = parse(
        "[smtp]\n"
        "[SMB]\n"
        "Username = 'JohnDoe'\n"
        "  username = 'y'\n"
        "Password = 12345\n"
        "Host = 'fileserver:0'\n"
        "ShareName = 'a/b'\n"
        "LocalPath = '/mnt/b'\n"
        "Username = 'again'\n"
        "[Scale]\n"
        "Username = ''\n"
        "Host = 'h\xC3\xB6st' # \xC3\xA4\n"
        "Sp\xC3\xA4t = 1\n",
        "t.toml");
    EXPECT_EQ(render_problems(loaded.problems),
              "t.toml:9:1: SMB.Username: this key appears twice; it is first in line 3\n"
              "t.toml:13:3: this is neither a key (Key = value) nor a section ([Section])\n");
}

TEST(ConfigProblems, AreAllReportedAtOnceInCompilerStyle) {
    auto const loaded = parse(
        "[smtp]\n"
        "[SMB]\n"
        "Username = 'JohnDoe'\n"
        "  username = 'y'\n"
        "Password = 12345\n"
        "Host = 'fileserver:0'\n"
        "ShareName = 'a/b'\n"
        "LocalPath = '/mnt/b'\n"
        "Username = 'again'\n"
        "[Scale]\n"
        "Username = ''\n"
        "\"h\xC3\xB6st\" = 'cluster'\n"
        "[Schedule]\n"
        "Concurrency = 9\n"
        "[SMB]\n"
        "Host = 'twice'\n"
        "[Daemon]\n"
        "LogLevel = 'Info'\n",
        "t.toml");
    EXPECT_EQ(
        render_problems(loaded.problems),
        "t.toml:1:1: smtp: unknown section; did you mean [SMTP]?\n"
        "t.toml:4:3: SMB.username: unknown key; did you mean 'Username'?\n"
        "t.toml:5:12: SMB.Password: this must be a string in quotes, not a number; allowed: a string that is not "
        "empty\n"
        "t.toml:6:8: SMB.Host: 'fileserver:0': the port must be a number from 1 to 65535; allowed: a host name or IP "
        "address, optionally with a port: 'host', 'host:port', '[v6]:port'\n"
        "t.toml:7:13: SMB.ShareName: 'a/b': use the name of the share only, not a folder inside it; "
        "allowed: the name of the share, without '/' and '\\'\n"
        "t.toml:9:1: SMB.Username: this key appears twice; it is first in line 3\n"
        "t.toml:10:1: Scale.Host: this key is missing; allowed: a host name or IP address, optionally with a port: "
        "'host', 'host:port', '[v6]:port'; or a list of them, one for each node\n"
        "t.toml:10:1: Scale.Password: this key is missing; PasswordFile = 'path' is allowed too\n"
        "t.toml:11:12: Scale.Username: this must not be empty; allowed: a string that is not empty\n"
        "t.toml:12:1: Scale.h\xC3\xB6st: unknown key; [Scale] has Username, Password, PasswordFile, Host, "
        "CertFingerprint\n"
        "t.toml:14:15: Schedule.Concurrency: '9': out of range; allowed: a whole number from 1 to 3\n"
        "t.toml:15:1: SMB: this section appears twice; it is first in line 2\n"
        "t.toml:18:12: Daemon.LogLevel: 'Info': unknown value (did you mean 'info'?); allowed: 'error', 'warning', "
        "'info' or "
        "'debug'\n");
}

TEST(ConfigProblems, ASyntaxErrorHasItsPlace) {
    struct Case {
        char const* text;
        char const* expected;
    };
    for (auto const& [text, expected] :
         {Case{"[SMB]\nPassword = pa$$w0rd\n", "t:2:12: this is not a TOML value; text needs quotes"},
          Case{"[SMB]\nUsername 'a'\n", "t:2:9: the '=' after the key is missing"},
          Case{"[SMB]\nUsername = 'a\nHost = 'b'\n", "t:2:12: the text in quotes does not end"},
          Case{"[SMB]\nLocalPath = \"C:\\Users\"\n",
               "t:2:13: the text in quotes does not end on its line or has an invalid escape"},
          Case{"[SMB\nA = 1\n", "t:1:1: "}, Case{"[SMB]\nA =\n", "t:2:4: the value after the '=' is missing"},
          Case{"[SMB]\nA = 'x' 'y'\n", "t:2:9: the line should end here"},
          Case{"[SMB]\nA = ['x' 'y']\n", "t:2:10: a comma is missing in the list"},
          Case{"[SMB]\n= 1\n", "t:2:1: the key before the '=' is missing"},
          Case{"[SMB]\nA = tru\n", "t:2:5: this is not a TOML value"}, Case{"[SMB]\nA = 99-99\n", "t:2:"}}) {
        auto const loaded = parse(text, "t");
        ASSERT_EQ(loaded.problems.size(), 1U) << text;
        EXPECT_THAT(render_problems(loaded.problems), StartsWith(expected)) << text;
    }
}

TEST(ConfigProblems, RepeatedKeysDoNotHideTheRest) {
    auto const loaded =
        parse(complete("[Schedule]\nTag = 'a'\nTag = 'b'\nTag = '''\nc'''\nConcurrency = 7\nMaxAge = 'x'\n"), "t");
    ASSERT_EQ(loaded.problems.size(), 4U) << render_problems(loaded.problems);
    EXPECT_EQ(loaded.problems[0].line, 13);
    EXPECT_EQ(loaded.problems[1].line, 14);
    EXPECT_EQ(loaded.problems[2].key, "Schedule.Concurrency");
    EXPECT_EQ(loaded.problems[2].line, 16) << "places stay those of the file";
    EXPECT_EQ(loaded.problems[3].key, "Schedule.MaxAge");
}

TEST(ConfigProblems, ColumnsCountCharactersNotBytes) {
    auto const loaded = parse(complete_with("Host = 'files'", "Host = '\xC3\xA4' 7"), "t");
    EXPECT_EQ(loaded.problems.front().column, 12);
}

TEST(ConfigProblems, WindowsLineEndsAndAByteOrderMarkAreFine) {
    std::string text = "\xEF\xBB\xBF";
    for (char const c : complete("[Schedule]\nConcurrency = 4")) {
        if (c == '\n') text += '\r';
        text += c;
    }
    auto const loaded = parse(text, "t");
    ASSERT_EQ(loaded.problems.size(), 1U) << render_problems(loaded.problems);
    EXPECT_EQ(loaded.problems.front().line, 12);
    EXPECT_EQ(loaded.problems.front().column, 15);
    EXPECT_TRUE(parse("\xEF\xBB\xBF" + complete(), "t").ok());
}

TEST(ConfigProblems, InlineTablesAndDottedKeysHavePlacesToo) {
    auto const loaded = parse("Scale = { Username = 'u', Password = 'p', Hots = 'c' }\nSMB.Usrname = 'x'\n", "t");
    EXPECT_THAT(render_problems(loaded.problems), HasSubstr("t:1:43: Scale.Hots: unknown key; did you mean 'Host'?"));
    EXPECT_THAT(render_problems(loaded.problems),
                HasSubstr("t:2:5: SMB.Usrname: unknown key; did you mean 'Username'?"));
}

TEST(ConfigProblems, KeysFromTheFileCannotFakeALine) {
    auto const loaded = parse(complete("[Hooks]\n\"a\\nt:1:1: all is well\" = 1\n"), "t");
    EXPECT_THAT(render_problems(loaded.problems), HasSubstr("Hooks.a?t:1:1: all is well: unknown key"));
}
