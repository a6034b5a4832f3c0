// The pin is the fingerprint of the leaf certificate and of nothing else, and it is checked before a byte of a
// request leaves.

#include "tests/e2e/certificate.hpp"
#include "tests/e2e/rig.hpp"

namespace sb::test {
namespace {

TEST(Certificates, AWrongPinIsExitCode8AndNoRequestLeaves) {
    SB_NEEDS_SAMBA();
    Rig rig({.adjust = [](DaemonSettings& settings) { settings.fingerprint = std::string(64, 'A'); }});
    EXPECT_THAT(rig.daemon.ctl({"show-vms"}), EndedWith(8, rig.simulator.fingerprint()));
    EXPECT_EQ(rig.daemon.ctl({"backup", "any", "x"}).code, 8);
    EXPECT_EQ(rig.simulator.stat("requests"), 0U);
    EXPECT_TRUE((rig.folders() == 0));
}

TEST(Certificates, AChainThatMerelyHoldsThePinnedOneIsRefused) {
    SB_NEEDS_SAMBA();
    TempDir dir;
    auto const stolen = make_certificate(dir, "true-cluster", "490101000000Z");
    Rig rig({.simulator = {.options = {"--extra-chain", stolen.pem.string()}},
             .adjust = [&](DaemonSettings& settings) { settings.fingerprint = stolen.fingerprint; }});
    EXPECT_EQ(rig.daemon.ctl({"show-vms"}).code, 8);
    EXPECT_EQ(rig.simulator.stat("requests"), 0U);
}

TEST(Certificates, AnExpiredOneWithTheRightPinIsFine) {
    SB_NEEDS_SAMBA();
    TempDir dir;
    auto const old = make_certificate(dir, "old-cluster", "200201000000Z");
    Rig rig({.simulator = {.options = {"--cert", old.pem.string(), "--key", old.key.string()}}});
    EXPECT_EQ(rig.simulator.fingerprint(), old.fingerprint);
    auto const listed = rig.daemon.ctl({"show-vms"});
    ASSERT_EQ(listed.code, 0) << listed.err;
    EXPECT_EQ(rig.daemon.ctl({"backup", listed.out.substr(0, listed.out.find('\n')), "x"}).code, 0);
    expect_backup(rig, "x");
}

TEST(Certificates, ABlankPinShowsWhatTheClusterHasAndEnds) {
    SB_NEEDS_SAMBA();
    Rig rig({.adjust = [](DaemonSettings& settings) { settings.fingerprint.clear(); }, .start_daemon = false});
    auto const ended = rig.daemon.run_to_end();
    EXPECT_EQ(ended.code, 78) << ended.out << ended.err;
    auto const said = ended.out + ended.err;
    EXPECT_NE(said.find("Scale CertFingerprint not set"), std::string::npos) << said;
    EXPECT_NE(said.find("Detected fingerprints:"), std::string::npos) << said;
    EXPECT_NE(said.find(rig.simulator.fingerprint()), std::string::npos) << said;
    EXPECT_EQ(rig.simulator.stat("requests"), 0U);
}

TEST(Certificates, ThePinMayBeWrittenInAnyUsualWay) {
    SB_NEEDS_SAMBA();
    Rig rig;
    std::string plain;
    for (char const c : rig.simulator.fingerprint())
        if (c != ':') plain += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    EXPECT_EQ(rig.daemon.stop(), 0);
    rig.daemon.settings.fingerprint = plain;
    rig.daemon.start();
    EXPECT_EQ(rig.daemon.ctl({"show-vms"}).code, 0);
}

}  // namespace
}  // namespace sb::test
