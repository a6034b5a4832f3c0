#pragma once
// Who really moves the disks: a child process in the program, a fake in unit tests.

#include "simulator/transfer/worker_protocol.hpp"

#include <cstdint>
#include <functional>

namespace sb::sim {

class Transfers {
public:
    using OnMessage = std::function<void(WorkerMessage const&)>;

    virtual ~Transfers() = default;
    /// Starts a worker; `on_message` gets its words, the last one Done or Failed, also when the worker dies.
    virtual std::uint64_t start(WorkerSpec spec, OnMessage on_message) = 0;
    /// Kills a worker; it says nothing any more. Unknown ids are ignored.
    virtual void kill(std::uint64_t id) = 0;
};

}  // namespace sb::sim
