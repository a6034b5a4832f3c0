#include "tests/support/samba_server.hpp"

#include <gtest/gtest.h>

namespace sb::test {
namespace {

Finished ask(SambaServer const& samba, std::string const& password, std::string const& what) {
    Command command{.argv = {"smbclient", "//127.0.0.1/" + samba.settings().share, "-p", std::to_string(samba.port()),
                             "-W", "ANYDOMAIN", "-U", samba.settings().user, "-c", what},
                    .environment = {{"PASSWD", password}}};
    return run(std::move(command));
}

TEST(SambaServer, ServesItsFolderToThePasswordsOwnerOnly) {
    if (!SambaServer::available()) GTEST_SKIP() << "Samba is not installed";
    std::string every_sign;
    for (char c = ' '; c <= '~'; ++c) every_sign += c;
    SambaServer samba({.password = "x" + every_sign + "x"});
    EXPECT_EQ(ask(samba, "x" + every_sign + "x", "mkdir made").code, 0);
    EXPECT_TRUE(std::filesystem::is_directory(samba.folder() / "made"));
    auto const refused = ask(samba, "x", "ls");
    EXPECT_NE(refused.code, 0);
    EXPECT_NE((refused.out + refused.err).find("LOGON_FAILURE"), std::string::npos) << refused.out << refused.err;
}

}  // namespace
}  // namespace sb::test
