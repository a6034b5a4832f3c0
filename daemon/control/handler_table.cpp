#include "daemon/control/handler_table.hpp"

#include "common/text/one_line.hpp"
#include "daemon/async/failure.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <spdlog/spdlog.h>

#include <chrono>
#include <exception>

namespace sb::control {
namespace {

/// Parameters for the log: they hold names, never passwords.
std::string short_text(json::View params) {
    constexpr std::size_t max_bytes = 200;
    return one_line(params.dump(), max_bytes);
}

using Clock = std::chrono::steady_clock;

/// How many calls of one user get a line each minute: more changes than a person or a script makes, and enough of those
/// that only read, which are logged at debug level.
constexpr std::uint64_t logged_changes = 60, logged_reads = 600;

/// Counts a long call of its user as long as it lives.
class HeavyCall {
public:
    HeavyCall(CallLimits& limits, CallLimits::User user) : limits_(limits), user_(user) {}
    HeavyCall(HeavyCall const&) = delete;
    HeavyCall& operator=(HeavyCall const&) = delete;
    ~HeavyCall() { limits_.end_heavy(user_); }

private:
    CallLimits& limits_;
    CallLimits::User user_;
};

}  // namespace

rpc::Fault HandlerTable::no_such_method(std::string const& name) const {
    std::string known;
    for (auto const& [method, row] : rows_) known += (known.empty() ? "" : ", ") + method;
    return {rpc::method_not_found, "unknown method '" + name.substr(0, 100) + "'; this daemon knows " + known, {}};
}

std::vector<std::string_view> HandlerTable::methods_without_handler() const {
    std::vector<std::string_view> missing;
    for (auto const name : rpc::names_of(rpc::Methods()))
        if (!rows_.contains(name)) missing.push_back(name);
    return missing;
}

/// A line for each call, as far as one user has few; at debug level if it only reads.
void HandlerTable::log_call(rpc::Call const& call, bool changes, Caller const& caller, std::string_view outcome) {
    auto const level = changes ? spdlog::level::info : spdlog::level::debug;
    if (!spdlog::should_log(level)) return;
    auto const turn = peer_log_.turn(caller.peer, changes ? "calls" : "reading calls", Clock::now(),
                                     changes ? logged_changes : logged_reads);
    if (!turn.has_line) return;
    spdlog::log(level, "control: {} called {} {}: {}{}", describe(caller.peer), call.method, short_text(call.params),
                outcome, left_out_text(turn.left_out));
}

void HandlerTable::log_refusal(rpc::Call const& call, Caller const& caller, std::string_view why) {
    auto const turn = peer_log_.turn(caller.peer, "refused calls", Clock::now());
    if (!turn.has_line) return;
    spdlog::info("control: {} called {} {}: refused: {}{}", describe(caller.peer), call.method, short_text(call.params),
                 why, left_out_text(turn.left_out));
}

task<Answer> HandlerTable::call(rpc::Call call, Caller caller) {
    auto const found = rows_.find(call.method);
    if (found == rows_.end()) {
        Answer answer{std::nullopt, no_such_method(call.method)};
        co_return answer;
    }
    auto const& row = found->second;
    auto const permitted = permit_ ? permit_(caller.peer, row.changes) : Result<void>();
    if (!permitted) {
        log_refusal(call, caller, "not permitted");
        Answer answer{std::nullopt, rpc::fault_of(permitted.error())};
        co_return answer;
    }
    auto const ready = ready_ ? ready_(call.method) : Result<void>();
    if (!ready) {
        log_refusal(call, caller, "the daemon has not finished its start");
        Answer answer{std::nullopt, rpc::fault_of(ready.error())};
        co_return answer;
    }
    if (!row.heavy) co_return co_await run(row, std::move(call), std::move(caller));
    auto const user = caller.peer.uid;
    auto const begun = limits_.begin_heavy(user, caller.rank, Clock::now());
    if (!begun) {
        log_refusal(call, caller, begun.error().context);
        Answer answer{std::nullopt, rpc::fault_of(begun.error())};
        co_return answer;
    }
    HeavyCall const counted(limits_, user);
    co_return co_await run(row, std::move(call), std::move(caller));
}

task<Answer> HandlerTable::run(Row const& row, rpc::Call call, Caller caller) {
    std::exception_ptr crash;
    Result<Encoded> reply = Encoded();
    try {
        reply = co_await row.run(call.params, caller);
    } catch (...) {
        crash = std::current_exception();
    }
    if (crash) {
        auto const state = co_await asio::this_coro::cancellation_state;
        if (state.cancelled() != asio::cancellation_type::none) std::rethrow_exception(crash);
        auto const turn = peer_log_.turn(caller.peer, call.method + ", internal error", Clock::now());
        if (turn.has_line)
            spdlog::error("control: {} {}: {}{}", call.method, short_text(call.params),
                          internal_error(exception_text(crash)).context, left_out_text(turn.left_out));
        Answer answer{std::nullopt, rpc::fault_of(internal_error_in(call.method))};
        co_return answer;
    }
    log_call(call, row.changes, caller, reply ? reply->outcome : reply.error().context);
    Answer answer;
    if (reply) answer.result = std::move(reply->json);
    else answer.fault = rpc::fault_of(reply.error());
    co_return answer;
}

}  // namespace sb::control
