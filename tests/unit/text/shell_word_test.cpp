#include "common/text/shell_word.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

namespace sb::test {
namespace {

/// What /bin/sh prints.
std::string output_of(std::string const& command) {
    auto* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return "popen failed";
    std::string said;
    std::array<char, 256> piece{};
    for (std::size_t count = 0; (count = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        said.append(piece.data(), count);
    ::pclose(pipe);
    return said;
}

std::string as_the_shell_reads(std::string const& word) { return output_of("printf %s " + word); }

TEST(ShellWord, LeavesOrdinaryPathsAsTheyAre) {
    EXPECT_EQ(shell_word("/etc/scale-backup/config.toml"), "/etc/scale-backup/config.toml");
}

TEST(ShellWord, IsOneWordForTheShellWhateverItContains) {
    for (std::string const text : {"", "a b", "it's", "'", "$HOME `id` \\ \"x\"", "a;b|c&d", "~", "*", "Büro 1", "-rf",
                                   "\\", "x\\", "\\';id;#", "=ls", "x;touch${IFS}/tmp/x;#"})
        EXPECT_EQ(as_the_shell_reads(shell_word(text)), text);
}

TEST(ShellWord, HasNoBackslashInsideOfQuotesWhereFishLetsItEscapeTheQuote) {
    EXPECT_EQ(shell_word("\\"), R"(''\\'')");
    EXPECT_EQ(shell_word("\\';id;#"), R"(''\\''\'';id;#')");
}

TEST(ShellWord, IsNoPathOfAProgramForZsh) { EXPECT_EQ(shell_word("=ls"), "'=ls'"); }

TEST(SuggestedCommand, KeepsOrdinaryWordsAsTheyAre) {
    EXPECT_EQ(suggested_command("status"), "scale-backupctl status");
    EXPECT_EQ(suggested_command("link", {"1111", "web1"}), "scale-backupctl link 1111 web1");
}

TEST(SuggestedCommand, QuotesEachForeignWord) {
    EXPECT_EQ(suggested_command("delete --yes", {"x;id;#", ""}), "scale-backupctl delete --yes 'x;id;#' ''");
    EXPECT_EQ(suggested_command("delete", {"a b"}, {{"cluster", "$(id)"}}),
              "scale-backupctl delete --cluster='$(id)' 'a b'");
}

TEST(SuggestedCommand, RunsNothingElseWhateverItsWordsAre) {
    for (std::string const word :
         {"x;echo ran;#", "'; echo ran; '", "`echo ran`", "$(echo ran)", "a\necho ran", "\\';echo ran;#"}) {
        auto const command = suggested_command("link", {word, "b"}, {{"cluster", word}});
        auto const words = command.substr(command.find(' '));  // a function of sh has no hyphen in its name
        EXPECT_EQ(output_of("show() { printf '<%s>' \"$@\"; }; show" + words),
                  "<link><--cluster=" + word + "><" + word + "><b>");
    }
}

TEST(SuggestedCommand, LetsNoForeignWordBecomeAnOption) {
    EXPECT_EQ(suggested_command("delete --yes", {"a", "--now"}), "scale-backupctl delete --yes -- a --now");
    EXPECT_EQ(suggested_command("delete", {"-x"}, {{"cluster", "--yes"}}),
              "scale-backupctl delete --cluster=--yes -- -x");
}

}  // namespace
}  // namespace sb::test
