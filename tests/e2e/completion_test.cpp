// Completion in the real shells: the program gets the completed command line as intended.

#include "tests/e2e/fixture.hpp"
#include "tests/support/pty_process.hpp"

#include <csignal>

namespace sb::test {
namespace {

constexpr char const* hard_name = "Büro $HOME (alt) 'x' `y` a:b@c=d!";

using Environment = std::vector<std::pair<std::string, std::string>>;

struct CompletionFixture {
    CompletionFixture() {
        auto const names = fixture.daemon.ctl({"show-vms"}).out;
        fixture.rename_vm(names.substr(0, names.find('\n')), hard_name);
    }
    Environment environment() const {
        auto const programs = std::filesystem::path(built_program("scale-backupctl")).parent_path().string();
        return {{"PATH", programs + ":" + std::getenv("PATH")},
                {"SCALE_BACKUP_SOCKET", fixture.daemon.socket().string()},
                {"HOME", fixture.dir.path().string()},
                {"XDG_CONFIG_HOME", fixture.dir.path().string()},
                {"TERM", "xterm"},
                {"LC_ALL", "C.UTF-8"}};
    }
    Finished sh(std::vector<std::string> argv) const { return run({std::move(argv), environment()}); }

    Fixture fixture;
};

/// A shell with simulated typing.
struct Shell {
    /// `set_up` is its first command, `status` its variable for the exit code of the last one.
    Shell(CompletionFixture const& fixture, std::vector<std::string> argv, std::string const& set_up,
          std::string status = "$?")
        : program({std::move(argv), fixture.environment()}, {120, 30}), status_variable(std::move(status)) {
        program.type(set_up + "\r");
        EXPECT_TRUE(succeeded()) << program.raw();
    }
    /// Whether the last command exited with 0.
    bool succeeded() {
        program.type("echo \"code-" + status_variable + "\"'!'\r");
        return program.wait_for("code-0!", std::chrono::seconds{10});
    }
    PtyProcess program;
    std::string status_variable;
};

/// Beginnings of a VM's name and of a backup's name in several notations, each followed by TAB.
void expect_hard_names_are_completed(CompletionFixture const& fixture, Shell& shell) {
    for (auto const* begun :
         {"scale-backup why B", "scale-backupctl why \"B", "scale-backup why 'B", "scale-backup wh\tB",
          "scale-backup why Büro\\ \\$H", "scale-backup why \"Büro \\$HOME (a"}) {
        shell.program.type(std::string(begun) + "\t\r");
        EXPECT_TRUE(shell.succeeded()) << begun << "\n" << shell.program.raw();
    }
    auto const made = fixture.fixture.daemon.ctl({"backup", hard_name, "B $1 'vor' Änderung"});
    ASSERT_EQ(made.code, 0) << made.err;
    shell.program.type("scale-backup protect B\t\r");
    EXPECT_TRUE(shell.succeeded()) << shell.program.raw();
    EXPECT_EQ(fixture.fixture.daemon.ctl_json({"show-backups"}).root().elements().front()["protected"].boolean(), true);
    for (auto const* begun : {"scale-backup verify --level str", "scale-backupctl verify --level=str"}) {
        shell.program.type(std::string(begun) + "\t\r");
        EXPECT_TRUE(shell.succeeded()) << begun << "\n" << shell.program.raw();
    }
}

TEST(CompletionOnATerminal, Bash) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_TOOLS("bash");
    CompletionFixture const fixture;
    Shell shell(fixture, {"bash", "--norc", "--noprofile", "-i"}, "source <(scale-backupctl completion bash)");
    expect_hard_names_are_completed(fixture, shell);
    shell.program.type("scale-backup why Büro\\ \\$HOME\\ \\(alt\\)\\ \\'x\\'\\ \\`y\\`\\ a:b@\t\r");
    EXPECT_TRUE(shell.succeeded()) << shell.program.raw();
}

TEST(CompletionOnATerminal, Zsh) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_TOOLS("zsh");
    CompletionFixture const fixture;
    Shell shell(fixture, {"zsh", "-f", "-i"},
                "autoload -Uz compinit; compinit -u -D; source <(scale-backupctl completion zsh)");
    expect_hard_names_are_completed(fixture, shell);
    // As installed by packages: a file that compinit finds.
    Shell packaged(
        fixture, {"zsh", "-f", "-i"},
        "mkdir ~/site && scale-backupctl completion zsh >~/site/_scale-backupctl && fpath=(~/site $fpath) && "
        "autoload -Uz compinit && compinit -u -D");
    packaged.program.type("scale-backup why B\t\r");
    EXPECT_TRUE(packaged.succeeded()) << packaged.program.raw();
}

TEST(CompletionOnATerminal, Fish) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_TOOLS("fish");
    CompletionFixture const fixture;
    Shell shell(fixture, {"fish", "--no-config", "-i", "-C", "function fish_prompt; end"},
                "scale-backupctl completion fish | source", "$status");
    expect_hard_names_are_completed(fixture, shell);
}

