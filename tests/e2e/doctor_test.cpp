// doctor and --check-config on a real system.

#include "tests/e2e/fixture.hpp"

namespace sb::test {
namespace {

std::string status_of(json::Document const& findings, std::string_view subject) {
    for (auto const finding : findings.root().elements())
        if (finding["subject"].text().find(subject) != std::string::npos) return std::string(finding["status"].text());
    return "no such finding";
}

json::Document findings_of(Fixture const& fixture) {
    auto document = json::Document::parse(fixture.daemon.ctl({"--json", "doctor"}).out);
    if (!document) throw std::runtime_error(document.error().context);
    return std::move(*document);
}

TEST(Doctor, ReportsAWorkingClusterAndShareAsGood) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const page = fixture.daemon.ctl({"doctor"});
    EXPECT_THAT(page, EndedWith(0, "no errors"));
    EXPECT_THAT(page.out, testing::HasSubstr("certificate and login are valid"));
    auto const findings = findings_of(fixture);
    for (auto const* subject :
         {"state directory", "backup folder", "free space", "name Scale.Host", "name SMB.Host", "clock of"})
        EXPECT_EQ(status_of(findings, subject), "ok") << subject;
    EXPECT_EQ(status_of(findings, "more rights than needed"), "warning") << "the simulator's user is an administrator";
    EXPECT_EQ(status_of(findings, "mail"), "warning");
}

TEST(Doctor, ExitsWithTheCodeOfTheWorstFinding) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.cluster_password = "wr0ng-secret"; }});
    auto const refused = fixture.daemon.ctl({"doctor"});
    EXPECT_THAT(refused, EndedWith(7, "check Username and Password in [Scale]"));
    EXPECT_EQ((refused.out + refused.err).find("wr0ng-secret"), std::string::npos);
    fixture.daemon.settings.cluster_password = fixture.simulator.settings().password;
    fixture.daemon.settings.fingerprint = std::string(64, 'a');
    fixture.daemon.write_config();
    EXPECT_EQ(fixture.daemon.ctl({"reload"}).code, 0);
    EXPECT_THAT(fixture.daemon.ctl({"doctor"}), EndedWith(8, "CertFingerprint"));
}

TEST(Doctor, ReportsProblemsOfThisMachineWithTheCommandThatFixesThem) {
    SB_NEEDS_SAMBA();
    TempDir hooks;
    write_file(hooks / "hook", "#!/bin/sh\n");
    std::filesystem::permissions(hooks / "hook", std::filesystem::perms{0600});
    Fixture fixture({.adjust = [&](DaemonSettings& settings) {
        settings.more += "[Hooks]\nPreBackup = '" + (hooks / "none").string() + " {{VMName}}'\nPostBackup = '" +
                         (hooks / "hook").string() + "'\n" +
                         "[SMTP]\nHost = '127.0.0.1'\nPort = 1\nFrom = 'a@example.com'\nTo = 'b@example.com'\n";
    }});
    auto const page = fixture.daemon.ctl({"doctor"});
    EXPECT_THAT(page, EndedWith(6, "'" + (hooks / "none").string() + "' does not exist"));
    EXPECT_THAT(page.out, testing::HasSubstr("chmod a+rx"));
    auto const findings = findings_of(fixture);
    EXPECT_EQ(status_of(findings, "hook PreBackup"), "error");
    EXPECT_EQ(status_of(findings, "hook PostBackup"), "error");
    EXPECT_EQ(status_of(findings, "mail"), "error");
    auto const checked = fixture.daemon.run_to_end({"--check-config"});
    EXPECT_NE(checked.code, 0);
    EXPECT_THAT(checked.out, testing::HasSubstr("hook PreBackup"));
}

TEST(Doctor, ComparesTheSharesFolderReportedBySamba) {
    SB_NEEDS_SAMBA();
    TempDir bin;
    write_file(bin / "testparm",
               "#!/bin/sh\necho 'Load smb config files' >&2\necho \"$SB_SHARE_PATH\" | sed 's/^$/\\/srv\\/other/'\n");
    std::filesystem::permissions(bin / "testparm", std::filesystem::perms{0700});
    Fixture fixture({.adjust = [&](DaemonSettings& settings) {
        settings.environment = {{"PATH", bin.path().string() + ":/usr/bin:/bin"}};
    }});
    auto const page = fixture.daemon.ctl({"doctor"});
    EXPECT_THAT(page, EndedWith(1, "Samba reports that its folder is '/srv/other'"));
}

TEST(Doctor, CheckConfigChecksThisMachine) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const good = fixture.daemon.run_to_end({"--check-config"});
    EXPECT_THAT(good, EndedWith(0, "ok: backup folder"));
    fixture.daemon.settings.local_path = "/nonexistent/backups";
    fixture.daemon.write_config();
    EXPECT_THAT(fixture.daemon.run_to_end({"--check-config"}), EndedWith(3, "error: backup folder"));
}

}  // namespace
}  // namespace sb::test
