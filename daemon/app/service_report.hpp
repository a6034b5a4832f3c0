#pragma once
// Keeps the service manager informed: a status line whenever it changes, and the watchdog.

#include "common/rpc/methods.hpp"
#include "daemon/async/task.hpp"
#include "daemon/core/civil.hpp"
#include "daemon/platform/service_manager.hpp"
#include "daemon/ports/time.hpp"

#include <functional>
#include <string>

namespace sb::app {

/// "2 exporting, 5 waiting; window open until 06:00", "idle; next window 17:00", "paused": for `systemctl status`.
std::string service_status(rpc::Status::Reply const& status, core::Zone const& zone);

class ServiceReport {
public:
    using AskStatus = std::function<task<Result<rpc::Status::Reply>>()>;

    ServiceReport(platform::ServiceManager manager, ports::Time& time, core::Zone const& zone, AskStatus ask)
        : manager_(std::move(manager)), time_(time), zone_(zone), ask_(std::move(ask)) {}

    /// The daemon accepts clients.
    task<void> ready();
    /// Reports changes of the status, and that the event loop runs (the watchdog). Ends when cancelled.
    task<void> keep_reporting();
    void reloading() const { manager_.reloading(); }
    task<void> reloaded() { return ready(); }
    void stopping() const { manager_.stopping("stopping; running exports continue at the cluster"); }

private:
    task<std::string> line() const;

    platform::ServiceManager manager_;
    ports::Time& time_;
    core::Zone const& zone_;
    AskStatus ask_;
    std::string last_line_;
};

}  // namespace sb::app
