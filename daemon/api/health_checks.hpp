#pragma once
// Answers daemon.check. A check connects to the cluster and to the mail server and writes into LocalPath, so a client
// that asks again and again would do harm: one runs at a time for all who ask, and a user who may only read gets the
// findings of the last check while they are recent.

#include "daemon/api/long_calls.hpp"
#include "daemon/control/server.hpp"
#include "daemon/doctor/finding.hpp"
#include "daemon/ports/time.hpp"

#include <cstdint>
#include <functional>

namespace sb::api {

class HealthChecks {
public:
    using Reply = control::SharedReply<rpc::CheckHealth>;

    /// `check`: checks everything now.
    HealthChecks(LongCalls& long_calls, ports::Time& time, std::function<task<Result<doctor::Findings>>()> check)
        : long_calls_(long_calls), time_(time), check_(std::move(check)) {}
    HealthChecks(HealthChecks const&) = delete;
    HealthChecks& operator=(HealthChecks const&) = delete;

    task<Result<Reply>> answer(control::Caller caller);
    /// The configuration has changed: later calls get findings of later checks.
    void forget();

private:
    task<Result<Reply>> check(bool recent_is_enough);
    bool is_recent() const;

    LongCalls& long_calls_;
    ports::Time& time_;
    std::function<task<Result<doctor::Findings>>()> check_;
    Reply last_;  ///< null = none
    SteadyTime last_until_{};
    std::uint64_t configuration_ = 0;  ///< counts them
};

/// The object must outlive the server.
void register_check_handler(control::Server& server, HealthChecks& checks);

}  // namespace sb::api
