#include "tests/unit/ctl/fake_daemon.hpp"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>

namespace sb::ctl {

FakePeer::~FakePeer() { ::close(socket_); }

std::string FakePeer::read_line() {
    for (;;) {
        if (auto const end = input_.find('\n'); end != std::string::npos) {
            auto line = input_.substr(0, end);
            input_.erase(0, end + 1);
            return line;
        }
        char bytes[4096];
        auto const count = ::recv(socket_, bytes, sizeof bytes, 0);
        if (count <= 0) return "";
        input_.append(bytes, static_cast<std::size_t>(count));
    }
}

void FakePeer::send(std::string const& line) {
    auto const bytes = line + "\n";
    // The client may have disconnected on purpose.
    auto const sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    static_cast<void>(sent);
}

std::string FakePeer::answer_with(std::string_view method, std::string const& result) {
    auto const line = read_line();
    if (line.empty()) return "";
    auto const request = json::Document::parse(line);
    EXPECT_EQ(request->root()["method"].text(), method);
    send(rpc::result_text(request->root()["id"].dump(), result));
    return request->root()["params"].dump();
}

std::string FakePeer::refuse(Error const& error) {
    auto const request = json::Document::parse(read_line());
    send(rpc::error_text(request->root()["id"].dump(), rpc::fault_of(error)));
    return request->root()["params"].dump();
}

void FakePeer::tell(rpc::JobInfo const& job) {
    rpc::JobChanged::Params params;
    params.job = job;
    send(rpc::notification_text(rpc::JobChanged::name, rpc::encode(params)));
}

void FakePeer::await_end() {
    while (!read_line().empty()) {}
}

FakeDaemon::FakeDaemon(std::vector<Script> scripts) {
    std::string pattern = (std::filesystem::temp_directory_path() / "sb_ctl_XXXXXX").string();
    folder_ = ::mkdtemp(pattern.data());
    listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::strncpy(address.sun_path, socket().c_str(), sizeof address.sun_path - 1);
    void* const generic = &address;
    EXPECT_EQ(::bind(listener_, static_cast<sockaddr*>(generic), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 4), 0);
    thread_ = std::thread([this, scripts = std::move(scripts)] {
        for (std::size_t i = 0; i < scripts.size(); ++i) {
            int const accepted = ::accept(listener_, nullptr, nullptr);
            if (accepted < 0) return;
            // The socket is removed before the last connection ends, so that a client that reconnects finds no daemon.
            if (i + 1 == scripts.size()) {
                ::unlink(socket().c_str());
                ::shutdown(listener_, SHUT_RDWR);
            }
            FakePeer peer(accepted);
            scripts[i](peer);
        }
    });
}

FakeDaemon::~FakeDaemon() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
    std::filesystem::remove_all(folder_);
}

}  // namespace sb::ctl
