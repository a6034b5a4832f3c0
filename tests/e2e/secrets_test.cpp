// Passwords are never visible: not in logs, arguments, environments, responses, manifests or state.

#include "tests/e2e/fixture.hpp"

#include <algorithm>
#include <fstream>

namespace sb::test {
namespace {

namespace fs = std::filesystem;

constexpr char const* share_password = "Sh4re+Kenn/wort~7";
constexpr char const* cluster_password = "Clu5ter=Kenn&wort^8";

/// Plain, as encoded in JSON and URIs, and as in HTTP basic authentication.
std::vector<std::string> forms_of_the_passwords() {
    return {share_password,
            cluster_password,
            "Sh4re%2BKenn%2Fwort",
            "Clu5ter%3DKenn%26wort",
            "Clu5ter=Kenn\\u0026wort",
            "Sh4re+Kenn\\/wort",
            "YWRtaW46Q2x1NXRlcj1LZW5uJndvcnReOA"};
}

/// A description of every occurrence of a password in `text`.
std::string shown_in(std::string const& text, std::string const& what) {
    for (auto const& form : forms_of_the_passwords())
        if (text.find(form) != std::string::npos) return what + " shows '" + form + "'\n";
    return "";
}

std::string shown_in_files_below(fs::path const& folder, std::vector<fs::path> const& except) {
    std::string found;
    for (auto const& entry : fs::recursive_directory_iterator(folder)) {
        bool const skipped = std::ranges::find(except, entry.path()) != except.end();
        if (!entry.is_regular_file() || skipped) continue;
        found += shown_in(read_file(entry.path()), entry.path().string());
    }
    return found;
}

FixtureSettings settings_with_talkative_hooks(TempDir const& hooks) {
    auto const hook = hooks / "hook";
    write_file(hook, "#!/bin/sh\n{ echo \"$@\"; env; tr '\\0' '\\n' </proc/$PPID/cmdline; } >>'" +
                         (hooks / "seen").string() + "' 2>&1\n");
    fs::permissions(hook, fs::perms{0700});
    FixtureSettings settings;
    settings.samba.password = share_password;
    settings.simulator.password = cluster_password;
    settings.adjust = [hook](DaemonSettings& daemon) {
        daemon.more +=
            "[Hooks]\nPreBackup = '" + hook.string() + " {{VMName}}'\nPostRestore = '" + hook.string() + " x'\n";
    };
    return settings;
}

TEST(Secrets, AreNotVisibleAfterBackupsRestoresAndFailures) {
    SB_NEEDS_SAMBA();
    TempDir hooks;
    Fixture fixture(settings_with_talkative_hooks(hooks));
    auto const vms = fixture.daemon.ctl({"show-vms"}).out;
    auto const vm = vms.substr(0, vms.find('\n'));
    std::string output;
    auto const ask = [&](std::vector<std::string> arguments) {
        auto const done = fixture.daemon.ctl(arguments);
        output += done.out + done.err;
        return done.code;
    };
    EXPECT_EQ(ask({"backup", vm, "one"}), 0);
    EXPECT_EQ(ask({"restore", "one", "one again"}), 0);
    EXPECT_NE(ask({"backup", vm, "one"}), 0);
    EXPECT_NE(ask({"restore", "none", "x"}), 0);
    // A password that the share refuses: the cluster reports the failure with its own message, which may quote the
    // request.
    fixture.daemon.stop();
    fixture.daemon.settings.smb_password = std::string(share_password) + "!";
    fixture.daemon.start();
    EXPECT_NE(ask({"backup", vm, "two"}), 0);
    for (auto const* command : {"status", "jobs", "show-backups", "runs", "show-queue"}) ask({"--json", command});
    auto const checked = fixture.daemon.run_to_end({"--check-config"});
    output += checked.out + checked.err;

    ASSERT_FALSE(read_file(hooks / "seen").empty()) << "the hooks did not run, so nothing is tested";
    EXPECT_EQ(shown_in(output, "an answer"), "");
    EXPECT_EQ(shown_in(fixture.daemon.log(), "the log"), "");
    EXPECT_EQ(shown_in(read_file(hooks / "seen"), "what a hook sees"), "");
    auto const process = "/proc/" + std::to_string(fixture.daemon.pid());
    for (auto const* file : {"/cmdline", "/environ"}) EXPECT_EQ(shown_in(read_file(process + file), file), "");
    EXPECT_EQ(shown_in_files_below(fixture.share(), {}), "");
    EXPECT_EQ(shown_in_files_below(fixture.daemon.state_dir(), {}), "");
}

TEST(Secrets, AreNotInCoreDumps) {
    TempDir dir;
    Fixture fixture({.start_daemon = true});
    auto const limits = read_file("/proc/" + std::to_string(fixture.daemon.pid()) + "/limits");
    EXPECT_THAT(limits, testing::ContainsRegex("Max core file size +0 +0"));
    // A kernel that pipes dumps to a program checks this flag instead of the limit; it also keeps out debuggers of the
    // same user. Files of a process that must not be dumped belong to root.
    fixture.daemon.signal(SIGABRT);
    wait_until([&] { return !fixture.daemon.running(); });
    for (auto const& entry : fs::directory_iterator(fs::current_path()))
        EXPECT_FALSE(entry.path().filename().string().starts_with("core")) << entry.path();
}

}  // namespace
}  // namespace sb::test
