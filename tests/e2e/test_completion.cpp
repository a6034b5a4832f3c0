// The TAB key in the real shells: what is typed, completed and entered is understood by the program as it was meant.

#include "tests/e2e/rig.hpp"
#include "tests/support/pty_process.hpp"

#include <csignal>

namespace sb::test {
namespace {

#define SB_NEEDS_SHELL(name) \
    if (!find_program(name)) GTEST_SKIP() << name " is not installed"

constexpr char const* hard_name = "Büro $HOME (alt) 'x' `y` a:b@c=d!";

using Environment = std::vector<std::pair<std::string, std::string>>;

struct CompletionRig {
    CompletionRig() {
        auto const names = rig.daemon.ctl({"show-vms"}).out;
        rig.rename_vm(names.substr(0, names.find('\n')), hard_name);
    }
    Environment environment() const {
        auto const programs = std::filesystem::path(built_program("scale-backupctl")).parent_path().string();
        return {{"PATH", programs + ":" + std::getenv("PATH")},
                {"SCALE_BACKUP_SOCKET", rig.daemon.socket().string()},
                {"HOME", rig.dir.path().string()},
                {"XDG_CONFIG_HOME", rig.dir.path().string()},
                {"TERM", "xterm"},
                {"LC_ALL", "C.UTF-8"}};
    }
    Finished sh(std::vector<std::string> argv) const { return run({std::move(argv), environment()}); }

    Rig rig;
};

/// A shell at which somebody types.
struct Shell {
    /// `set_up` is its first command, `status` its variable for how the last one ended.
    Shell(CompletionRig const& rig, std::vector<std::string> argv, std::string const& set_up, std::string status = "$?")
        : program({std::move(argv), rig.environment()}, {120, 30}), status_variable(std::move(status)) {
        program.type(set_up + "\r");
        EXPECT_TRUE(succeeded()) << program.raw();
    }
    /// Whether the last command ended with 0.
    bool succeeded() {
        program.type("echo \"code-" + status_variable + "\"'!'\r");
        return program.wait_for("code-0!", std::chrono::seconds{10});
    }
    PtyProcess program;
    std::string status_variable;
};

/// A VM's name and a backup's name, begun in several ways, each followed by TAB.
void expect_hard_names_are_completed(CompletionRig const& rig, Shell& shell) {
    for (auto const* begun : {"scale-backup why B", "scale-backupctl why \"B", "scale-backup why 'B", "scale-backup wh\tB",
                              "scale-backup why Büro\\ \\$H", "scale-backup why \"Büro \\$HOME (a"}) {
        shell.program.type(std::string(begun) + "\t\r");
        EXPECT_TRUE(shell.succeeded()) << begun << "\n" << shell.program.raw();
    }
    auto const made = rig.rig.daemon.ctl({"backup", hard_name, "B $1 'vor' Änderung"});
    ASSERT_EQ(made.code, 0) << made.err;
    shell.program.type("scale-backup protect B\t\r");
    EXPECT_TRUE(shell.succeeded()) << shell.program.raw();
    EXPECT_EQ(rig.rig.daemon.ctl_json({"show-backups"}).root().elements().front()["protected"].boolean(), true);
    for (auto const* begun : {"scale-backup verify --level str", "scale-backupctl verify --level=str"}) {
        shell.program.type(std::string(begun) + "\t\r");
        EXPECT_TRUE(shell.succeeded()) << begun << "\n" << shell.program.raw();
    }
}

TEST(CompletionAtTheKeyboard, Bash) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_SHELL("bash");
    CompletionRig const rig;
    Shell shell(rig, {"bash", "--norc", "--noprofile", "-i"}, "source <(scale-backupctl completion bash)");
    expect_hard_names_are_completed(rig, shell);
    shell.program.type("scale-backup why Büro\\ \\$HOME\\ \\(alt\\)\\ \\'x\\'\\ \\`y\\`\\ a:b@\t\r");
    EXPECT_TRUE(shell.succeeded()) << shell.program.raw();
}

TEST(CompletionAtTheKeyboard, Zsh) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_SHELL("zsh");
    CompletionRig const rig;
    Shell shell(rig, {"zsh", "-f", "-i"}, "autoload -Uz compinit; compinit -u -D; source <(scale-backupctl completion zsh)");
    expect_hard_names_are_completed(rig, shell);
    // As packages install it: a file that compinit finds.
    Shell packaged(rig, {"zsh", "-f", "-i"},
                   "mkdir ~/site && scale-backupctl completion zsh >~/site/_scale-backupctl && fpath=(~/site $fpath) && "
                   "autoload -Uz compinit && compinit -u -D");
    packaged.program.type("scale-backup why B\t\r");
    EXPECT_TRUE(packaged.succeeded()) << packaged.program.raw();
}

