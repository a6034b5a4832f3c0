// The pin is the fingerprint of the leaf certificate only, and it is checked before any byte of a request is sent.

#include "tests/e2e/certificate.hpp"
#include "tests/e2e/fixture.hpp"

namespace sb::test {
namespace {

TEST(Certificates, AWrongPinIsExitCode8AndNoRequestIsSent) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.fingerprint = std::string(64, 'A'); }});
    EXPECT_THAT(fixture.daemon.ctl({"show-vms"}), EndedWith(8, fixture.simulator.fingerprint()));
    EXPECT_EQ(fixture.daemon.ctl({"backup", "any", "x"}).code, 8);
    EXPECT_EQ(fixture.simulator.stat("requests"), 0U);
    EXPECT_TRUE((fixture.folders() == 0));
}

TEST(Certificates, AChainThatOnlyContainsThePinnedOneIsRefused) {
    SB_NEEDS_SAMBA();
    TempDir dir;
    auto const stolen = make_certificate(dir, "true-cluster", "490101000000Z");
    Fixture fixture({.simulator = {.options = {"--extra-chain", stolen.pem.string()}},
                     .adjust = [&](DaemonSettings& settings) { settings.fingerprint = stolen.fingerprint; }});
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).code, 8);
    EXPECT_EQ(fixture.simulator.stat("requests"), 0U);
}

TEST(Certificates, AnExpiredOneWithTheRightPinIsAccepted) {
    SB_NEEDS_SAMBA();
    TempDir dir;
    auto const old = make_certificate(dir, "old-cluster", "200201000000Z");
    Fixture fixture({.simulator = {.options = {"--cert", old.pem.string(), "--key", old.key.string()}}});
    EXPECT_EQ(fixture.simulator.fingerprint(), old.fingerprint);
    auto const listed = fixture.daemon.ctl({"show-vms"});
    ASSERT_EQ(listed.code, 0) << listed.err;
    EXPECT_EQ(fixture.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "x"}).code, 0);
    expect_backup(fixture, "x");
}

TEST(Certificates, AnEmptyPinShowsTheFingerprintsAndExits) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.fingerprint.clear(); }, .start_daemon = false});
    auto const ended = fixture.daemon.run_to_end();
    EXPECT_EQ(ended.code, 78) << ended.out << ended.err;
    auto const output = ended.out + ended.err;
    EXPECT_NE(output.find("Scale CertFingerprint not set"), std::string::npos) << output;
    EXPECT_NE(output.find("Detected fingerprints:"), std::string::npos) << output;
    EXPECT_NE(output.find(fixture.simulator.fingerprint()), std::string::npos) << output;
    EXPECT_EQ(fixture.simulator.stat("requests"), 0U);
}

TEST(Certificates, ThePinMayHaveAnyUsualFormat) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    std::string plain;
    for (char const c : fixture.simulator.fingerprint())
        if (c != ':') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(fixture.daemon.stop(), 0);
    fixture.daemon.settings.fingerprint = plain;
    fixture.daemon.start();
    EXPECT_EQ(fixture.daemon.ctl({"show-vms"}).code, 0);
}

}  // namespace
}  // namespace sb::test
