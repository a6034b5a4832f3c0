#pragma once
// The sockets of a conversation with a mail server, so that a server that no longer answers cannot hold up its end:
// libcurl says QUIT when a connection is closed, and waits for the reply as long as for any other.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

namespace sb::notify {

/// Thread-safe. `Socket` is the system's, as libcurl passes it.
class OpenSockets {
public:
    using Socket = int;
    void opened(Socket socket);
    /// Closes it; zero, or the system's error code as -1.
    int close(Socket socket);
    /// Ends every conversation: what waits for one of them returns.
    void shut_down();

private:
    std::mutex mutex_;
    std::vector<Socket> open_;
};

/// Shuts the sockets down when a limit has passed, unless it is destroyed before.
class ShutDownLater {
public:
    ShutDownLater(OpenSockets& sockets, std::chrono::milliseconds limit);
    ShutDownLater(ShutDownLater const&) = delete;
    ShutDownLater& operator=(ShutDownLater const&) = delete;
    ~ShutDownLater();

private:
    std::mutex mutex_;
    std::condition_variable changed_;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace sb::notify
