// Passwords of the cluster and of the share: any character is allowed, and a wrong password is reported as such.

#include "tests/e2e/fixture.hpp"

namespace sb::test {
namespace {

std::string every_ascii_character() {
    std::string all;
    for (char c = ' '; c <= '~'; ++c) all += c;
    return all;
}

TEST(Credentials, EveryAsciiCharacterWorksInBothPasswords) {
    SB_NEEDS_SAMBA();
    auto const password = "x" + every_ascii_character() + "x";
    Fixture fixture({.samba = {.password = password}, .simulator = {.password = password}});
    auto const listed = fixture.daemon.ctl({"show-vms"});
    ASSERT_EQ(listed.code, 0) << listed.err;
    auto const backup = fixture.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "signs"});
    EXPECT_EQ(backup.code, 0) << backup.out << backup.err;
    expect_backup(fixture, "signs");
    EXPECT_EQ(fixture.daemon.ctl({"restore", "signs", "signs-restored"}).code, 0);
    EXPECT_EQ(fixture.daemon.log().find(every_ascii_character()), std::string::npos) << "a password in the log";
}

TEST(Credentials, EveryAsciiCharacterWorksInTheDomain) {
    SB_NEEDS_SAMBA();
    // Every client's notation ends the domain at a backslash, so a domain cannot contain one.
    std::string domain;
    for (char const c : every_ascii_character())
        if (c != '\\') domain += c;
    Fixture fixture({.adjust = [&](DaemonSettings& settings) { settings.smb_domain = domain; }});
    auto const listed = fixture.daemon.ctl({"show-vms"});
    auto const backup = fixture.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "domain"});
    EXPECT_EQ(backup.code, 0) << backup.out << backup.err;
    expect_backup(fixture, "domain");
}

TEST(Credentials, ADomainIsOptional) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.smb_domain.clear(); }});
    auto const listed = fixture.daemon.ctl({"show-vms"});
    EXPECT_EQ(fixture.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "no domain"}).code, 0);
    expect_backup(fixture, "no domain");
}

TEST(Credentials, AWrongClusterPasswordIsExitCode7) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.cluster_password = "wr0ng-secret"; }});
    EXPECT_THAT(fixture.daemon.ctl({"show-vms"}), EndedWith(7, ""));
    EXPECT_THAT(fixture.daemon.ctl({"backup", "any", "x"}), EndedWith(7, ""));
    auto const status = fixture.daemon.ctl_json({"status"});
    EXPECT_EQ(status.root()["conditions"].at(0)["kind"].text(), "cluster_login_refused") << status.root().dump();
    EXPECT_TRUE((fixture.folders() == 0));
    EXPECT_EQ(fixture.daemon.log().find("wr0ng-secret"), std::string::npos);
}

TEST(Credentials, AWrongSharePasswordFailsTheJobWithTheClustersMessage) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.smb_password = "wr0ng secret%&"; }});
    auto const listed = fixture.daemon.ctl({"show-vms"});
    auto const backup = fixture.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "x"});
    EXPECT_EQ(backup.code, 1) << backup.out << backup.err;
    EXPECT_NE(backup.err.find("LOGON_FAILURE"), std::string::npos) << backup.err;
    EXPECT_EQ(backup.err.find("wr0ng"), std::string::npos) << backup.err;
    EXPECT_EQ(fixture.daemon.log().find("wr0ng"), std::string::npos);
    expect_no_backup(fixture, "x");
    EXPECT_TRUE((fixture.folders() == 0));
}

TEST(Credentials, AMissingShareFailsTheJobWithTheClustersMessage) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.share = "NoSuchShare"; }});
    auto const listed = fixture.daemon.ctl({"show-vms"});
    auto const backup = fixture.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "x"});
    EXPECT_EQ(backup.code, 1) << backup.out << backup.err;
    EXPECT_NE(backup.err.find("BAD_NETWORK_NAME"), std::string::npos) << backup.err;
    expect_no_backup(fixture, "x");
}

TEST(Credentials, AReadOnlyShareFailsTheJob) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.samba = {.read_only = true}});
    auto const listed = fixture.daemon.ctl({"show-vms"});
    auto const backup = fixture.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "x"});
    EXPECT_EQ(backup.code, 1) << backup.out << backup.err;
    expect_no_backup(fixture, "x");
}

TEST(Credentials, AWrongLocalPathIsReported) {
    SB_NEEDS_SAMBA();
    TempDir elsewhere;
    Fixture fixture({.adjust = [&](DaemonSettings& settings) { settings.local_path = elsewhere.path(); }});
    auto const listed = fixture.daemon.ctl({"show-vms"});
    auto const backup = fixture.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "x"});
    EXPECT_EQ(backup.code, 1) << backup.out << backup.err;
    EXPECT_NE(backup.err.find(elsewhere.path().string()), std::string::npos) << backup.err;
    EXPECT_FALSE(std::filesystem::exists(fixture.folder("x") / "scale-backup.json"));
}

}  // namespace
}  // namespace sb::test