TEST(CompletionOnATerminal, ThePredecessorsSnippetInZsh) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_TOOLS("zsh");
    CompletionFixture const fixture;
    auto snippet = read_file(SB_PREDECESSOR_ZSH);
    std::string const path = "/local/path/to/your/backups/";  // the path that the predecessor's snippet has
    snippet.replace(snippet.find(path), path.size(), fixture.fixture.share().string() + "/");
    write_file(fixture.fixture.dir / "snippet.zsh", snippet);
    Shell shell(fixture, {"zsh", "-f", "-i"}, "source ~/snippet.zsh; scale-backup version");
    shell.program.type(
        "scale-backup back\t"
        "B\t"
        "snippet\r");
    EXPECT_TRUE(shell.succeeded()) << shell.program.raw();
    shell.program.type(
        "scale-backup res\t"
        "sni\t"
        " snippet-restored\r");
    EXPECT_TRUE(shell.succeeded()) << shell.program.raw();
    EXPECT_NE(fixture.fixture.daemon.ctl({"show-vms"}).out.find("snippet-restored\n"), std::string::npos);
}

/// What the bash function returns, one a line.
std::string bash_replies_to(CompletionFixture const& fixture, std::string const& line) {
    auto const done = fixture.sh({"bash", "--norc", "-c",
                                  "source <(scale-backupctl completion bash); COMP_LINE=$1 COMP_POINT=${#1}; "
                                  "_scale_backupctl scale-backup; printf '%s\\n' \"${COMPREPLY[@]}\"",
                                  "bash", line});
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.err, "");
    return done.out;
}

TEST(Completion, ANameThatLooksLikeAnOptionIsCompletedAfterTwoDashesAndWorksThere) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_TOOLS("bash");
    CompletionFixture const fixture;
    auto const names = fixture.fixture.daemon.ctl({"show-vms"}).out;
    auto const first = names.substr(0, names.find('\n'));
    auto const second = names.substr(first.size() + 1, names.find('\n', first.size() + 1) - first.size() - 1);
    fixture.fixture.rename_vm(first == hard_name ? second : first, "-h");
    EXPECT_THAT(bash_replies_to(fixture, "scale-backup why "), testing::HasSubstr("--\n"));
    EXPECT_THAT(bash_replies_to(fixture, "scale-backup why "), testing::Not(testing::HasSubstr("-h\n")));
    EXPECT_EQ(bash_replies_to(fixture, "scale-backup why -- -"), "-h\n");
    auto const done = fixture.fixture.daemon.ctl({"why", "--", "-h"});
    EXPECT_EQ(done.code, 0) << done.err;
    EXPECT_THAT(done.out, testing::Not(testing::HasSubstr("Usage"))) << "it is the VM, not the help";
}

TEST(Completion, TheBashFunctionReturnsWhatReadlineInserts) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_TOOLS("bash");
    CompletionFixture const fixture;
    auto const replies = [&](std::string const& line) { return bash_replies_to(fixture, line); };
    EXPECT_EQ(replies("scale-backup why B"), "Büro\\ \\$HOME\\ \\(alt\\)\\ \\'x\\'\\ \\`y\\`\\ a\\:b\\@c\\=d\\!\n");
    EXPECT_EQ(replies("scale-backup prune --d"), "--dry-run\n");
    EXPECT_EQ(replies("scale-backup show-q"), "show-queue\n");
    EXPECT_EQ(replies("scale-backup verify --level r"), "reread\n");
}

TEST(Completion, FishShowsDescriptions) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_TOOLS("fish");
    CompletionFixture const fixture;
    auto const complete = [&](std::string const& line) {
        return fixture
            .sh({"fish", "--no-config", "-c", "scale-backupctl completion fish | source; complete -C $argv[1]", line})
            .out;
    };
    EXPECT_THAT(complete("scale-backup why B"), testing::StartsWith(hard_name + std::string("\t")));
    EXPECT_THAT(complete("scale-backupctl res"), testing::HasSubstr("restore\trestore as a new VM\n"));
    EXPECT_EQ(complete("scale-backup backup 'a b' "), "");
    EXPECT_THAT(complete("scale-backup verify --level "),
                testing::StartsWith("structure\tdefinition, disks and their tables\n"));
}

TEST(Completion, IsSilentWhenTheDaemonHangsOrIsNotRunning) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const complete = [&] {
        return run({{built_program("scale-backupctl"), "__complete", "zsh", "--socket",
                     fixture.daemon.socket().string(), "why", ""}});
    };
    fixture.daemon.signal(SIGSTOP);
    auto done = complete();
    fixture.daemon.signal(SIGCONT);
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.out + done.err, "words\n");
    fixture.daemon.stop();
    done = complete();
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.out + done.err, "words\n");
}

}  // namespace
}  // namespace sb::test
