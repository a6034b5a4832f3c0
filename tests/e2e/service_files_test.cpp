// The same behaviour with every start method, and the installed files.

#include "tests/e2e/start_methods.hpp"

#include <iostream>

namespace sb::test {
namespace {

struct StartMethodCase {
    char const* name;
    std::unique_ptr<StartMethod> (*make)(Fixture&);
};

template <class Kind>
std::unique_ptr<StartMethod> make_way(Fixture& fixture) {
    return std::make_unique<Kind>(fixture);
}

class EveryStartMethod : public testing::TestWithParam<StartMethodCase> {};

constexpr char const* bad_config = "[Schedule]\nConcurency = 3\n";

TEST_P(EveryStartMethod, StartsReloadsRefusesASecondOneStopsWhileExportingAndRestarts) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "2"}}, .start_daemon = false});
    auto const own = "[Daemon]\nSocket = " + toml_string(fixture.daemon.socket().string()) +
                     "\nStateDir = " + toml_string(fixture.daemon.state_dir().string()) + "\n";
    fixture.daemon.settings.more = own;
    fixture.daemon.write_config();
    auto const way = GetParam().make(fixture);

    way->start();
    ASSERT_TRUE(way->answers()) << way->log();

    fixture.daemon.settings.more = own + "[Hooks]\nHookTimeout = '5 minutes'\n";
    fixture.daemon.write_config();
    auto const good = way->reload();
    EXPECT_EQ(good.code, 0) << good.out << good.err;
    EXPECT_THAT(good.out + good.err, testing::HasSubstr("Hooks.HookTimeout"));

    fixture.daemon.settings.more = own + bad_config;
    fixture.daemon.write_config();
    auto const bad = way->reload();
    EXPECT_NE(bad.code, 0);
    EXPECT_THAT(bad.out + bad.err, testing::HasSubstr("did you mean 'Concurrency'"));
    EXPECT_TRUE(way->answers());

    fixture.daemon.settings.more = own;
    fixture.daemon.write_config();
    EXPECT_EQ(way->reload().code, 0);
    EXPECT_THAT(way->start_again(), testing::HasSubstr("another"));
    EXPECT_TRUE(way->answers());

    auto const names = fixture.daemon.ctl({"show-vms"}).out;
    auto const job = fixture.detach({"backup", names.substr(0, names.find('\n')), "over a restart"});
    ASSERT_TRUE(fixture.wait_until_exporting(job));
    way->stop();
    EXPECT_EQ(fixture.daemon.ctl({"version"}).out.find("daemon"), std::string::npos);
    way->start();
    EXPECT_EQ(fixture.wait_for_state(job, {"succeeded", "failed", "lost"}), "succeeded") << way->log();
    expect_backup(fixture, "over a restart");
    EXPECT_THAT(fixture.simulator.stats().root()["by_route"].dump(), testing::ContainsRegex("/export\":1[,}]"))
        << "the export was started again";
    way->stop();
}

INSTANTIATE_TEST_SUITE_P(Ways, EveryStartMethod,
                         testing::Values(StartMethodCase{"by_hand", make_way<ByHand>},
                                         StartMethodCase{"systemd", make_way<BySystemdUnit>},
                                         StartMethodCase{"rc_d", make_way<ByRcScript>},
                                         StartMethodCase{"truenas_scale", make_way<ByInitTaskOfScale>},
                                         StartMethodCase{"truenas_core", make_way<ByInitTaskOfCore>}),
                         [](auto const& way) { return std::string(way.param.name); });

TEST(ServiceManager, GetsWatchdogSignalsAndTheStatus) {
    SB_NEEDS_SAMBA();
    TempDir dir;
    NotifySocket manager(dir / "notify");
    Fixture fixture(
        {.simulator = {.options = {"--export-seconds", "3"}}, .adjust = [&](DaemonSettings& settings) {
             settings.environment = {{"NOTIFY_SOCKET", (dir / "notify").string()}, {"WATCHDOG_USEC", "1000000"}};
         }});
    EXPECT_TRUE(manager.wait_for("READY=1\nSTATUS=idle; no schedule"));
    EXPECT_TRUE(manager.wait_for("WATCHDOG=1"));
    EXPECT_TRUE(manager.wait_for("WATCHDOG=1"));
    auto const names = fixture.daemon.ctl({"show-vms"}).out;
    fixture.detach({"backup", names.substr(0, names.find('\n')), "seen"});
    EXPECT_TRUE(manager.wait_for("STATUS=1 running"));
    EXPECT_TRUE(manager.wait_for("STATUS=idle"));
    fixture.daemon.stop();
    EXPECT_TRUE(manager.wait_for("STOPPING=1"));
}

