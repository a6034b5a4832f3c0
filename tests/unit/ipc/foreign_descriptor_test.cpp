// Descriptors that a client sends so that the daemon waits for them: closing them takes as long as the client likes.
#include "common/ipc/connect.hpp"
#include "common/ipc/listen.hpp"
#include "common/ipc/side_threads.hpp"
#include "daemon/control/server.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <thread>
#include <vector>

namespace sb::ipc {
namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr int linger_seconds = 120;
constexpr auto short_time = 10s;  // far less than the linger time, and enough for a busy machine

/// A TCP connection whose close() waits for its peer, which reads nothing.
class StuckSocket {
public:
    StuckSocket() : listening_(::socket(AF_INET, SOCK_STREAM, 0)), descriptor_(::socket(AF_INET, SOCK_STREAM, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const plain = static_cast<sockaddr*>(static_cast<void*>(&address));
        EXPECT_EQ(::bind(listening_, plain, size), 0);
        EXPECT_EQ(::listen(listening_, 1), 0);
        EXPECT_EQ(::getsockname(listening_, plain, &size), 0);
        EXPECT_EQ(::connect(descriptor_, plain, size), 0);
        peer_ = ::accept(listening_, nullptr, nullptr);
        std::vector<char> const filling(64UL * 1024);
        while (::send(descriptor_, filling.data(), filling.size(), MSG_DONTWAIT) > 0) continue;
        linger const wait{1, linger_seconds};
        EXPECT_EQ(::setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &wait, sizeof wait), 0);
    }
    StuckSocket(StuckSocket const&) = delete;
    StuckSocket& operator=(StuckSocket const&) = delete;
    ~StuckSocket() {
        ::close(peer_);
        ::close(listening_);
    }
    int descriptor() const { return descriptor_; }
    /// What is on its way in a connection is then the last one, so this close() does not wait.
    void give_away() { ::close(descriptor_); }

private:
    int listening_, descriptor_, peer_ = -1;
};

class ForeignDescriptor : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "sb-foreign-XXXXXX").native();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        std::ofstream(folder / "ten") << "0123456789";
        listener = std::move(listen(io.get_executor(), {folder / "s", ""}).value());
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    /// A client that is gone; it has sent one line with the descriptor beside it.
    void send(int descriptor, std::size_t count = 1) const { ::close(send_and_wait(descriptor, count, "line\n")); }
    /// The client's connection, the caller's to close.
    int send_and_wait(int descriptor, std::size_t count, std::string text) const {
        int const socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, (folder / "s").c_str(), sizeof address.sun_path - 1);
        EXPECT_EQ(::connect(socket, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address), 0);
        std::vector<int> const all(count, descriptor);
        std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
        iovec part{text.data(), text.size()};
        msghdr message{};
        message.msg_iov = &part;
        message.msg_iovlen = 1;
        message.msg_control = control.data();
        message.msg_controllen = control.size();
        auto* const header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(count * sizeof(int));
        std::memcpy(CMSG_DATA(header), all.data(), count * sizeof(int));
        EXPECT_EQ(::sendmsg(socket, &message, 0), static_cast<ssize_t>(text.size()));
        return socket;
    }

    template <class T>
    T run(task<T> work) {
        std::optional<T> outcome;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr failure, T value) {
            if (failure) std::rethrow_exception(failure);
            outcome.emplace(std::move(value));
        });
        io.restart();
        auto const give_up = Clock::now() + short_time;
        while (!outcome && Clock::now() < give_up) io.run_one_for(1s);
        return std::move(outcome.value());
    }

    static std::size_t open_descriptors() {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator("/dev/fd"), std::filesystem::directory_iterator()));
    }
    static bool until(auto const& so) {
        auto const give_up = Clock::now() + short_time;
        while (!so() && Clock::now() < give_up) std::this_thread::yield();
        return so();
    }

    asio::io_context io{1};
    std::filesystem::path folder;
    std::unique_ptr<Listener> listener;
};

/// The loop itself never waits, and the read ends because the side thread is interrupted.
TEST_F(ForeignDescriptor, ReadingWhatCameWithOneKeepsTheLoopFree) {
    for (bool const accepted_files : {false, true}) {
        StuckSocket stuck;
        send(stuck.descriptor());
        stuck.give_away();
        auto client = run(listener->accept());
        ASSERT_TRUE(client);
        client->stream->accept_files(accepted_files);
        std::array<char, 64> buffer{};
        std::optional<Result<std::size_t>> count;
        asio::co_spawn(io, client->stream->read_some(buffer),
                       [&](std::exception_ptr, Result<std::size_t> read) { count = read; });
        auto const begin = Clock::now();
        io.restart();
        io.poll();
        EXPECT_LT(Clock::now() - begin, short_time) << "the event loop waited for a client's socket";
        while (!count && Clock::now() - begin < short_time) io.run_one_for(1s);
        ASSERT_TRUE(count && *count) << "the session waits for a client's socket";
        EXPECT_EQ(std::string(buffer.data(), **count), "line\n");
        auto const file = client->stream->take_file();
        EXPECT_EQ(file != nullptr, accepted_files);
        if (file) {
            EXPECT_EQ(file->size_at_first().error().code, Errc::refused);
        }
    }
}

