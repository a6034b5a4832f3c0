// Start, stop, reload, and two daemons with the same files.

#include "tests/e2e/fixture.hpp"

#include <csignal>

#include <sys/stat.h>

namespace sb::test {
namespace {

TEST(DaemonLife, StopsQuicklyAndRemovesItsSocket) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).code, 0);
    EXPECT_EQ(fixture.daemon.stop(), 0) << fixture.daemon.log();
    EXPECT_FALSE(std::filesystem::exists(fixture.daemon.socket()));
    EXPECT_EQ(fixture.daemon.ctl({"status"}).code, 5);
}

TEST(DaemonLife, ASecondOneOnTheSameStateDirectoryIsRefused) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const second = fixture.daemon.run_to_end({"--socket", (fixture.dir / "other.sock").string()});
    EXPECT_NE(second.code, 0);
    EXPECT_NE((second.out + second.err).find(fixture.daemon.state_dir().string()), std::string::npos) << second.err;
    EXPECT_EQ(fixture.daemon.ctl({"status"}).code, 0) << "the first one must not be affected";
}

TEST(DaemonLife, ASocketInUseIsNotReplaced) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const second = fixture.daemon.run_to_end({"--state-dir", (fixture.dir / "other-state").string()});
    EXPECT_NE(second.code, 0) << second.err;
    EXPECT_EQ(fixture.daemon.ctl({"status"}).code, 0);
}

TEST(DaemonLife, AStaleSocketIsReplaced) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    fixture.daemon.kill();
    ASSERT_TRUE(std::filesystem::exists(fixture.daemon.socket()));
    fixture.daemon.start();
    EXPECT_EQ(fixture.daemon.ctl({"status"}).code, 0);
}

TEST(DaemonLife, TheSocketIsNotAccessibleToAllUsers) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    struct stat info {};
    ASSERT_EQ(::stat(fixture.daemon.socket().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07U, 0U) << std::oct << info.st_mode;
}

// libcurl loads some twenty libraries and 5 MiB, and the daemon promises to be small.
TEST(DaemonLife, WithoutMailLibcurlIsNotLoaded) {
    SB_NEEDS_SAMBA();
    if (!std::filesystem::exists("/proc/self/maps")) GTEST_SKIP() << "needs /proc/self/maps";
    Fixture fixture;
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).code, 0);
    auto const maps = read_file("/proc/" + std::to_string(fixture.daemon.pid()) + "/maps");
    EXPECT_THAT(maps, testing::HasSubstr("libssl"));
    EXPECT_THAT(maps, testing::Not(testing::HasSubstr("libcurl")));
}

TEST(DaemonLife, SighupAppliesAValidConfiguration) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.cluster_password = "not yet"; }});
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).code, 7);
    fixture.daemon.settings.cluster_password = fixture.simulator.settings().password;
    fixture.daemon.write_config();
    fixture.daemon.signal(SIGHUP);
    EXPECT_TRUE(wait_until([&] { return fixture.daemon.ctl({"show-vms"}).code == 0; })) << fixture.daemon.log();
}

TEST(DaemonLife, SighupWithAnInvalidConfigurationChangesNothingAndIsReported) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const pid = fixture.daemon.pid();
    fixture.daemon.settings.more = "[Schedule]\nConcurency = 3\n";
    fixture.daemon.write_config();
    fixture.daemon.signal(SIGHUP);
    ASSERT_TRUE(wait_until([&] { return fixture.daemon.log().find("Concurency") != std::string::npos; }))
        << fixture.daemon.log();
    EXPECT_TRUE(fixture.daemon.running());
    EXPECT_EQ(fixture.daemon.pid(), pid);
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).code, 0);
}

TEST(DaemonLife, AReloadWithAnotherLocalPathDoesNotChangeTheShare) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    TempDir elsewhere;
    fixture.daemon.settings.local_path = elsewhere.path();
    fixture.daemon.settings.share = "OtherShare";
    fixture.daemon.write_config();
    auto const reloaded = fixture.daemon.ctl_json({"reload"});
    auto const waiting = reloaded.root()["needs_restart"].dump();
    EXPECT_NE(waiting.find("SMB.ShareName"), std::string::npos) << reloaded.root().dump();
    EXPECT_NE(waiting.find("SMB.LocalPath"), std::string::npos) << reloaded.root().dump();
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    EXPECT_EQ(fixture.daemon.ctl({"backup", listed.substr(0, listed.find('\n')), "after"}).code, 0)
        << fixture.daemon.log();
    expect_backup(fixture, "after");
}

