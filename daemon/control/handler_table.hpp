#pragma once
// Which function answers which method. The only place where a typed handler meets JSON; it knows no sessions.

#include "common/ipc/listen.hpp"
#include "common/rpc/codec.hpp"
#include "common/rpc/message.hpp"
#include "common/rpc/methods.hpp"
#include "daemon/async/departure.hpp"
#include "daemon/async/pool.hpp"
#include "daemon/control/call_limits.hpp"
#include "daemon/control/peer_log.hpp"
#include "daemon/control/rank.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sb::control {

/// Who calls, as the system reports.
struct Caller {
    ipc::Peer peer;
    /// The open file that came with the request, if one did. It may be anything: check it.
    std::function<std::shared_ptr<ipc::OpenFile>()> take_file = [] { return std::shared_ptr<ipc::OpenFile>(); };
    /// Whether it wants an answer and no longer waits for it: an order that cannot be accepted before is not executed.
    std::function<bool()> is_gone = [] { return false; };
    Rank rank = Rank::admin;
    /// Happens when the client has left: work that only it waits for can be stopped.
    std::shared_ptr<Departure> departure = std::make_shared<Departure>();
};

/// Answers one method. What it throws is a bug: it is logged, and the caller gets "internal error".
template <class Method>
using Handler = std::function<task<Result<typename Method::Reply>>(typename Method::Params, Caller)>;

/// A reply that is the same for all who asked for it at about the same time.
template <class Method>
using SharedReply = std::shared_ptr<typename Method::Reply const>;
template <class Method>
using SharedHandler = std::function<task<Result<SharedReply<Method>>>(typename Method::Params, Caller)>;

/// The outcome of one call: a result as JSON text, or a fault.
struct Answer {
    std::optional<std::string> result;
    rpc::Fault fault;
};

/// Why a method is not answered yet; empty = every one is.
using Ready = std::function<Result<void>(std::string_view method)>;

class HandlerTable {
public:
    explicit HandlerTable(Permit permit, Ready ready = {}) : permit_(std::move(permit)), ready_(std::move(ready)) {}
    HandlerTable(HandlerTable const&) = delete;
    HandlerTable& operator=(HandlerTable const&) = delete;

    template <class Method>
    void on(Handler<Method> handler) {
        add<Method>(std::move(handler));
    }
    template <class Method>
    void on_shared(SharedHandler<Method> handler) {
        add<Method>(std::move(handler));
    }

    /// Methods of the protocol that are not answered; a daemon has none.
    std::vector<std::string_view> methods_without_handler() const;

    /// Failures are in the answer; it throws only when it is cancelled.
    task<Answer> call(rpc::Call call, Caller caller);

    CallLimits& limits() { return limits_; }
    PeerLog& peer_log() { return peer_log_; }

private:
    struct Encoded {
        std::string json;
        std::string outcome = "done";  ///< for the log
    };
    using Run = std::function<task<Result<Encoded>>(json::View, Caller)>;
    struct Row {
        bool changes = false;
        bool heavy = false;
        Run run;
    };

    template <class Reply>
    static Reply const& reply_of(Reply const& reply) {
        return reply;
    }
    template <class Reply>
    static Reply const& reply_of(std::shared_ptr<Reply const> const& reply) {
        return *reply;
    }

    template <class Method, class AnyHandler>
    void add(AnyHandler handler) {
        auto shared = std::make_shared<AnyHandler const>(std::move(handler));
        auto run = [this, shared](json::View params, Caller caller) {
            return invoke<Method, AnyHandler>(shared, params, std::move(caller), writers_);
        };
        Row row{Method::changes, rpc::is_heavy<Method>(), std::move(run)};
        rows_.insert_or_assign(std::string(Method::name), std::move(row));
    }

    template <class Method, class AnyHandler>
    static task<Result<Encoded>> invoke(std::shared_ptr<AnyHandler const> handler, json::View params, Caller caller,
                                        BlockingPool& writers) {
        auto decoded = rpc::decode<typename Method::Params>(params);
        if (!decoded) co_return decoded.error();
        auto reply = co_await (*handler)(std::move(*decoded), std::move(caller));
        if (!reply) co_return reply.error();
        Encoded encoded;
        // A reply can say that nothing was done.
        if constexpr (requires { reply->outcome(); }) encoded.outcome = reply->outcome();
        if constexpr (rpc::is_heavy<Method>()) {
            auto write = [reply = std::move(*reply)] { return rpc::encode(reply_of(reply)); };
            encoded.json = co_await writers.run(std::move(write));
        } else {
            encoded.json = rpc::encode(reply_of(*reply));
        }
        co_return encoded;
    }

    rpc::Fault no_such_method(std::string const& name) const;
    task<Answer> run(Row const& row, rpc::Call call, Caller caller);
    void log_call(rpc::Call const& call, bool changes, Caller const& caller, std::string_view outcome);
    void log_refusal(rpc::Call const& call, Caller const& caller, std::string_view why);

    Permit permit_;
    Ready ready_;
    CallLimits limits_;
    PeerLog peer_log_;
    BlockingPool writers_{2};  ///< write long answers
    std::map<std::string, Row, std::less<>> rows_;
};

}  // namespace sb::control
