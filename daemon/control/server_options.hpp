#pragma once
// The limits that keep one client from being a burden to the others.

#include "common/rpc/framing.hpp"
#include "daemon/control/handler_table.hpp"

#include <chrono>
#include <cstddef>

namespace sb::control {

struct ServerOptions {
    std::size_t max_sessions = 64;
    std::size_t max_request_line = rpc::max_request_line;
    /// Once a batch's answers are longer, no more of its calls that want one are made. It bounds what a session can
    /// make us hold.
    std::size_t max_batch_bytes = 4UL * 1024 * 1024;
    /// A client that takes none of a piece (up to 64 KiB) for so long is disconnected.
    std::chrono::milliseconds write_patience{30'000};
    /// How long a client that sent too long a line may go on sending while it should read why it was refused.
    std::chrono::milliseconds farewell{1'000};
    /// Of how many jobs a slow subscriber may have unsent changes before it is disconnected.
    std::size_t max_waiting_jobs = 4096;
    /// Why a peer may not call a method (see rights.hpp); empty = whoever can connect may call all.
    HandlerTable::Permit permit{};
};

}  // namespace sb::control
