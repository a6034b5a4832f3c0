#include "daemon/api/health_checks.hpp"

#include "daemon/api/to_rpc.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <utility>

namespace sb::api {

namespace {

using namespace std::chrono_literals;

/// How long findings serve users who may only read. Each check logs in at the cluster, and many refused logins lock the
/// account.
Milliseconds good_for(doctor::Findings const& findings) {
    bool const is_login_refused = std::ranges::any_of(findings, [](doctor::Finding const& finding) {
        return finding.verdict == doctor::Verdict::bad && finding.code == Errc::credentials_refused;
    });
    return is_login_refused ? Milliseconds(10min) : Milliseconds(10s);
}

}  // namespace

bool HealthChecks::is_recent() const { return last_ && time_.steady_now() < last_until_; }

void HealthChecks::forget() {
    last_.reset();
    ++configuration_;
}

task<Result<HealthChecks::Reply>> HealthChecks::answer(control::Caller caller) {
    bool const recent_is_enough = caller.rank < control::Rank::admin;
    // Asked again when its turn comes: the check before may have been for a client that has left.
    auto work = [this, recent_is_enough](StopFlag) { return check(recent_is_enough); };
    auto key = std::to_string(configuration_) + (recent_is_enough ? " recent" : " now");
    co_return co_await long_calls_.checks.run(std::move(key), caller.departure, std::move(work), goes_first(caller));
}

task<Result<HealthChecks::Reply>> HealthChecks::check(bool recent_is_enough) {
    if (recent_is_enough && is_recent()) co_return last_;
    auto const configuration = configuration_;
    auto const findings = co_await check_();
    if (!findings) co_return findings.error();
    auto reply = std::make_shared<rpc::CheckHealth::Reply const>(to_rpc(*findings));
    if (configuration == configuration_) {
        last_ = reply;
        last_until_ = time_.steady_now() + good_for(*findings);
    }
    co_return reply;
}

void register_check_handler(control::Server& server, HealthChecks& checks) {
    server.on_shared<rpc::CheckHealth>(
        [&checks](rpc::CheckHealth::Params, control::Caller caller) { return checks.answer(std::move(caller)); });
}

}  // namespace sb::api
