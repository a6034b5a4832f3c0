#include "daemon/notify/open_sockets.hpp"

namespace sb::notify {

ShutDownLater::ShutDownLater(OpenSockets& sockets, std::chrono::milliseconds limit)
    : thread_([this, &sockets, limit] {
          std::unique_lock lock(mutex_);
          if (!changed_.wait_for(lock, limit, [this] { return is_over_; })) sockets.shut_down();
      }) {}

ShutDownLater::~ShutDownLater() {
    {
        std::scoped_lock const lock(mutex_);
        is_over_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

}  // namespace sb::notify
