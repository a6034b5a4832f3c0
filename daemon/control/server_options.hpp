#pragma once
// The limits that keep one client from slowing down the others.

#include "common/rpc/framing.hpp"
#include "daemon/control/handler_table.hpp"

#include <chrono>
#include <cstddef>

namespace sb::control {

struct ServerOptions {
    std::size_t max_sessions = 64;
    /// With those whose client has gone and whose call has not ended.
    std::size_t max_calls = 256;
    std::size_t max_request_line = rpc::max_request_line;
    /// Once a batch's answers are longer, the rest of its calls are refused. It bounds the memory that a session can
    /// occupy.
    std::size_t max_batch_bytes = 4UL * 1024 * 1024;
    /// A client that reads nothing for this long is disconnected (a piece is up to 64 KiB).
    std::chrono::milliseconds write_patience{30'000};
    /// After too long a line, how long the client may continue to send before it has to read why it was refused.
    std::chrono::milliseconds farewell{1'000};
    /// How many jobs with unsent changes a slow subscriber may have before it is disconnected.
    std::size_t max_waiting_jobs = 4096;
    /// Why a peer may not call a method (see rights.hpp); empty = every peer may call all.
    HandlerTable::Permit permit{};
    /// Why a method is not answered yet; empty = every one is.
    HandlerTable::Ready ready{};
};

}  // namespace sb::control