TEST(SystemdUnit, IsAcceptedWithoutWarningsAndSandboxed) {
    SB_NEEDS_TOOLS("systemd-analyze");
    TempDir dir;
    // systemd-analyze checks whether ExecStart exists.
    auto unit = read_file(generated / "systemd/scale-backupd.service");
    unit = replaced(std::move(unit), "/usr/local/sbin/scale-backupd", built_program("scale-backupd"));
    unit = replaced(std::move(unit), "/usr/local/bin/scale-backupctl", built_program("scale-backupctl"));
    write_file(dir / "scale-backupd.service", unit);
    auto const file = (dir / "scale-backupd.service").string();
    auto const verified = run({.argv = {"systemd-analyze", "verify", "--man=no", file}});
    EXPECT_EQ(verified.code, 0);
    EXPECT_EQ(verified.out + verified.err, "");
    EXPECT_THAT(unit, testing::HasSubstr("SystemCallFilter=~@privileged\n"))
        << "and with it lchown, which SocketGroup needs:";
    EXPECT_THAT(unit.substr(unit.find("~@privileged")), testing::HasSubstr("\nSystemCallFilter=@chown\n"));
    // At most 2.0, in tenths.
    auto const security = run({.argv = {"systemd-analyze", "security", "--offline=yes", "--threshold=20", file}});
    EXPECT_EQ(security.code, 0) << security.out;
    std::cout << "systemd-analyze security: " << security.out.substr(security.out.rfind("Overall"));
}

TEST(Installation, UsesTheDocumentedPathsAndKeepsAConfiguration) {
    TempDir dir;
    auto const install = [&] {
        return run({.argv = {"sh", (source / "init-scripts/install.sh").string(), SB_BINARY_DIR, "--destdir",
                             (dir / "root").string()}},
                   std::chrono::seconds{60});
    };
    auto const first = install();
    ASSERT_EQ(first.code, 0) << first.out << first.err;
    auto const root = dir / "root";
    for (auto const* file :
         {"usr/local/sbin/scale-backupd", "usr/local/bin/scale-backupctl", "usr/local/bin/scale-backup",
          "etc/scale-backup/config.toml.example", "etc/scale-backup/config.toml",
          "usr/local/lib/systemd/system/scale-backupd.service", "usr/local/lib/sysusers.d/scale-backup.conf",
          "usr/local/lib/tmpfiles.d/scale-backup.conf", "usr/local/share/scale-backup/truenas/init-task.sh",
          "usr/local/libexec/scale-backup/hooks/convert-to-vhdx"})
        EXPECT_TRUE(fs::exists(root / file)) << file;
    for (auto const& hook : fs::directory_iterator(root / "usr/local/libexec/scale-backup/hooks"))
        EXPECT_NE(hook.status().permissions() & fs::perms::others_exec, fs::perms::none) << hook.path();
    EXPECT_EQ(fs::read_symlink(root / "usr/local/bin/scale-backup"), "scale-backupctl");
    EXPECT_EQ(fs::status(root / "etc/scale-backup/config.toml").permissions() & fs::perms::others_all, fs::perms::none);
    write_file(root / "etc/scale-backup/config.toml", "mine");
    EXPECT_EQ(install().code, 0);
    EXPECT_EQ(read_file(root / "etc/scale-backup/config.toml"), "mine");
}

TEST(Installation, TheServiceStartsTheInstalledProgram) {
    TempDir dir;
    auto const done = run({.argv = {"sh", (source / "init-scripts/install.sh").string(), SB_BINARY_DIR, "--prefix",
                                    "/opt/backup", "--destdir", (dir / "root").string()}},
                          std::chrono::seconds{60});
    ASSERT_EQ(done.code, 0) << done.out << done.err;
    auto const unit = read_file(dir / "root/opt/backup/lib/systemd/system/scale-backupd.service");
    EXPECT_THAT(
        unit, testing::HasSubstr("ExecStart=/opt/backup/sbin/scale-backupd --config /etc/scale-backup/config.toml\n"));
    EXPECT_THAT(unit, testing::HasSubstr("ExecReload=/opt/backup/bin/scale-backupctl reload\n"));
    EXPECT_TRUE(fs::exists(dir / "root/opt/backup/sbin/scale-backupd"));
}

}  // namespace
}  // namespace sb::test
