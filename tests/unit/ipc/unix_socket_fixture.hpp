#pragma once
// Sockets in the test's own directory, and an event loop that the test runs.

#include "common/ipc/connect.hpp"
#include "common/ipc/endpoint.hpp"
#include "common/ipc/listen.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <grp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace sb::ipc {

using namespace std::chrono_literals;

class UnixSocket : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (std::filesystem::temp_directory_path() / "sb-ipc-XXXXXX").native();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        directory = pattern;
        path = directory / "control.sock";
    }
    void TearDown() override { std::filesystem::remove_all(directory); }

    Result<std::unique_ptr<Listener>> listen_at(std::filesystem::path const& where, std::string group = {},
                                                Audience audience = Audience::group) {
        ListenOptions options{where, std::move(group), audience};
        return listen(io.get_executor(), std::move(options));
    }

    /// Runs the loop until the task is done.
    template <class T>
    T run(task<T> work) {
        std::optional<T> outcome;
        asio::co_spawn(io, std::move(work), [&](std::exception_ptr failure, T value) {
            if (failure) std::rethrow_exception(failure);
            outcome.emplace(std::move(value));
        });
        io.restart();
        auto const give_up = std::chrono::steady_clock::now() + 20s;
        while (!outcome && std::chrono::steady_clock::now() < give_up) io.run_one_for(1s);
        return std::move(outcome.value());
    }
    Error failure_of_connect() {
        auto const connected = run(connect(path));
        return connected ? Error{} : connected.error();
    }

    /// What a daemon that was killed leaves behind.
    void leave_stale_socket() const {
        int const fd = ::socket(AF_UNIX, SOCK_STREAM, 0);
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        ASSERT_EQ(::bind(fd, static_cast<sockaddr*>(static_cast<void*>(&address)), sizeof address), 0);
        ::close(fd);
    }
    /// Empty if this process is in all that the test knows.
    static std::string a_group_of_another() {
        std::vector<gid_t> own(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
        if (::getgroups(static_cast<int>(own.size()), own.data()) < 0) return {};
        own.push_back(::getegid());
        for (auto const* name : {"games", "staff", "users", "daemon", "bin"}) {
            auto const* entry = ::getgrnam(name);
            if (entry != nullptr && std::find(own.begin(), own.end(), entry->gr_gid) == own.end()) return name;
        }
        return {};
    }
    static struct stat status_of(std::filesystem::path const& file) {
        struct stat info {};
        ::lstat(file.c_str(), &info);
        return info;
    }

    asio::io_context io{1};
    std::filesystem::path directory;
    std::filesystem::path path;
};

}  // namespace sb::ipc
