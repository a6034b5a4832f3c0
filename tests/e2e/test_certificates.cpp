// The pin is the fingerprint of the leaf certificate and of nothing else, and it is checked before a byte of a
// request leaves.

#include "tests/e2e/rig.hpp"

namespace sb::test {
namespace {

struct Certificate {
    std::filesystem::path key, pem;
    std::string fingerprint;
};

// 'openssl x509' cannot make a certificate of the past, 'openssl ca' can.
Certificate make_certificate(TempDir const& dir, std::string const& name, std::string const& last_day) {
    Certificate made{.key = dir / (name + ".key"), .pem = dir / (name + ".pem"), .fingerprint = {}};
    auto const at = [&](std::string const& file) { return (dir / file).string(); };
    write_file(dir / "index.txt", "");
    write_file(dir / "ca.cnf", "[ca]\ndefault_ca = here\n[here]\ndatabase = " + at("index.txt") +
                                   "\nnew_certs_dir = " + dir.path().string() + "\nserial = " + at("serial") +
                                   "\ndefault_md = sha256\npolicy = any\n[any]\ncommonName = supplied\n");
    auto const request = run({.argv = {"openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                                       "-keyout", made.key.string(), "-subj", "/CN=" + name, "-out", at("csr")}});
    EXPECT_EQ(request.code, 0) << request.err;
    auto const signing = run({.argv = {"openssl", "ca", "-batch", "-selfsign", "-notext", "-rand_serial", "-config", at("ca.cnf"),
                                       "-in", at("csr"), "-keyfile", made.key.string(), "-startdate", "200101000000Z",
                                       "-enddate", last_day, "-out", made.pem.string()}});
    EXPECT_EQ(signing.code, 0) << signing.err;
    auto const print = run({.argv = {"openssl", "x509", "-in", made.pem.string(), "-noout", "-fingerprint", "-sha256"}}).out;
    made.fingerprint = print.substr(print.find('=') + 1, 32 * 3 - 1);
    return made;
}

TEST(Certificates, AWrongPinIsExitCode8AndNoRequestLeaves) {
    SB_NEEDS_SAMBA();
    Rig rig({.adjust = [](DaemonSettings& settings) { settings.fingerprint = std::string(64, 'A'); }});
    EXPECT_THAT(rig.daemon.ctl({"show-vms"}), EndedWith(8, rig.simulator.fingerprint()));
    EXPECT_EQ(rig.daemon.ctl({"backup", "any", "x"}).code, 8);
    EXPECT_EQ(rig.simulator.stat("requests"), 0U);
    EXPECT_TRUE(std::filesystem::is_empty(rig.share()));
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
