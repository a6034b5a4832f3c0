// Starting, stopping, reloading, and two daemons that want the same place.

#include "tests/e2e/rig.hpp"

#include <csignal>

#include <sys/stat.h>

namespace sb::test {
namespace {

TEST(DaemonLife, AStopIsQuickCleanAndLeavesNoSocket) {
    SB_NEEDS_SAMBA();
    Rig rig;
    EXPECT_EQ(rig.daemon.ctl({"show-vms"}).code, 0);
    EXPECT_EQ(rig.daemon.stop(), 0) << rig.daemon.log();
    EXPECT_FALSE(std::filesystem::exists(rig.daemon.socket()));
    EXPECT_EQ(rig.daemon.ctl({"status"}).code, 5);
}

TEST(DaemonLife, ASecondOneOnTheSameStateDirectoryIsRefused) {
    SB_NEEDS_SAMBA();
    Rig rig;
    auto const second = rig.daemon.run_to_end({"--socket", (rig.dir / "other.sock").string()});
    EXPECT_NE(second.code, 0);
    EXPECT_NE((second.out + second.err).find(rig.daemon.state_dir().string()), std::string::npos) << second.err;
    EXPECT_EQ(rig.daemon.ctl({"status"}).code, 0) << "the first one must not notice";
}

TEST(DaemonLife, ASocketThatSomebodyServesIsNotTakenOver) {
    SB_NEEDS_SAMBA();
    Rig rig;
    auto const second = rig.daemon.run_to_end({"--state-dir", (rig.dir / "other-state").string()});
    EXPECT_NE(second.code, 0) << second.err;
    EXPECT_EQ(rig.daemon.ctl({"status"}).code, 0);
}

TEST(DaemonLife, AStaleSocketIsReplaced) {
    SB_NEEDS_SAMBA();
    Rig rig;
    rig.daemon.kill();
    ASSERT_TRUE(std::filesystem::exists(rig.daemon.socket()));
    rig.daemon.start();
    EXPECT_EQ(rig.daemon.ctl({"status"}).code, 0);
}

TEST(DaemonLife, TheSocketIsNotForEverybody) {
    SB_NEEDS_SAMBA();
    Rig rig;
    struct stat info{};
    ASSERT_EQ(::stat(rig.daemon.socket().c_str(), &info), 0);
    EXPECT_EQ(info.st_mode & 07U, 0U) << std::oct << info.st_mode;
}

// It brings some twenty libraries and 5 MiB with it, and the daemon promises to be small.
TEST(DaemonLife, WithoutMailLibcurlIsNotInTheProcess) {
    SB_NEEDS_SAMBA();
    if (!std::filesystem::exists("/proc/self/maps")) GTEST_SKIP() << "this system does not tell";
    Rig rig;
    EXPECT_EQ(rig.daemon.ctl({"show-vms"}).code, 0);
    auto const maps = read_file("/proc/" + std::to_string(rig.daemon.pid()) + "/maps");
    EXPECT_THAT(maps, testing::HasSubstr("libssl"));
    EXPECT_THAT(maps, testing::Not(testing::HasSubstr("libcurl")));
}

TEST(DaemonLife, SighupTakesAGoodConfig) {
    SB_NEEDS_SAMBA();
    Rig rig({.adjust = [](DaemonSettings& settings) { settings.cluster_password = "not yet"; }});
    EXPECT_EQ(rig.daemon.ctl({"show-vms"}).code, 7);
    rig.daemon.settings.cluster_password = rig.simulator.settings().password;
    rig.daemon.write_config();
    rig.daemon.signal(SIGHUP);
    EXPECT_TRUE(wait_until([&] { return rig.daemon.ctl({"show-vms"}).code == 0; })) << rig.daemon.log();
}

TEST(DaemonLife, SighupWithABadConfigChangesNothingAndIsSaid) {
    SB_NEEDS_SAMBA();
    Rig rig;
    auto const pid = rig.daemon.pid();
    rig.daemon.settings.more = "[Schedule]\nConcurency = 3\n";
    rig.daemon.write_config();
    rig.daemon.signal(SIGHUP);
    ASSERT_TRUE(wait_until([&] { return rig.daemon.log().find("Concurency") != std::string::npos; })) << rig.daemon.log();
    EXPECT_TRUE(rig.daemon.running());
    EXPECT_EQ(rig.daemon.pid(), pid);
    EXPECT_EQ(rig.daemon.ctl({"show-vms"}).code, 0);
}

TEST(DaemonLife, AReloadWithAnotherLocalPathLeavesTheWholeShareAsItIs) {
    SB_NEEDS_SAMBA();
    Rig rig;
    TempDir elsewhere;
    rig.daemon.settings.local_path = elsewhere.path();
    rig.daemon.settings.share = "OtherShare";
    rig.daemon.write_config();
    auto const reloaded = rig.daemon.ctl_json({"reload"});
    auto const waiting = reloaded.root()["need_restart"].dump();
    EXPECT_NE(waiting.find("SMB.ShareName"), std::string::npos) << reloaded.root().dump();
    EXPECT_NE(waiting.find("SMB.LocalPath"), std::string::npos) << reloaded.root().dump();
    auto const listed = rig.daemon.ctl({"show-vms"}).out;
    EXPECT_EQ(rig.daemon.ctl({"backup", listed.substr(0, listed.find('\n')), "after"}).code, 0) << rig.daemon.log();
    expect_backup(rig, "after");
}

TEST(DaemonLife, StartsWhenTheClusterIsAwayAndSaysSo) {
    SB_NEEDS_SAMBA();
    Rig rig({.adjust = [](DaemonSettings& settings) { settings.cluster_host = "127.0.0.1:1"; }});
    EXPECT_EQ(rig.daemon.ctl({"show-vms"}).code, 1);
    auto const status = rig.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["cluster"]["reachable"].boolean(), false) << status.root().dump();
    EXPECT_NE(status.root()["cluster"]["error"].text(), "");
    EXPECT_EQ(rig.daemon.ctl({"show-backups"}).code, 0);
}

TEST(DaemonLife, TheStateDirectoryMayBeDeletedTheBackupsStay) {
    SB_NEEDS_SAMBA();
    Rig rig;
    auto const listed = rig.daemon.ctl({"show-vms"}).out;
    ASSERT_EQ(rig.daemon.ctl({"backup", listed.substr(0, listed.find('\n')), "kept"}).code, 0);
    rig.daemon.stop();
    std::filesystem::remove_all(rig.daemon.state_dir());
    rig.daemon.start();
    expect_backup(rig, "kept");
}

TEST(Ctl, WithoutADaemonIsExitCode5) {
    TempDir dir;
    Daemon const nobody(dir.path(), {});
    for (auto const& arguments : std::vector<std::vector<std::string>>{
             {"status"}, {"show-vms"}, {"jobs"}, {"backup", "a", "b"}, {"restore", "a", "b"}, {"cancel", "1"}, {"watch"}})
        EXPECT_THAT(nobody.ctl(arguments), EndedWith(5, nobody.socket().string()));
}

TEST(Ctl, AWrongCommandLineIsExitCode2AndHelpIsNot) {
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
