// A file that one program opens and another one reads, over the real transport.
#include "common/ipc/connect.hpp"
#include "common/ipc/listen.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

namespace sb::ipc {
namespace {

using testing::HasSubstr;

class HandedOver : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "sb-file-XXXXXX").native();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        folder = pattern;
        std::ofstream(folder / "ten") << "0123456789";
        std::ofstream(folder / "none");
        listener = std::move(listen(io.get_executor(), {folder / "s", ""}).value());
    }
    void TearDown() override { std::filesystem::remove_all(folder); }

    template <class T>
    T run(task<T> work) {
        std::optional<T> outcome;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr failure, T value) {
            if (failure) std::rethrow_exception(failure);
            outcome.emplace(std::move(value));
        });
        io.restart();
        while (!outcome && io.run_one() > 0) {}
        return std::move(outcome.value());
    }
    std::string read_line(Stream& stream) {
        stream.accept_files(true);
        std::string line;
        std::array<char, 64> buffer{};
        while (line.find('\n') == std::string::npos) {
            auto const count = run(stream.read_some(buffer));
            if (!count || *count == 0) return "the end";
            line.append(buffer.data(), *count);
        }
        return line;
    }
    static std::size_t open_descriptors() {
        return static_cast<std::size_t>(
            std::distance(std::filesystem::directory_iterator("/dev/fd"), std::filesystem::directory_iterator()));
    }
    /// A foreign client: sends this many descriptors of the file along with one line.
    void send_descriptors(std::filesystem::path const& file, int flags, std::size_t count) const {
        int const socket = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, (folder / "s").c_str(), sizeof address.sun_path - 1);
        ASSERT_EQ(::connect(socket, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address), 0);
        int const descriptor = ::open(file.c_str(), flags);
        std::vector<int> const all(count, descriptor);
        std::vector<char> control(CMSG_SPACE(count * sizeof(int)));
        char text[] = "line\n";
        iovec part{text, sizeof text - 1};
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
        EXPECT_EQ(::sendmsg(socket, &message, 0), static_cast<ssize_t>(sizeof text - 1));
        ::close(descriptor);
        ::close(socket);
    }

    asio::io_context io{1};
    std::filesystem::path folder;
    std::unique_ptr<Listener> listener;
};

TEST_F(HandedOver, AFileIsReadWithTheRightsOfTheUserWhoOpenedIt) {
    auto client = run(connect(folder / "s"));
    auto accepted = run(listener->accept());
    ASSERT_TRUE(client && accepted);
    auto file = OpenFile::open(folder / "ten");
    ASSERT_TRUE(file);
    std::filesystem::remove(folder / "ten");  // access outlasts the file's name and our descriptor
    ASSERT_TRUE(run((*client)->write_all_with("take this\n", std::move(*file))));
    EXPECT_EQ(read_line(*accepted->stream), "take this\n");
    auto const taken = accepted->stream->take_file();
    ASSERT_TRUE(taken);
    EXPECT_FALSE(accepted->stream->take_file());
    EXPECT_EQ(taken->size_at_first().value(), 10u);
    EXPECT_EQ(taken->size().value(), 10u);
    std::array<char, 4> piece{};
    EXPECT_EQ(taken->read_at(piece, 3).value(), 4u);
    EXPECT_EQ(std::string(piece.data(), 4), "3456");
    EXPECT_EQ(taken->read_at(piece, 8).value(), 2u);
    EXPECT_EQ(taken->read_at(piece, 10).value(), 0u);
    EXPECT_EQ(taken->read_at(piece, ~std::uint64_t{0}).value(), 0u);
}

TEST_F(HandedOver, LinesWithoutAFileBringNone) {
    auto client = run(connect(folder / "s"));
    auto accepted = run(listener->accept());
    ASSERT_TRUE(run((*client)->write_all("plain\n")));
    EXPECT_EQ(read_line(*accepted->stream), "plain\n");
    EXPECT_FALSE(accepted->stream->take_file());
}

TEST_F(HandedOver, WhatAClientAddsIsClosed) {
    auto const before = open_descriptors();
    for (std::size_t const count : {16UL, 100UL}) {  // the second is more than the daemon accepts
        send_descriptors(folder / "ten", O_RDONLY, count);
        auto accepted = run(listener->accept());
        EXPECT_EQ(read_line(*accepted->stream), "line\n");
        EXPECT_LE(open_descriptors(), before + 2);  // the stream and one file
        accepted->stream.reset();
        auto const give_up = std::chrono::steady_clock::now() + std::chrono::seconds(10);
        while (open_descriptors() != before && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
        EXPECT_EQ(open_descriptors(), before);
    }
}

TEST_F(HandedOver, WhatCannotBeReadIsOnlyAnError) {
    send_descriptors(folder / "ten", O_WRONLY, 1);
    auto accepted = run(listener->accept());
    EXPECT_EQ(read_line(*accepted->stream), "line\n");
    auto const file = accepted->stream->take_file();
    ASSERT_TRUE(file);
    std::array<char, 4> piece{};
    EXPECT_EQ(file->read_at(piece, 0).error().code, Errc::io);

    send_descriptors(folder, O_RDONLY, 1);
    auto second = run(listener->accept());
    EXPECT_EQ(read_line(*second->stream), "line\n");
    EXPECT_EQ(second->stream->take_file()->size().error().code, Errc::refused);
}

TEST_F(HandedOver, OnlyRegularFilesThatAreNotEmptyAreOpened) {
    EXPECT_EQ(OpenFile::open(folder / "absent").error().code, Errc::not_found);
    EXPECT_THAT(OpenFile::open(folder / "none").error().context, HasSubstr("the file is empty"));
    EXPECT_THAT(OpenFile::open(folder).error().context, HasSubstr("it is a folder"));
    EXPECT_THAT(OpenFile::open("/dev/null").error().context, HasSubstr("not a regular file"));
}

}  // namespace
}  // namespace sb::ipc
