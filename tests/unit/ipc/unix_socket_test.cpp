// The real transport, in the test's own directory.
#include "common/rpc/framing.hpp"
#include "daemon/control/server.hpp"
#include "unix_socket_fixture.hpp"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <utility>
#include <vector>

namespace sb::ipc {
namespace {

using testing::HasSubstr;

TEST_F(UnixSocket, IsOpenToOwnerAndGroupOnly) {
    auto const before = ::umask(0);
    auto const listener = listen_at(path);
    EXPECT_EQ(::umask(before), 0U) << "the process's umask was not put back";
    ASSERT_TRUE(listener) << listener.error().context;
    auto const info = status_of(path);
    EXPECT_TRUE(S_ISSOCK(info.st_mode));
    EXPECT_EQ(info.st_mode & 07777, 0660U);
}

TEST_F(UnixSocket, AGroupThatDoesNotExistIsAConfigError) {
    auto const listener = listen_at(path, "no-such-group-here");
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Errc::invalid_config);
    EXPECT_THAT(listener.error().context, HasSubstr("no-such-group-here"));
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixSocket, IsRemovedAtTheEnd) {
    { auto const listener = listen_at(path); }
    EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(UnixSocket, IsNotRemovedAtTheEndIfAnotherDaemonReplacedIt) {
    auto listener = listen_at(path);
    ASSERT_TRUE(listener);
    std::filesystem::rename(path, directory / "old.sock");
    leave_stale_socket();
    (*listener)->close();
    EXPECT_TRUE(std::filesystem::exists(path));
}

TEST_F(UnixSocket, AStaleOneIsReplaced) {
    leave_stale_socket();
    EXPECT_EQ(failure_of_connect().code, Errc::daemon_unreachable);
    auto const listener = listen_at(path);
    ASSERT_TRUE(listener) << listener.error().context;
    EXPECT_TRUE(run(connect(path)));
}

TEST_F(UnixSocket, ALiveOneIsRefused) {
    auto const first = listen_at(path);
    ASSERT_TRUE(first);
    auto const second = listen_at(path);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::refused);
    EXPECT_TRUE(run(connect(path))) << "the first daemon's socket must have stayed";
}

TEST_F(UnixSocket, WhatIsNotASocketIsNeverRemoved) {
    std::ofstream(path) << "precious";
    auto const over_file = listen_at(path);
    ASSERT_FALSE(over_file);
    EXPECT_EQ(over_file.error().code, Errc::refused);
    EXPECT_EQ(std::filesystem::file_size(path), 8U);

    auto const link = directory / "link.sock";
    std::filesystem::create_symlink("elsewhere", link);
    EXPECT_FALSE(listen_at(link));
    EXPECT_TRUE(std::filesystem::is_symlink(link));

    auto const folder = directory / "folder.sock";
    std::filesystem::create_directory(folder);
    EXPECT_FALSE(listen_at(folder));
    EXPECT_TRUE(std::filesystem::is_directory(folder));
}

TEST_F(UnixSocket, APathThatIsTooLongIsReported) {
    auto const longer = directory / std::string(120, 'x');
    auto const listener = listen_at(longer);
    ASSERT_FALSE(listener);
    EXPECT_EQ(listener.error().code, Errc::invalid_config);
    EXPECT_THAT(listener.error().context, HasSubstr("bytes long and the system allows"));
    auto const connected = run(connect(longer));
    ASSERT_FALSE(connected);
    EXPECT_EQ(connected.error().code, Errc::invalid_params);
}

TEST_F(UnixSocket, AMissingDirectoryIsReported) {
    auto const listener = listen_at(directory / "none" / "control.sock");
    ASSERT_FALSE(listener);
    EXPECT_THAT(listener.error().context, HasSubstr("does not exist"));
    EXPECT_FALSE(std::filesystem::exists(directory / "none"));
}

TEST_F(UnixSocket, WithoutADaemonTheErrorNamesTheCommandThatStartsIt) {
    auto const error = failure_of_connect();
    EXPECT_EQ(error.code, Errc::daemon_unreachable);
    EXPECT_THAT(error.context, HasSubstr(path.native()));
    EXPECT_THAT(error.context, HasSubstr("Start it: "));
}

TEST_F(UnixSocket, ARefusedUserLearnsWhichGroupMayConnect) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can become a user without access";
    auto const listener = listen_at(path);
    ASSERT_TRUE(listener);
    std::filesystem::permissions(directory, std::filesystem::perms{0755});
    std::filesystem::permissions(path, std::filesystem::perms{0600});  // the test keeps root's groups
    ASSERT_EQ(::seteuid(65534), 0);
    auto const error = failure_of_connect();
    ASSERT_EQ(::seteuid(0), 0);
    EXPECT_EQ(error.code, Errc::not_permitted);
    EXPECT_THAT(error.context, HasSubstr("permission denied"));
}

TEST_F(UnixSocket, ItsModeAdmitsItsAudienceAndNoOtherUser) {
    for (auto const& [audience, mode] :
         {std::pair(Audience::owner, 0600U), std::pair(Audience::group, 0660U), std::pair(Audience::all, 0666U)}) {
        auto const listener = listen_at(path, {}, audience);
        ASSERT_TRUE(listener);
        EXPECT_EQ(status_of(path).st_mode & 07777, mode);
    }
}

