// Permissions at the control endpoint by system groups: real users of this machine, through setpriv.

#include "tests/e2e/fixture.hpp"

#include <grp.h>
#include <unistd.h>

namespace sb::test {
namespace {

namespace fs = std::filesystem;

std::string id_of(char const* group) {
    auto const* entry = ::getgrnam(group);
    return entry == nullptr ? "" : std::to_string(entry->gr_gid);
}

/// A daemon with SocketGroup 'staff' and SocketReadGroup 'games', groups that exist on Debian and FreeBSD.
struct AccessFixture {
    AccessFixture()
        : fixture({.adjust = [](DaemonSettings& settings) {
              settings.more += "[Daemon]\nSocketGroup = 'staff'\nSocketReadGroup = 'games'\n";
          }}) {
        fs::copy_file(built_program("scale-backupctl"), fixture.dir / "ctl");
        for (auto folder = fixture.daemon.socket().parent_path(); folder != fs::temp_directory_path() && folder != "/";
             folder = folder.parent_path())
            fs::permissions(folder, fs::perms{0711}, fs::perm_options::add);
    }

    /// Runs scale-backupctl as a user that is also in this group.
    Finished as_member_of(char const* group, std::vector<std::string> const& arguments) const {
        std::vector<std::string> argv{"setpriv",    "--reuid",
                                      "54321",      "--regid",
                                      "54321",      "--groups",
                                      id_of(group), (fixture.dir / "ctl").string(),
                                      "--socket",   fixture.daemon.socket().string()};
        argv.insert(argv.end(), arguments.begin(), arguments.end());
        return run({.argv = argv});
    }

    Fixture fixture;
};

#define SB_NEEDS_ROOT_AND_SETPRIV()                                                                       \
    if (::geteuid() != 0 || !find_program("setpriv") || id_of("staff").empty() || id_of("games").empty()) \
    GTEST_SKIP() << "needs root, setpriv and the groups staff and games"

TEST(Access, MembersOfTheReadGroupMayReadAndNotChangeAnything) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_SETPRIV();
    AccessFixture access;
    EXPECT_EQ(access.as_member_of("games", {"status"}).code, 0);
    EXPECT_EQ(access.as_member_of("games", {"show-vms"}).code, 0);
    EXPECT_THAT(access.as_member_of("games", {"pause"}), EndedWith(6, "may only read"));
    EXPECT_THAT(access.as_member_of("games", {"pause"}), EndedWith(6, "usermod -aG staff"));
    EXPECT_THAT(access.fixture.daemon.log(), testing::HasSubstr("uid 54321"));
    EXPECT_THAT(access.fixture.daemon.log(), testing::HasSubstr("refused: not permitted"));
}

TEST(Access, MembersOfTheSocketGroupMayChangeThingsAndAreLogged) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_SETPRIV();
    AccessFixture access;
    EXPECT_EQ(access.as_member_of("staff", {"pause"}).code, 0);
    EXPECT_THAT(access.fixture.daemon.log(),
                testing::ContainsRegex("uid 54321 \\(pid [0-9]+\\) called schedule.pause"));
}

TEST(Access, OtherUsersSeeWhichGroupGivesAccess) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_SETPRIV();
    AccessFixture access;
    EXPECT_THAT(access.as_member_of("nogroup", {"status"}), EndedWith(6, "usermod -aG games"));
    EXPECT_THAT(access.as_member_of("nogroup", {"--json", "show-backups"}), EndedWith(6, "has no access"));
}

}  // namespace
}  // namespace sb::test
