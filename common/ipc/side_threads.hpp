#pragma once
// Threads for system calls on what another process handed over. Closing such a descriptor, receiving it, or asking for
// its size can take as long as that process likes: a TCP socket with SO_LINGER waits for its peer, a file of FUSE for
// its server. Here only a side thread waits, never the event loop.

#include <cstddef>
#include <functional>
#include <memory>

namespace sb::ipc {

class SideThreads {
public:
    SideThreads();
    SideThreads(SideThreads const&) = delete;
    SideThreads& operator=(SideThreads const&) = delete;
    /// Does not wait: calls that have not ended continue without it, and their notify() does nothing.
    ~SideThreads();

    /// Given to a call, for its way back.
    class Back {
    public:
        /// Runs `notify`, which may only post to an executor, unless the SideThreads are gone, and with them perhaps
        /// the executor.
        void operator()(std::function<void()> const& notify) const;

    private:
        friend class SideThreads;
        struct State;
        std::shared_ptr<State> state_;
    };
    using Call = std::function<void(Back const&)>;

    /// Runs the call on a side thread as soon as one is free; it must not throw. A call that takes longer than 100 ms,
    /// or 5 ms while many wait for a thread, is interrupted by a signal again and again, which ends every wait that a
    /// signal can end.
    void run(Call call);
    /// Closes the descriptor on a side thread.
    void close(int descriptor);

    /// Calls that wait or run.
    std::size_t unfinished() const;

private:
    Back back_;
};

}  // namespace sb::ipc
