#pragma once
// A daemon that plays a script over a real Unix socket, on its own thread.

#include "common/rpc/codec.hpp"
#include "common/rpc/message.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace sb::ctl {

/// One connection, as the daemon sees it.
class FakePeer {
public:
    explicit FakePeer(int socket) : socket_(socket) {}
    ~FakePeer();
    FakePeer(FakePeer const&) = delete;
    FakePeer& operator=(FakePeer const&) = delete;

    /// Waits for a call and answers it. Returns the parameters as JSON; "" if the client went away.
    template <class Method>
    std::string answer(typename Method::Reply const& reply) {
        return answer_with(Method::name, rpc::encode(reply));
    }
    std::string refuse(Error const& error);
    void tell(rpc::JobInfo const& job);
    void send(std::string const& line);
    /// Waits until the client closes.
    void await_end();

private:
    std::string answer_with(std::string_view method, std::string const& result);
    std::string read_line();
    int socket_;
    std::string input_;
};

class FakeDaemon {
public:
    using Script = std::function<void(FakePeer&)>;

    /// One script for each connection, in order; then the socket is removed.
    explicit FakeDaemon(std::vector<Script> scripts);
    ~FakeDaemon();
    FakeDaemon(FakeDaemon const&) = delete;
    FakeDaemon& operator=(FakeDaemon const&) = delete;

    std::string socket() const { return (folder_ / "control.sock").string(); }

private:
    std::filesystem::path folder_;
    int listener_ = -1;
    std::thread thread_;
};

}  // namespace sb::ctl