TEST_F(UnixSocket, TheSystemReportsWhoConnected) {
    auto const listener = listen_at(path);
    ASSERT_TRUE(listener);
    auto const client = run(connect(path));
    auto const accepted = run((*listener)->accept());
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->peer.uid, ::geteuid());
    EXPECT_EQ(accepted->peer.gid, ::getegid());
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    ASSERT_GE(::getgroups(static_cast<int>(groups.size()), groups.data()), 0);
    groups.push_back(::getegid());
    for (auto const group : groups) EXPECT_THAT(accepted->peer.groups, testing::Contains(group));
    if (accepted->peer.pid) {
        EXPECT_EQ(*accepted->peer.pid, ::getpid());
    }
}

TEST_F(UnixSocket, AUserWithThousandsOfGroupsIsKnownByTheMainOneAlone) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can have any groups";
    auto const listener = listen_at(path);
    ASSERT_TRUE(listener);
    std::vector<gid_t> before(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    ASSERT_GE(::getgroups(static_cast<int>(before.size()), before.data()), 0);
    std::vector<gid_t> many(20'000);
    std::iota(many.begin(), many.end(), gid_t{100'000});
    if (::setgroups(many.size(), many.data()) != 0) GTEST_SKIP() << "the system does not allow so many";
    auto const client = run(connect(path));
    ASSERT_EQ(::setgroups(before.size(), before.data()), 0);
    auto const accepted = run((*listener)->accept());
    ASSERT_TRUE(accepted);
    EXPECT_EQ(accepted->peer.gid, ::getegid());
    EXPECT_THAT(accepted->peer.groups, testing::ElementsAre(::getegid()));
}

TEST_F(UnixSocket, CloseEndsAWaitingRead) {
    auto const listener = listen_at(path);
    auto client = run(connect(path));
    ASSERT_TRUE(client);
    std::array<char, 10> buffer{};
    std::optional<Error> ended;
    asio::co_spawn(io, (*client)->read_some(buffer),
                   [&](std::exception_ptr, Result<std::size_t> count) { ended = count ? Error{} : count.error(); });
    io.restart();
    io.poll();
    EXPECT_FALSE(ended);
    (*client)->close();
    io.restart();
    io.poll();
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->code, Errc::cancelled);
}

TEST_F(UnixSocket, APeerThatIsGoneIsNoticedAndOneThatHasOnlyStoppedSendingIsNot) {
    auto const listener = listen_at(path);
    ASSERT_TRUE(listener);
    int const peer = ::socket(AF_UNIX, SOCK_STREAM, 0);
    ASSERT_GE(peer, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.string().copy(address.sun_path, sizeof(address.sun_path) - 1);
    void const* const generic = &address;
    ASSERT_EQ(::connect(peer, static_cast<sockaddr const*>(generic), sizeof(address)), 0);
    auto const accepted = run((*listener)->accept());
    ASSERT_TRUE(accepted);
    EXPECT_FALSE(accepted->stream->is_peer_gone());
    ASSERT_EQ(::write(peer, "x", 1), 1);
    ASSERT_EQ(::shutdown(peer, SHUT_WR), 0);
    EXPECT_FALSE(accepted->stream->is_peer_gone()) << "printf | nc -NU waits for its answer";
    ::close(peer);
    EXPECT_TRUE(accepted->stream->is_peer_gone()) << "although it has not been read";
}

task<Result<rpc::Version::Reply>> version(rpc::Version::Params, control::Caller) {
    rpc::Version::Reply reply{"1.2.3", 1};
    co_return reply;
}

/// One request and its answer.
task<std::string> ask(std::filesystem::path endpoint) {
    auto connected = co_await connect(std::move(endpoint));
    if (!connected) co_return connected.error().context;
    auto const& stream = *connected;
    std::string request = R"({"jsonrpc":"2.0","id":1,"method":"version"})"
                          "\n";
    auto const written = co_await stream->write_all(std::move(request));
    if (!written) co_return written.error().context;
    std::array<char, 100> buffer{};
    rpc::LineSplitter lines{rpc::max_reply_line};
    for (;;) {
        if (auto line = lines.next_line()) co_return *line;
        auto const count = co_await stream->read_some(buffer);
        if (!count || *count == 0) co_return "ended";
        lines.feed(std::string_view(buffer.data(), *count));
    }
}

TEST_F(UnixSocket, ServesManyClientsAtTheSameTimeAndLeavesNothingBehind) {
    auto listener = listen_at(path);
    ASSERT_TRUE(listener);
    control::Server server{io.get_executor(), std::move(*listener), {}};
    server.on<rpc::Version>(version);
    server.start();
    auto const descriptors = [] { return std::distance(std::filesystem::directory_iterator("/dev/fd"), {}); };
    io.poll();
    auto const before = descriptors();
    std::vector<std::string> answers;
    for (int i = 0; i < 200; ++i)
        asio::co_spawn(io, ask(path),
                       [&](std::exception_ptr, std::string answer) { answers.push_back(std::move(answer)); });
    io.restart();
    auto const give_up = std::chrono::steady_clock::now() + 20s;
    auto const more = [&] { return answers.size() < 200 || server.session_count() > 0; };
    while (more() && std::chrono::steady_clock::now() < give_up) io.run_one_for(1s);
    ASSERT_EQ(answers.size(), 200U);
    auto const good = std::count(answers.begin(), answers.end(),
                                 R"({"jsonrpc":"2.0","id":1,"result":{"version":"1.2.3","protocol":1}})");
    // At most 64 at the same time: further ones are refused with a reason, or connect after others have ended.
    EXPECT_GE(good, 64);
    EXPECT_EQ(descriptors(), before);
    server.stop();
    bool joined = false;
    asio::co_spawn(io, server.join(), [&](std::exception_ptr) { joined = true; });
    io.restart();
    io.run_for(20s);
    EXPECT_TRUE(joined);
    EXPECT_FALSE(std::filesystem::exists(path));
}

}  // namespace
}  // namespace sb::ipc
