#include "tests/support/samba_server.hpp"
#include "tests/support/tools.hpp"

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
    SB_NEEDS_TOOLS("smbd", "pdbedit", "smbclient");
    std::string every_character;
    for (char c = ' '; c <= '~'; ++c) every_character += c;
    SambaServer samba({.password = "x" + every_character + "x"});
    EXPECT_EQ(ask(samba, "x" + every_character + "x", "mkdir made").code, 0);
    EXPECT_TRUE(std::filesystem::is_directory(samba.folder() / "made"));
    auto const refused = ask(samba, "x", "ls");
    EXPECT_NE(refused.code, 0);
    EXPECT_NE((refused.out + refused.err).find("LOGON_FAILURE"), std::string::npos) << refused.out << refused.err;
}

}  // namespace
}  // namespace sb::test