TEST(CompletionAtTheKeyboard, Fish) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_SHELL("fish");
    CompletionRig const rig;
    Shell shell(rig, {"fish", "--no-config", "-i", "-C", "function fish_prompt; end"},
                "scale-backupctl completion fish | source", "$status");
    expect_hard_names_are_completed(rig, shell);
}

TEST(CompletionAtTheKeyboard, ThePredecessorsOwnSnippetInZsh) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_SHELL("zsh");
    CompletionRig const rig;
    auto snippet = read_file(SB_PREDECESSOR_ZSH);
    std::string const path = "/local/path/to/your/backups/";  // it asks to put in one's own
    snippet.replace(snippet.find(path), path.size(), rig.rig.share().string() + "/");
    write_file(rig.rig.dir / "snippet.zsh", snippet);
    Shell shell(rig, {"zsh", "-f", "-i"}, "source ~/snippet.zsh; scale-backup version");
    shell.program.type("scale-backup back\t" "B\t" "snippet\r");
    EXPECT_TRUE(shell.succeeded()) << shell.program.raw();
    shell.program.type("scale-backup res\t" "sni\t" " snippet-restored\r");
    EXPECT_TRUE(shell.succeeded()) << shell.program.raw();
    EXPECT_NE(rig.rig.daemon.ctl({"show-vms"}).out.find("snippet-restored\n"), std::string::npos);
}

TEST(Completion, BashsFunctionGivesWhatReadlineInserts) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_SHELL("bash");
    CompletionRig const rig;
    auto const replies = [&](std::string const& line) {
        auto const done = rig.sh({"bash", "--norc", "-c",
                                  "source <(scale-backupctl completion bash); COMP_LINE=$1 COMP_POINT=${#1}; "
                                  "_scale_backupctl scale-backup; printf '%s\\n' \"${COMPREPLY[@]}\"",
                                  "bash", line});
        EXPECT_EQ(done.code, 0);
        EXPECT_EQ(done.err, "");
        return done.out;
    };
    EXPECT_EQ(replies("scale-backup why B"), "Büro\\ \\$HOME\\ \\(alt\\)\\ \\'x\\'\\ \\`y\\`\\ a\\:b\\@c\\=d\\!\n");
    EXPECT_EQ(replies("scale-backup prune --d"), "--dry-run\n");
    EXPECT_EQ(replies("scale-backup show-q"), "show-queue\n");
    EXPECT_EQ(replies("scale-backup verify --level r"), "reread\n");
}

TEST(Completion, FishShowsWhatTheNamesAre) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_SHELL("fish");
    CompletionRig const rig;
    auto const complete = [&](std::string const& line) {
        return rig.sh({"fish", "--no-config", "-c", "scale-backupctl completion fish | source; complete -C $argv[1]", line}).out;
    };
    EXPECT_THAT(complete("scale-backup why B"), testing::StartsWith(hard_name + std::string("\t")));
    EXPECT_THAT(complete("scale-backupctl res"), testing::HasSubstr("restore\trestore as a new VM\n"));
    EXPECT_EQ(complete("scale-backup backup 'a b' "), "");
    EXPECT_THAT(complete("scale-backup verify --level "), testing::StartsWith("structure\tdefinition, disks, tables\n"));
}

TEST(Completion, IsSilentWhenTheDaemonHangsOrIsGone) {
    SB_NEEDS_SAMBA();
    Rig rig;
    auto const complete = [&] {
        return run({{built_program("scale-backupctl"), "__complete", "zsh", "--socket", rig.daemon.socket().string(), "why", ""}});
    };
    rig.daemon.signal(SIGSTOP);
    auto done = complete();
    rig.daemon.signal(SIGCONT);
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.out + done.err, "words\n");
    rig.daemon.stop();
    done = complete();
    EXPECT_EQ(done.code, 0);
    EXPECT_EQ(done.out + done.err, "words\n");
}

}  // namespace
}  // namespace sb::test
