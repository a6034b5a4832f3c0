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
    EXPECT_EQ(access.as_member_of("games", {"status"}).code, 0) << "it finds the readers' socket";
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

TEST(Access, OtherUsersSeeWhichGroupsGiveAccess) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_SETPRIV();
    AccessFixture access;
    EXPECT_THAT(access.as_member_of("nogroup", {"status"}), EndedWith(6, "usermod -aG staff"));
    EXPECT_THAT(access.as_member_of("nogroup", {"status"}), EndedWith(6, "to read only, join the group 'games'"));
    EXPECT_THAT(access.as_member_of("nogroup", {"--json", "show-backups"}), EndedWith(6, "not_permitted"));
    EXPECT_THAT(access.fixture.daemon.log(), testing::Not(testing::HasSubstr("connection refused")))
        << "the file system kept it out: the daemon did not even notice";
}

TEST(Access, EachOfTheTwoSocketsAdmitsItsGroup) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_SETPRIV();
    AccessFixture access;
    auto const control = access.fixture.daemon.socket();
    auto const readers = control.parent_path() / "control-read.sock";
    EXPECT_EQ(fs::status(control).permissions(), fs::perms{0660});
    EXPECT_EQ(fs::status(readers).permissions(), fs::perms{0660});
    auto const connect = "import socket,sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])";
    auto const connects = [&](char const* group, fs::path const& socket) {
        std::string const python = fs::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        return run({.argv = {"setpriv", "--reuid", "54321", "--regid", "54321", "--groups", id_of(group), python, "-B",
                             "-c", connect, socket.string()}});
    };
    EXPECT_EQ(connects("staff", control).code, 0);
    EXPECT_EQ(connects("games", readers).code, 0);
    EXPECT_THAT(connects("games", control).err, testing::HasSubstr("PermissionError"));
    EXPECT_THAT(connects("nogroup", control).err, testing::HasSubstr("PermissionError"));
    EXPECT_THAT(connects("nogroup", readers).err, testing::HasSubstr("PermissionError"));
    EXPECT_EQ(access.fixture.daemon.stop(), 0);
    EXPECT_FALSE(fs::exists(control));
    EXPECT_FALSE(fs::exists(readers));
}

/// Connects and closes as fast as it can, until it is ended.
constexpr auto storm = R"(
import socket, sys
while True:
    client = socket.socket(socket.AF_UNIX)
    client.setblocking(False)
    try:
        client.connect(sys.argv[1])
    except BlockingIOError:
        pass
    client.close()
)";

TEST(Access, AStormOfConnectionsByAReaderDelaysNoAdministrator) {
    SB_NEEDS_SAMBA();
    SB_NEEDS_ROOT_AND_SETPRIV();
    AccessFixture access;
    std::string const python = fs::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
    auto const readers = access.fixture.daemon.socket().parent_path() / "control-read.sock";
    Process storming({.argv = {"setpriv", "--reuid", "54321", "--regid", "54321", "--groups", id_of("games"), python,
                               "-B", "-c", storm, readers.string()}});
    for (int i = 0; i < 20; ++i) EXPECT_EQ(access.as_member_of("staff", {"status"}).code, 0);
    EXPECT_TRUE(storming.running()) << storming.err();
    storming.kill();
    EXPECT_EQ(access.as_member_of("games", {"status"}).code, 0) << "when it is over, readers are answered again";
    EXPECT_EQ(access.fixture.daemon.stop(), 0);
}

}  // namespace
}  // namespace sb::test
