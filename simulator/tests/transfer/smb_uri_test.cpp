#include "simulator/transfer/smb_uri.hpp"

#include <gtest/gtest.h>

namespace sb::sim {
namespace {

TEST(SmbUri, SplitsAllParts) {
    auto const uri =
        parse_smb_uri("smb://CORP;svc-backup:pa%24s@10.20.0.5:4455/ServerBackups/a%20b/2025-03-01_22-00-00%20FILE01");
    ASSERT_TRUE(uri) << uri.error().context;
    EXPECT_EQ(uri->domain, "CORP");
    EXPECT_EQ(uri->user, "svc-backup");
    EXPECT_EQ(uri->password.reveal(), "pa$s");
    EXPECT_EQ(uri->host, "10.20.0.5");
    EXPECT_EQ(uri->port, 4455);
    EXPECT_EQ(uri->share, "ServerBackups");
    EXPECT_EQ(uri->directories, std::vector<std::string>{"a b"});
    EXPECT_EQ(uri->folder, "2025-03-01_22-00-00 FILE01");
}

TEST(SmbUri, KeepsEveryAsciiCharacterInUserDomainPasswordAndFolder) {
    for (int c = 1; c < 128; ++c) {
        std::string const sign = "x" + std::string(1, static_cast<char>(c)) + "y";
        std::string const e = percent_encode(sign);
        bool const separator = c == '/' || c == '\\';
        std::string const folder = separator ? "folder" : sign;
        auto const uri = parse_smb_uri("smb://" + e + ";" + e + ":" + e + "@host/share/" + percent_encode(folder));
        ASSERT_TRUE(uri) << c << ": " << uri.error().context;
        EXPECT_EQ(uri->domain, sign);
        EXPECT_EQ(uri->user, sign);
        EXPECT_EQ(uri->password.reveal(), sign);
        EXPECT_EQ(uri->folder, folder);
    }
}

TEST(SmbUri, KeepsRawCharactersThatRfc3986AllowsInUserInfo) {
    std::string const raw = "a-._~!$&'()*+,=z";
    auto const uri = parse_smb_uri("smb://" + raw + ";" + raw + ":" + raw + ";:@h/s/f");
    ASSERT_TRUE(uri);
    EXPECT_EQ(uri->domain, raw);
    EXPECT_EQ(uri->user, raw);
    EXPECT_EQ(uri->password.reveal(), raw + ";:");
}

TEST(SmbUri, SemicolonSeparatesDomainAndUserOnlyBeforeTheColon) {
    EXPECT_EQ(parse_smb_uri("smb://;administrator:p@h/s/f")->domain, "");
    EXPECT_EQ(parse_smb_uri("smb://;administrator:p@h/s/f")->user, "administrator");
    EXPECT_EQ(parse_smb_uri("smb://u:p;q@h/s/f")->user, "u");
    EXPECT_EQ(parse_smb_uri("smb://u:p;q@h/s/f")->password.reveal(), "p;q");
    EXPECT_EQ(parse_smb_uri("smb://d%3Bu:p@h/s/f")->user, "d;u");
    EXPECT_EQ(parse_smb_uri("smb://d%3Bu:p@h/s/f")->domain, "");
}

TEST(SmbUri, HostMayBeAnIpv6AddressWithPort) {
    EXPECT_EQ(parse_smb_uri("smb://u:p@[fe80::1]:4455/s/f")->host, "fe80::1");
    EXPECT_EQ(parse_smb_uri("smb://u:p@[fe80::1]:4455/s/f")->port, 4455);
    EXPECT_EQ(parse_smb_uri("smb://u:p@[::1]/s/f")->port, 445);
    EXPECT_EQ(parse_smb_uri("SMB://h/s/f/")->folder, "f");
}

TEST(SmbUri, RefusesAmbiguousAddresses) {
    for (auto const* bad : {"",
                            "nfs://h/s/f",
                            "smb://h",
                            "smb://h/",
                            "smb://h/s",
                            "smb://h/s/",
                            "smb://u:p@/s/f",
                            "smb://u:p@q@h/s/f",
                            "smb://u:p%@h/s/f",
                            "smb://u:p%2@h/s/f",
                            "smb://u:%zz@h/s/f",
                            "smb://h:0/s/f",
                            "smb://h:65536/s/f",
                            "smb://h:4x/s/f",
                            "smb://[::1/s/f",
                            "smb://[::1]x/s/f",
                            "smb://h/s/..",
                            "smb://h/s/%2E%2E/f",
                            "smb://h/s/a%2Fb",
                            "smb://h/s/a%5Cb",
                            "smb://h/s/a%00b",
                            "smb://h/s/f?x",
                            "smb://h/s/f#x",
                            "smb://u:a?b@h/s/f",
                            "smb://h/s/f%"})
        EXPECT_FALSE(parse_smb_uri(bad)) << bad;
}

TEST(SmbUri, ErrorsNeverShowThePassword) {
    for (auto const* bad : {"smb://u:hunter2%@h/s/f", "smb://u:hunter2@q@h/s/f", "smb://u:hunter2@h/s", "u:hunter2@h"})
        EXPECT_EQ(parse_smb_uri(bad).error().context.find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace sb::sim
