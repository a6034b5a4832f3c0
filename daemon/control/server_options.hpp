#pragma once
// The limits that keep one client from slowing down the others.

#include "common/rpc/framing.hpp"
#include "daemon/control/accept_pace.hpp"
#include "daemon/control/handler_table.hpp"

#include <chrono>
#include <cstddef>

namespace sb::control {

struct ServerOptions {
    std::size_t max_sessions = 256;
    std::size_t max_sessions_of_reader = 16;  ///< of one user that may only read
    /// Of one user, with those whose client has gone and whose call has not ended.
    std::size_t max_calls = 512;
    std::size_t max_calls_of_reader = 64;
    AcceptPace::Terms pace_of_readers{};  ///< of connections at the readers' socket
    /// Clients that got a refusal and are given time to read it.
    std::size_t max_farewells = 64;
    std::size_t max_farewells_of_user = 8;
    std::size_t max_request_line = rpc::max_request_line;
    /// Once a batch's answers are longer, the rest of its calls are refused. It bounds the memory that a session can
    /// occupy.
    std::size_t max_batch_bytes = 4UL * 1024 * 1024;
    /// A client that reads nothing for this long is disconnected (a piece is up to 64 KiB).
    std::chrono::milliseconds write_patience{30'000};
    /// After too long a line, and after a refused connection, how long the client may continue to send before it has to
    /// read why it was refused.
    std::chrono::milliseconds farewell{1'000};
    /// How often a call in progress looks whether its client has left.
    std::chrono::milliseconds departure_check{100};
    /// How many jobs with unsent changes a slow subscriber may have before it is disconnected.
    std::size_t max_waiting_jobs = 4096;
    /// After a want of memory ended what accepts clients, how long until it is started again.
    std::chrono::milliseconds restart{200};
    /// Why a peer may not call a method (see rights.hpp); empty = every peer may call all.
    Permit permit{};
    /// Why a method is not answered yet; empty = every one is.
    Ready ready{};
};

}  // namespace sb::control