TEST_F(ForeignDescriptor, ClosingAConnectionWithAnUnreadOneDoesNotWait) {
    StuckSocket stuck;
    send(stuck.descriptor());
    stuck.give_away();
    auto client = run(listener->accept());
    ASSERT_TRUE(client);
    auto const begin = Clock::now();
    client->stream.reset();
    EXPECT_LT(Clock::now() - begin, short_time);
}

TEST_F(ForeignDescriptor, ClosingTheListenerDoesNotWaitForWhatClientsSentBeforeTheyWereAccepted) {
    StuckSocket stuck;
    send(stuck.descriptor());
    stuck.give_away();
    auto const begin = Clock::now();
    listener->close();
    EXPECT_LT(Clock::now() - begin, short_time);
    listener.reset();
    EXPECT_LT(Clock::now() - begin, short_time);
}

TEST_F(ForeignDescriptor, NoClientIsAcceptedWhileTooManyConnectionsAreStillBeingClosed) {
    listener.reset();
    ListenOptions options{folder / "s", ""};
    options.side_threads = std::make_shared<SideThreads>();
    options.most_closing = 1;
    listener = std::move(listen(io.get_executor(), options).value());
    std::atomic<bool> may_end = false;
    options.side_threads->run([&](SideThreads::Back const&) {
        while (!may_end) std::this_thread::yield();
    });
    int const file = ::open((folder / "ten").c_str(), O_RDONLY);
    send(file);
    ::close(file);
    std::optional<bool> accepted;
    asio::co_spawn(io, listener->accept(),
                   [&](std::exception_ptr, Result<Connection> client) { accepted = client.has_value(); });
    io.restart();
    io.run_for(50ms);
    EXPECT_FALSE(accepted) << "it would be one more descriptor";
    may_end = true;
    auto const give_up = Clock::now() + short_time;
    io.restart();
    while (!accepted && Clock::now() < give_up) io.run_one_for(1s);
    EXPECT_TRUE(accepted.value_or(false));
}

TEST_F(ForeignDescriptor, NoneIsOwnedUnlessTheClientMayHandOverFiles) {
    int const file = ::open((folder / "ten").c_str(), O_RDONLY);
    send(file, 5);
    ::close(file);
    auto const before = open_descriptors();
    auto client = run(listener->accept());
    ASSERT_TRUE(client);
    std::array<char, 64> buffer{};
    EXPECT_EQ(run(client->stream->read_some(buffer)).value(), 5U);
    EXPECT_EQ(client->stream->take_file(), nullptr);
    EXPECT_EQ(open_descriptors(), before + 1) << "the connection alone";
}

TEST_F(ForeignDescriptor, OneThatNoCallTookIsClosed) {
    int const file = ::open((folder / "ten").c_str(), O_RDONLY);
    send(file);
    ::close(file);
    auto const before = open_descriptors();
    auto client = run(listener->accept());
    ASSERT_TRUE(client);
    client->stream->accept_files(true);
    std::array<char, 64> buffer{};
    EXPECT_EQ(run(client->stream->read_some(buffer)).value(), 5U);
    EXPECT_EQ(open_descriptors(), before + 2);
    client->stream->take_file().reset();
    EXPECT_TRUE(until([&] { return open_descriptors() == before + 1; }));
}

TEST_F(ForeignDescriptor, AClientIsGoneOnceItHasClosedBothDirections) {
    auto client = run(connect(folder / "s"));
    auto accepted = run(listener->accept());
    ASSERT_TRUE(client && accepted);
    EXPECT_FALSE(accepted->stream->is_peer_gone());
    int const half = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, (folder / "s").c_str(), sizeof address.sun_path - 1);
    ASSERT_EQ(::connect(half, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address), 0);
    auto waiting = run(listener->accept());
    ASSERT_TRUE(waiting);
    ::shutdown(half, SHUT_WR);
    EXPECT_FALSE(waiting->stream->is_peer_gone()) << "it still waits for its answer";
    ::close(half);
    EXPECT_TRUE(waiting->stream->is_peer_gone());
    (*client)->close();
    EXPECT_TRUE(accepted->stream->is_peer_gone());
}

