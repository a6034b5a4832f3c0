// The worker with a real Samba: what libsmbclient really does, and its error messages.
#include "simulator/transfer/guest_disk.hpp"
#include "simulator/transfer/smb_uri.hpp"
#include "simulator/tests/transfer/private_smbd.hpp"
#include "tests/support/tools.hpp"

#include <gtest/gtest.h>

namespace sb::sim {
namespace {

constexpr std::uint64_t mebibyte = 1024 * 1024;
// Every printable ASCII character.
std::string const password = " !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~aZ";

class Share : public testing::Test {
protected:
    static void SetUpTestSuite() {
        if (test::PrivateSmbd::installed()) smbd = new test::PrivateSmbd("JohnDoe", password);
    }
    static void TearDownTestSuite() {
        delete smbd;
        smbd = nullptr;
    }

    void SetUp() override {
        if (smbd == nullptr) GTEST_SKIP() << "needs smbd";
        ASSERT_TRUE(smbd->running()) << smbd->log();
        raw = (dir / "raw").string();
        ASSERT_TRUE(make_guest_disk(raw, {30 * mebibyte + 512, 0.4, 77}));
    }

    std::string uri(std::string const& share, std::string const& folder, std::string const& secret = password,
                    std::string const& user = "CONTOSO;JohnDoe") const {
        std::string const host = "127.0.0.1:" + std::to_string(smbd->port());
        return "smb://" + user + ":" + percent_encode(secret) + "@" + host + "/" + share + "/" + folder;
    }

    test::WorkerRun export_to(std::string const& path_uri) const {
        return test::run_worker(test::sample_export(path_uri, {{raw, 30 * mebibyte + 512}}));
    }

    static inline test::PrivateSmbd* smbd = nullptr;
    test::TempDir dir;
    std::string raw;
};

TEST_F(Share, ExportArrivesAndCanBeImported) {
    SB_NEEDS_TOOLS("qemu-img");
    std::string const folder = "2025-03-01_22-00-00 100% #1 & Größe";
    auto const exported = export_to(uri("ServerBackups", percent_encode(folder)));
    ASSERT_EQ(exported.exit_code, 0) << exported.reason();
    auto const image = (smbd->share() / folder / "disk-uuid-0.qcow2").string();
    EXPECT_TRUE(std::filesystem::exists(smbd->share() / folder / (folder + ".xml")));
    std::string output;
    EXPECT_EQ(test::run_program({"qemu-img", "check", image}, &output), 0) << output;
    EXPECT_EQ(test::run_program({"qemu-img", "compare", raw, image}, &output), 0) << output;
    ImportSpec import{{uri("ServerBackups", percent_encode(folder)), "", ""}, dir.str(), 0, {}};
    auto const imported = test::run_worker(import);
    ASSERT_EQ(imported.exit_code, 0) << imported.reason();
    EXPECT_EQ(imported.done.at(0).definition, test::sample_vm(1));
    EXPECT_EQ(test::run_program({"cmp", raw, imported.done[0].files.at(0).raw_file}, &output), 0) << output;
}

TEST_F(Share, DomainMayBeEmptyOrAbsent) {
    for (auto const* user : {"JohnDoe", ";JohnDoe", "CONTOSO;JohnDoe"}) {
        auto const run = test::run_worker(ProbeSpec{{uri("ServerBackups", "f", password, user)}, false});
        EXPECT_EQ(run.exit_code, 0) << user << ": " << run.reason();
    }
}

TEST_F(Share, HostMayBeAnIpv6Address) {
    auto const place = "smb://JohnDoe:" + percent_encode(password) + "@[::1]:" + std::to_string(smbd->port());
    auto const run = test::run_worker(ProbeSpec{{place + "/ServerBackups/f"}, false});
    if (run.exit_code != 0 && run.failed.at(0).nt_status == "NT_STATUS_CONNECTION_REFUSED")
        GTEST_SKIP() << "no IPv6 on loopback";
    EXPECT_EQ(run.exit_code, 0) << run.reason();
}

TEST_F(Share, WrongPasswordAndUnknownUserAreALogonFailure) {
    EXPECT_EQ(export_to(uri("ServerBackups", "f", "wrong")).reason(),
              "Unable to connect to share '//127.0.0.1/ServerBackups': NT_STATUS_LOGON_FAILURE (Permission denied)");
    EXPECT_EQ(export_to(uri("ServerBackups", "f", password, "CONTOSO;nobody-here")).failed.at(0).nt_status,
              "NT_STATUS_LOGON_FAILURE");
    EXPECT_EQ(export_to(uri("ServerBackups", "f", "")).failed.at(0).nt_status, "NT_STATUS_LOGON_FAILURE");
    EXPECT_FALSE(std::filesystem::exists(smbd->share() / "f"));
}

TEST_F(Share, AnotherUsersShareIsAccessDenied) {
    EXPECT_EQ(export_to(uri("NotYours", "f")).failed.at(0).nt_status, "NT_STATUS_ACCESS_DENIED");
}

TEST_F(Share, ReadOnlyShareRefusesTheFolder) {
    auto const run = export_to(uri("ReadOnly", "f"));
    EXPECT_EQ(run.failed.at(0).nt_status, "NT_STATUS_ACCESS_DENIED") << run.reason();
}

TEST_F(Share, MissingShareParentAndServerAreDistinguished) {
    EXPECT_EQ(export_to(uri("NoSuchShare", "f")).failed.at(0).nt_status, "NT_STATUS_BAD_NETWORK_NAME");
    EXPECT_EQ(export_to(uri("ServerBackups", "no/f")).failed.at(0).nt_status, "NT_STATUS_OBJECT_PATH_NOT_FOUND");
    EXPECT_EQ(test::run_worker(ProbeSpec{{uri("ServerBackups", "absent")}, true}).failed.at(0).nt_status,
              "NT_STATUS_OBJECT_NAME_NOT_FOUND");
    // Nothing listens on port 1 of loopback.
    EXPECT_EQ(export_to("smb://u:p@127.0.0.1:1/s/f").failed.at(0).nt_status, "NT_STATUS_CONNECTION_REFUSED");
    EXPECT_EQ(export_to("smb://u:p@no-such-host.invalid/s/f").failed.at(0).nt_status, "NT_STATUS_BAD_NETWORK_PATH");
}

TEST_F(Share, ExistingFolderIsUsedAgain) {
    ASSERT_EQ(export_to(uri("ServerBackups", "twice")).exit_code, 0);
    auto const again = export_to(uri("ServerBackups", "twice"));
    EXPECT_EQ(again.exit_code, 0) << again.reason();
}

}  // namespace
}  // namespace sb::sim
