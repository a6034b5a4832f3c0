#include "daemon/control/handler_table.hpp"

#include "daemon/async/failure.hpp"

#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/this_coro.hpp>
#include <spdlog/spdlog.h>

#include <exception>

namespace sb::control {
namespace {

/// Parameters for the log: they hold names, never passwords. JSON escapes what could forge a line.
std::string short_text(json::View params) {
    constexpr std::size_t max_bytes = 200;
    auto text = params.dump();
    if (text.size() > max_bytes) text = text.substr(0, max_bytes) + "…";
    return text;
}

/// One line for each call that changes something; calls that only read are logged at debug level.
void log_call(rpc::Call const& call, bool changes, Caller const& caller, std::string_view outcome) {
    auto const level = changes ? spdlog::level::info : spdlog::level::debug;
    if (!spdlog::should_log(level)) return;
    spdlog::log(level, "control: {} called {} {}: {}", describe(caller.peer), call.method, short_text(call.params),
                outcome);
}

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

task<Answer> HandlerTable::call(rpc::Call call, Caller caller) const {
    auto const found = rows_.find(call.method);
    if (found == rows_.end()) {
        Answer answer{std::nullopt, no_such_method(call.method)};
        co_return answer;
    }
    auto const& row = found->second;
    auto const permitted = permit_ ? permit_(caller.peer, row.changes) : Result<void>();
    if (!permitted) {
        log_call(call, true, caller, "refused: not permitted");
        Answer answer{std::nullopt, rpc::fault_of(permitted.error())};
        co_return answer;
    }
    auto const ready = ready_ ? ready_(call.method) : Result<void>();
    if (!ready) {
        log_call(call, row.changes, caller, "refused: the daemon has not finished its start");
        Answer answer{std::nullopt, rpc::fault_of(ready.error())};
        co_return answer;
    }

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
        spdlog::error("control: {} {}: {}", call.method, short_text(call.params),
                      internal_error(exception_text(crash)).context);
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
