#include "daemon/notify/open_sockets.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace sb::notify {

void OpenSockets::opened(Socket socket) {
    std::scoped_lock const lock(mutex_);
    open_.push_back(socket);
}

int OpenSockets::close(Socket socket) {
    // Under the lock: another thread must not shut down what gets this number next.
    std::scoped_lock const lock(mutex_);
    std::erase(open_, socket);
    return ::close(socket);
}

void OpenSockets::shut_down() {
    std::scoped_lock const lock(mutex_);
    for (auto const socket : open_) ::shutdown(socket, SHUT_RDWR);
}

}  // namespace sb::notify
