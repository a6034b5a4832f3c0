#include "common/text/shell_word.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>

namespace sb::test {
namespace {

/// What /bin/sh makes of the word.
std::string as_the_shell_reads(std::string const& word) {
    auto const command = "printf %s " + word;
    auto* const pipe = ::popen(command.c_str(), "r");
    if (pipe == nullptr) return "popen failed";
    std::string said;
    std::array<char, 256> piece{};
    for (std::size_t count = 0; (count = std::fread(piece.data(), 1, piece.size(), pipe)) > 0;)
        said.append(piece.data(), count);
    ::pclose(pipe);
    return said;
}

TEST(ShellWord, LeavesOrdinaryPathsAsTheyAre) {
    EXPECT_EQ(shell_word("/etc/scale-backup/config.toml"), "/etc/scale-backup/config.toml");
}

TEST(ShellWord, IsOneWordForTheShellWhateverItContains) {
    for (std::string const text : {"", "a b", "it's", "'", "$HOME `id` \\ \"x\"", "a;b|c&d", "~", "*", "Büro 1", "-rf"})
        EXPECT_EQ(as_the_shell_reads(shell_word(text)), text);
}

}  // namespace
}  // namespace sb::test
