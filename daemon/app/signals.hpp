#pragma once
// Requests from the system while the daemon runs. One file per system.

#include "daemon/async/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <memory>

namespace sb::app {

enum class Request { stop, reload };

class Signals {
public:
    virtual ~Signals() = default;
    /// Returns at the next request; throws operation_aborted after close().
    virtual task<Request> next() = 0;
    virtual void close() = 0;
    /// As if the system had asked to stop.
    virtual void request_stop() = 0;
};

/// A request to reload that comes before listen_to_signals() is kept until then, instead of ending the process.
void hold_reloads();

/// POSIX: SIGTERM and SIGINT ask to stop, SIGHUP to reload. SIGPIPE is ignored from now on.
std::unique_ptr<Signals> listen_to_signals(asio::any_io_executor executor);

}  // namespace sb::app
