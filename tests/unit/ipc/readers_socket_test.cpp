// The second socket, for users whom the control socket does not admit.
#include "unix_socket_fixture.hpp"

#include <fstream>

namespace sb::ipc {
namespace {

using testing::HasSubstr;

class ReadersSocket : public UnixSocket {};

TEST(ReadersEndpoint, IsBesideTheControlSocket) {
    EXPECT_EQ(readers_endpoint("/run/scale-backup/control.sock"), "/run/scale-backup/control-read.sock");
    EXPECT_EQ(readers_endpoint("/run/a.b/socket"), "/run/a.b/socket-read");
    EXPECT_EQ(readers_endpoint("s.sock"), "s-read.sock");
    EXPECT_EQ(readers_endpoint("/run/.hidden"), "/run/.hidden-read");
}

TEST_F(ReadersSocket, AUserWhomItDoesNotAdmitConnectsAtTheReadersSocket) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become a user without access";
    std::filesystem::permissions(directory, std::filesystem::perms{0755});
    auto const control = listen_at(path, {}, Audience::owner);
    auto const readers = listen_at(readers_endpoint(path), {}, Audience::all);
    ASSERT_TRUE(control && readers);
    ASSERT_EQ(::seteuid(65534), 0);
    auto const connected = run(connect(path));
    ASSERT_EQ(::seteuid(0), 0);
    ASSERT_TRUE(connected) << connected.error().context;
    auto const accepted = run((*readers)->accept());
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->peer.uid, 65534U);
}

TEST_F(ReadersSocket, AUserWhomItAdmitsDoesNotUseTheReadersSocket) {
    auto const control = listen_at(path);
    auto const readers = listen_at(readers_endpoint(path));
    ASSERT_TRUE(control && readers);
    auto const connected = run(connect(path));
    ASSERT_TRUE(connected);
    EXPECT_TRUE(run((*control)->accept()));
}

TEST_F(ReadersSocket, AUserWhomNeitherSocketAdmitsLearnsWhichGroupsTheyAdmit) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become a user without access";
    auto const group = a_group_of_another();
    if (group.empty()) GTEST_SKIP() << "there is no group that this process is not in";
    std::filesystem::permissions(directory, std::filesystem::perms{0755});
    auto const control = listen_at(path, {}, Audience::owner);
    auto const readers = listen_at(readers_endpoint(path), group);
    ASSERT_TRUE(control && readers);
    ASSERT_EQ(::seteuid(65534), 0);
    auto const error = failure_of_connect();
    ASSERT_EQ(::seteuid(0), 0);
    EXPECT_EQ(error.code, Errc::not_permitted);
    EXPECT_THAT(error.context, HasSubstr(path.native() + ": permission denied"));
    EXPECT_THAT(error.context, HasSubstr("to read only, join the group '" + group + "'"));
}

TEST_F(ReadersSocket, AStaleReadersSocketIsRemovedAndOneInUseStays) {
    leave_stale_socket();
    remove_stale_socket(path);
    EXPECT_FALSE(std::filesystem::exists(path));
    auto const listener = listen_at(path);
    ASSERT_TRUE(listener);
    remove_stale_socket(path);
    EXPECT_TRUE(run(connect(path)));
    std::ofstream(directory / "file") << "precious";
    remove_stale_socket(directory / "file");
    EXPECT_TRUE(std::filesystem::exists(directory / "file"));
}

}  // namespace
}  // namespace sb::ipc