TEST(DaemonLife, AReloadWithALogFileThatCannotBeOpenedIsRejected) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    TempDir folder;
    fixture.daemon.settings.more = "[Daemon]\nLogFile = " + toml_string(folder.path().string()) + "\n";
    fixture.daemon.write_config();
    EXPECT_THAT(fixture.daemon.ctl({"reload"}), EndedWith(78, "Daemon.LogFile: the log file cannot be opened"));
    EXPECT_TRUE(wait_until([&] {
        return fixture.daemon.log().find("daemon.reload {}: rejected, the configuration was not changed") !=
               std::string::npos;
    })) << fixture.daemon.log();
}

TEST(DaemonLife, ALogThatWasRotatedAwayIsOpenedAgainAlsoIfTheConfigurationIsWrong) {
    SB_NEEDS_SAMBA();
    TempDir folder;
    auto const file = folder.path() / "scale-backup.log";
    Fixture fixture({.adjust = [&](DaemonSettings& settings) {
        settings.more += "[Daemon]\nLogFile = " + toml_string(file.string()) + "\n";
    }});
    std::filesystem::rename(file, folder.path() / "scale-backup.log.1");
    fixture.daemon.settings.more += "[Schedule]\nConcurency = 3\n";
    fixture.daemon.write_config();
    fixture.daemon.signal(SIGHUP);
    EXPECT_TRUE(wait_until(
        [&] { return std::filesystem::exists(file) && read_file(file).find("Concurency") != std::string::npos; }));
}

TEST(DaemonLife, KeysThatNeedARestartAreListedByEveryReload) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const before = fixture.daemon.settings.more;
    fixture.daemon.settings.more = before + "[Daemon]\nSocketGroup = 'staff'\n";
    fixture.daemon.write_config();
    for (int i = 0; i < 2; ++i)
        EXPECT_THAT(fixture.daemon.ctl({"reload"}), EndedWith(0, "Needs a restart: Daemon.SocketGroup"));
    fixture.daemon.settings.more = before;
    fixture.daemon.write_config();
    EXPECT_THAT(fixture.daemon.ctl({"reload"}), EndedWith(0, "Nothing has changed."));
}

TEST(DaemonLife, StartsWithoutTheClusterAndReportsIt) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.cluster_host = "127.0.0.1:1"; }});
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).code, 1);
    auto const status = fixture.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["cluster"]["reachable"].boolean(), false) << status.root().dump();
    EXPECT_NE(status.root()["cluster"]["error"].text(), "");
    EXPECT_EQ(fixture.daemon.ctl({"show-backups"}).code, 0);
}

TEST(DaemonLife, TheBackupsStayWhenTheStateDirectoryIsDeleted) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    ASSERT_EQ(fixture.daemon.ctl({"backup", listed.substr(0, listed.find('\n')), "kept"}).code, 0);
    fixture.daemon.stop();
    std::filesystem::remove_all(fixture.daemon.state_dir());
    fixture.daemon.start();
    expect_backup(fixture, "kept");
}

TEST(Ctl, WithoutADaemonIsExitCode5) {
    TempDir dir;
    Daemon const nobody(dir.path(), {});
    for (auto const& arguments : std::vector<std::vector<std::string>>{{"status"},
                                                                       {"show-vms"},
                                                                       {"jobs"},
                                                                       {"backup", "a", "b"},
                                                                       {"restore", "a", "b"},
                                                                       {"cancel", "1"},
                                                                       {"watch"}})
        EXPECT_THAT(nobody.ctl(arguments), EndedWith(5, nobody.socket().string()));
}

TEST(Ctl, AnInvalidCommandLineIsExitCode2AndHelpIsNot) {
    TempDir dir;
    Daemon const nobody(dir.path(), {});
    EXPECT_EQ(nobody.ctl({"bakcup", "a", "b"}).code, 2);
    EXPECT_EQ(nobody.ctl({"backup", "a"}).code, 2);
    EXPECT_EQ(nobody.ctl({"backup", "a", "b", "c"}).code, 2);
    EXPECT_EQ(nobody.ctl({"--no-such-option"}).code, 2);
    EXPECT_THAT(nobody.ctl({"--help"}), EndedWith(0, "backup"));
    EXPECT_EQ(nobody.ctl({"--version"}).code, 0);
}

}  // namespace
}  // namespace sb::test
