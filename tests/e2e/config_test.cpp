// --check-config: reports all problems together and prints no passwords.

#include "tests/e2e/fixture.hpp"

namespace sb::test {
namespace {

DaemonSettings good(TempDir const& dir) {
    DaemonSettings settings;
    settings.smb_password = "secret-of-the-share";
    settings.cluster_password = "secret-of-the-cluster";
    settings.smb_host = "fileserver:4455";
    settings.cluster_host = "cluster.local";
    settings.local_path = dir.path();
    settings.fingerprint = std::string(64, '5');
    return settings;
}

TEST(CheckConfig, PrintsAValidOneWithoutPasswords) {
    TempDir dir;
    Daemon const daemon(dir.path(), good(dir));
    auto const checked = daemon.run_to_end({"--check-config"});
    EXPECT_EQ(checked.code, 0) << checked.out << checked.err;
    EXPECT_NE(checked.out.find("cluster.local"), std::string::npos) << checked.out;
    EXPECT_NE(checked.out.find("fileserver"), std::string::npos) << checked.out;
    EXPECT_EQ((checked.out + checked.err).find("secret-of"), std::string::npos);
}

TEST(CheckConfig, ReportsEveryProblemWithItsPosition) {
    TempDir dir;
    auto settings = good(dir);
    settings.smb_user.clear();
    settings.fingerprint = "54:41:xx";
    settings.more =
        "[Schedule]\nConcurency = 3\nConcurrency = 9\nStartTime = '25:00'\nBackupInterval = 'banana'\n"
        "MaxBackups = 'seven'\n[Shedule]\nTag = 'x'\n[Daemon]\nLogLevel = 'loud'\n";
    Daemon const daemon(dir.path(), settings);
    auto const checked = daemon.run_to_end({"--check-config"});
    EXPECT_EQ(checked.code, 78) << checked.out << checked.err;
    auto const output = checked.out + checked.err;
    for (std::string const word : {"Username", "CertFingerprint", "Concurency", "Concurrency", "25:00", "banana",
                                   "MaxBackups", "Shedule", "loud", "config.toml:"})
        EXPECT_NE(output.find(word), std::string::npos) << word << " is not in:\n" << output;
    EXPECT_EQ(output.find("secret-of"), std::string::npos);
    // The daemon refuses the same file in the same way.
    EXPECT_EQ(daemon.run_to_end().code, 78);
}

TEST(CheckConfig, ReportsWhereTheTomlSyntaxIsInvalid) {
    TempDir dir;
    auto settings = good(dir);
    settings.more = "[Schedule\n";
    Daemon const daemon(dir.path(), settings);
    auto const checked = daemon.run_to_end({"--check-config"});
    EXPECT_EQ(checked.code, 78);
    EXPECT_NE((checked.out + checked.err).find("config.toml"), std::string::npos) << checked.err;
    EXPECT_EQ((checked.out + checked.err).find("secret-of"), std::string::npos);
}

TEST(CheckConfig, ReportsASocketWithoutRoomForTheNameOfTheSecondOne) {
    TempDir dir;
    auto settings = good(dir);
    auto const longest = "/" + std::string(102, 'x');  // FreeBSD allows 103 bytes, Linux 107; the second has 5 more
    EXPECT_EQ(Daemon(dir.path(), settings).run_to_end({"--check-config", "--socket", longest}).code, 0);
    settings.more = "[Daemon]\nSocketReadGroup = 'viewers'\n";
    Daemon const daemon(dir.path(), settings);
    for (std::vector<std::string> const& options : {std::vector<std::string>{"--check-config", "--socket", longest},
                                                    std::vector<std::string>{"--socket", longest}}) {
        auto const checked = daemon.run_to_end(options);
        EXPECT_EQ(checked.code, 78) << checked.out << checked.err;
        EXPECT_NE(checked.err.find("with SocketReadGroup there is a second socket"), std::string::npos) << checked.err;
    }
}

TEST(CheckConfig, ReportsAMissingGroupAndALogFileThatIsAFolder) {
    TempDir dir;
    auto settings = good(dir);
    settings.more = "[Daemon]\nSocketGroup = 'no such group'\nLogFile = " + toml_string(dir.path().string()) + "\n";
    Daemon const daemon(dir.path(), settings);
    auto const checked = daemon.run_to_end({"--check-config"});
    EXPECT_THAT(checked, EndedWith(78, "Daemon.SocketGroup: there is no group 'no such group' on this machine"));
    EXPECT_THAT(checked, EndedWith(78, "Daemon.LogFile: '" + dir.path().string() + "' is a folder"));
}

TEST(CheckConfig, AFullStandardOutputIsAFailure) {
    TempDir dir;
    Daemon const daemon(dir.path(), good(dir));
    auto const program = built_program("scale-backupd");
    for (auto const& options :
         {std::string("--help"), std::string("--version"),
          "--check-config --config '" + daemon.config().string() + "' --state-dir '" + dir.path().string() + "'"}) {
        auto const command = "'" + program + "' " + options + " > /dev/full";
        EXPECT_THAT(run({.argv = {"/bin/sh", "-c", command}}), EndedWith(1, "cannot write to stdout")) << options;
    }
}

TEST(CheckConfig, AMissingFileIsReported) {
    TempDir dir;
    Daemon const daemon(dir.path(), good(dir));
    std::filesystem::remove(daemon.config());
    EXPECT_THAT(daemon.run_to_end({"--check-config"}), EndedWith(78, daemon.config().string()));
}

TEST(CheckConfig, ReadsPasswordsFromFiles) {
    TempDir dir;
    write_file(dir / "password", "secret-of-a-file\n");
    write_file(dir / "alone.toml",
               "[SMB]\nUsername = 'u'\nPasswordFile = " + toml_string((dir / "password").string()) +
                   "\nHost = 'f'\nShareName = 's'\nLocalPath = " + toml_string(dir.path().string()) +
                   "\n[Scale]\nUsername = 'a'\nPasswordFile = " + toml_string((dir / "password").string()) +
                   "\nHost = 'c'\nCertFingerprint = '" + std::string(64, 'a') + "'\n");
    for (auto const* file : {"password", "alone.toml"})
        std::filesystem::permissions(dir / file, std::filesystem::perms::owner_read);
    auto const checked =
        run({.argv = {built_program("scale-backupd"), "--config", (dir / "alone.toml").string(), "--check-config"}});
    EXPECT_EQ(checked.code, 0) << checked.err;
    EXPECT_EQ((checked.out + checked.err).find("secret-of"), std::string::npos);
}

TEST(CheckConfig, ReadsThePredecessorsFileFromTheHomeFolderAndReportsIt) {
    if (std::filesystem::exists("/etc/scale-backup/config.toml"))
        GTEST_SKIP() << "this machine has its own configuration";
    TempDir dir;
    auto settings = good(dir);
    settings.more = "[Debug]\nLogFile = '/var/log/scale-backup.log'\nRedactPasswords = true\n";
    auto const file = dir / ".scale-backup.toml";
    write_file(file, config_text(settings));
    std::filesystem::permissions(file, std::filesystem::perms{0600});
    Command const check{.argv = {built_program("scale-backupd"), "--check-config"},
                        .environment = {{"HOME", dir.path().string()}, {"SCALE_BACKUP_CONFIG", ""}}};
    auto const checked = run(check);
    EXPECT_THAT(checked, EndedWith(0, "Read from " + file.string()));
    EXPECT_THAT(checked, EndedWith(0, "using the predecessor's configuration"));
    EXPECT_THAT(checked, EndedWith(0, "Debug.LogFile: note: used as [Daemon] LogFile"));

    std::filesystem::permissions(file, std::filesystem::perms{0620});
    EXPECT_THAT(run(check), EndedWith(78, "chmod go-w"));
}

}  // namespace
}  // namespace sb::test
