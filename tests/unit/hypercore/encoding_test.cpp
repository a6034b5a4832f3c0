#include "daemon/hypercore/encoding.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>

#include <unistd.h>

namespace sb::hypercore {
namespace {

config::Smb share(std::string domain, std::string user, std::string password) {
    config::Smb smb;
    smb.domain = std::move(domain);
    smb.username = std::move(user);
    smb.password = Secret(std::move(password));
    smb.host = config::HostPort{"files.example.org", 4455};
    smb.share_name = "Server Backups";
    return smb;
}

/// Texts with every ASCII character except NUL, and UTF-8 of two to four bytes.
std::string wild_text(std::mt19937& random) {
    static std::array<std::string, 6> const beyond{"ä", "ß", "€", "日本", "🔑", "é"};
    std::string text;
    auto const length = 1 + random() % 24;
    for (std::size_t i = 0; i < length; ++i) {
        if (random() % 8 == 0) text += beyond[random() % beyond.size()];
        else text += static_cast<char>(1 + random() % 127);
    }
    return text;
}

std::string hex(std::string const& text) {
    std::string digits;
    for (char const c : text) {
        char two[3];
        std::snprintf(two, sizeof two, "%02x", static_cast<unsigned>(static_cast<unsigned char>(c)));
        digits += two;
    }
    return digits;
}

TEST(SmbUri, OmitsAnEmptyDomain) {
    EXPECT_EQ(smb_uri(share("", "svc", "pa$s"), "2025 FILE01").reveal(),
              "smb://svc:pa%24s@files.example.org:4455/Server%20Backups/2025%20FILE01");
}

TEST(SmbUri, KeepsTheSlashesOfAShareWithAFolder) {
    auto smb = share("CORP", "svc", "x");
    smb.share_name = "a/b c";
    smb.host = config::HostPort{"fd00::1", std::nullopt};
    EXPECT_EQ(smb_uri(smb, "f/g").reveal(), "smb://CORP;svc:x@[fd00::1]/a/b%20c/f%2Fg");
}

// The oracle is python's urllib, split at the first ';' and ':' as RFC 3986 and the SMB URI scheme specify.
TEST(SmbUri, AnIndependentDecoderReadsEveryCharacterBack) {
    std::mt19937 random(20251123);
    std::string every_sign;
    for (int c = 1; c < 128; ++c) every_sign += static_cast<char>(c);
    std::string dir = ::testing::TempDir() + "smb_uri_XXXXXX";
    ASSERT_NE(::mkdtemp(dir.data()), nullptr);
    std::ofstream cases(dir + "/cases");
    for (int i = 0; i < 500; ++i) {
        std::string const domain = i == 0 ? every_sign : wild_text(random);
        std::string const user = i == 0 ? every_sign : wild_text(random);
        std::string const password = i == 0 ? every_sign : wild_text(random);
        std::string const folder = i == 0 ? every_sign : wild_text(random);
        auto const uri = smb_uri(share(domain, user, password), folder);
        cases << uri.reveal() << ' ' << hex(domain) << ' ' << hex(user) << ' ' << hex(password) << ' ' << hex(folder)
              << '\n';
    }
    cases.close();
    std::ofstream(dir + "/decode.py") << R"(
import sys
from urllib.parse import urlsplit, unquote_to_bytes
n = 0
for line in open(sys.argv[1], encoding='ascii'):
    uri, *expected = line.split(' ')
    u = urlsplit(uri)
    login, at, host = u.netloc.rpartition('@')
    assert login.count('@') == 0 and host == 'files.example.org:4455', uri
    domain_user, colon, password = login.partition(':')
    domain, semicolon, user = domain_user.partition(';')
    root, share, folder = u.path.split('/')
    assert not u.query and not u.fragment and share == 'Server%20Backups', uri
    parts = [unquote_to_bytes(p).hex() for p in (domain, user, password, folder)]
    assert parts == [e.strip() for e in expected], (uri, parts, expected)
    n += 1
assert n == 500
)";
    std::string const command = "python3 " + dir + "/decode.py " + dir + "/cases && rm -r " + dir;
    EXPECT_EQ(std::system(command.c_str()), 0);
}

TEST(BasicAuth, IsBase64OfUserAndPassword) {
    // RFC 7617's and RFC 4648's own examples
    EXPECT_EQ(basic_authorization("Aladdin", Secret("open sesame")).reveal(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
    EXPECT_EQ(basic_authorization("test", Secret("123£")).reveal(), "Basic dGVzdDoxMjPCow==");
    EXPECT_EQ(basic_authorization("ab", Secret("c")).reveal(), "Basic YWI6Yw==");
    EXPECT_EQ(basic_authorization("ab", Secret("cde")).reveal(), "Basic YWI6Y2Rl");
}

}  // namespace
}  // namespace sb::hypercore
