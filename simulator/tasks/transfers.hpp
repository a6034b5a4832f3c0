#pragma once
// Runs the transfers: child processes in the program, a fake in unit tests.

#include "simulator/transfer/worker_protocol.hpp"

#include <cstdint>
#include <functional>

namespace sb::sim {

class Transfers {
public:
    using OnMessage = std::function<void(WorkerMessage const&)>;

    virtual ~Transfers() = default;
    /// Starts a worker; `on_message` gets its messages, the last one Done or Failed, even when the worker dies.
    virtual std::uint64_t start(WorkerSpec spec, OnMessage on_message) = 0;
    /// Kills a worker; it sends no further messages. Unknown ids are ignored.
    virtual void kill(std::uint64_t id) = 0;
};

}  // namespace sb::sim
