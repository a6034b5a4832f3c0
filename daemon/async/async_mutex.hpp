#pragma once
// A mutex for coroutines on one thread: waiting for it blocks no other, and the first to come is the next.

#include "daemon/async/task.hpp"

#include <list>
#include <utility>

namespace sb {

class AsyncMutex {
public:
    /// Unlocks when it is destroyed.
    class Lock {
    public:
        explicit Lock(AsyncMutex& mutex) : mutex_(&mutex) {}
        Lock(Lock&& other) noexcept : mutex_(std::exchange(other.mutex_, nullptr)) {}
        Lock& operator=(Lock&&) = delete;
        ~Lock() {
            if (mutex_ != nullptr) mutex_->unlock();
        }

    private:
        AsyncMutex* mutex_;
    };

    task<Lock> lock();

private:
    class Turn;
    void unlock();

    bool is_locked_ = false;
    std::list<Turn*> waiting_;
};

}  // namespace sb