/// A server whose users may only read, or may do everything.
class DescriptorsOfSessions : public ForeignDescriptor {
protected:
    void serve(bool all_may_change) {
        control::ServerOptions options;
        options.permit = [all_may_change](Peer const&, bool changes) -> Result<void> {
            if (changes && !all_may_change) return Error{Errc::not_permitted, "only reading"};
            return {};
        };
        server = std::make_unique<control::Server>(io.get_executor(), std::move(listener), std::move(options));
        server->on<rpc::Version>([](rpc::Version::Params, control::Caller) { return version(); });
        server->start();
    }
    static task<Result<rpc::Version::Reply>> version() {
        rpc::Version::Reply reply{"1.2.3", 1};
        co_return reply;
    }
    /// Runs the server until the client has its answer.
    bool is_answered(int client) {
        std::string answer;
        std::array<char, 256> piece{};
        auto const give_up = Clock::now() + short_time;
        io.restart();
        while (answer.find('\n') == std::string::npos && Clock::now() < give_up) {
            io.run_one_for(10ms);
            auto const count = ::recv(client, piece.data(), piece.size(), MSG_DONTWAIT);
            if (count > 0) answer.append(piece.data(), static_cast<std::size_t>(count));
        }
        return answer.find("1.2.3") != std::string::npos;
    }
    void TearDown() override {
        bool joined = false;
        server->stop();
        asio::co_spawn(io, server->join(), [&](std::exception_ptr) { joined = true; });
        io.restart();
        io.run_for(20s);
        EXPECT_TRUE(joined);
        ForeignDescriptor::TearDown();
    }

    std::string const ask = R"({"jsonrpc":"2.0","id":1,"method":"version"})"
                            "\n";
    std::unique_ptr<control::Server> server;
};

TEST_F(DescriptorsOfSessions, AReaderThatSendsOneIsAnsweredAndDelaysNoOtherClient) {
    serve(false);
    StuckSocket stuck;
    int const hostile = send_and_wait(stuck.descriptor(), 3, ask);
    stuck.give_away();
    int const file = ::open((folder / "ten").c_str(), O_RDONLY);
    int const other = send_and_wait(file, 1, ask);
    ::close(file);
    EXPECT_TRUE(is_answered(other));
    EXPECT_TRUE(is_answered(hostile));
    ::close(hostile);
    ::close(other);
}

TEST_F(DescriptorsOfSessions, AFileThatTheRequestDidNotWantIsClosed) {
    serve(true);
    int const file = ::open((folder / "ten").c_str(), O_RDONLY);
    auto const before = open_descriptors();
    int const client = send_and_wait(file, 1, ask);
    EXPECT_TRUE(is_answered(client));
    auto const is_closed = [&] {
        io.restart();
        io.poll();
        return open_descriptors() == before + 2;  // the two ends of the connection
    };
    EXPECT_TRUE(until(is_closed));
    ::close(client);
    ::close(file);
}

TEST(SideThreads, RunMoreCallsThanThereAreThreads) {
    SideThreads threads;
    std::atomic<int> done = 0;
    for (int i = 0; i < 500; ++i) threads.run([&](SideThreads::Back const&) { ++done; });
    while (threads.unfinished() > 0) std::this_thread::yield();
    EXPECT_EQ(done, 500);
}

/// Clients can leave thousands of such descriptors behind, and each belongs to the process until it is closed.
TEST(SideThreads, WhileManyWaitForAThreadCallsAreInterruptedSooner) {
    SideThreads threads;
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    constexpr int calls = 6400;  // 20 s, 100 ms for each, 32 at a time
    auto const begin = Clock::now();
    for (int i = 0; i < calls; ++i) {
        threads.run([&](SideThreads::Back const&) {
            char byte = 0;
            EXPECT_LT(::read(ends[0], &byte, 1), 0);
        });
    }
    while (threads.unfinished() > 0) std::this_thread::yield();
    EXPECT_LT(Clock::now() - begin, short_time);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(SideThreads, ACallThatWaitsIsInterrupted) {
    SideThreads threads;
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    std::atomic<int> failed = 0;
    threads.run([&](SideThreads::Back const&) {
        char byte = 0;
        failed = ::read(ends[0], &byte, 1) < 0 ? errno : -1;
    });
    while (threads.unfinished() > 0) std::this_thread::yield();
    EXPECT_EQ(failed, EINTR);
    ::close(ends[0]);
    ::close(ends[1]);
}

TEST(SideThreads, DoNotNotifyOnceTheirOwnerIsGone) {
    std::atomic<bool> may_end = false, ended = false, notified = false;
    {
        SideThreads threads;
        threads.run([&](SideThreads::Back const& back) {
            while (!may_end) std::this_thread::yield();
            back([&] { notified = true; });
            ended = true;
        });
    }
    may_end = true;
    while (!ended) std::this_thread::yield();
    EXPECT_FALSE(notified);
}

}  // namespace
}  // namespace sb::ipc
