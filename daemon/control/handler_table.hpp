#pragma once
// Which function answers which method. The only place where a typed handler meets JSON; it knows no sessions.

#include "common/ipc/listen.hpp"
#include "common/rpc/codec.hpp"
#include "common/rpc/message.hpp"

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
};

/// Answers one method. What it throws is a bug: it is logged, and the caller gets "internal error".
template <class Method>
using Handler = std::function<task<Result<typename Method::Reply>>(typename Method::Params, Caller)>;

/// The outcome of one call: a result as JSON text, or a fault.
struct Answer {
    std::optional<std::string> result;
    rpc::Fault fault;
};

class HandlerTable {
public:
    /// Why this peer may not call a method (that changes something, or only reads); empty = every peer may.
    using Permit = std::function<Result<void>(ipc::Peer const&, bool changes)>;

    /// Why a method is not answered yet; empty = every one is.
    using Ready = std::function<Result<void>(std::string_view method)>;

    explicit HandlerTable(Permit permit, Ready ready = {}) : permit_(std::move(permit)), ready_(std::move(ready)) {}

    template <class Method>
    void on(Handler<Method> handler) {
        auto shared = std::make_shared<Handler<Method> const>(std::move(handler));
        auto run = [shared](json::View params, Caller caller) {
            return invoke<Method>(shared, params, std::move(caller));
        };
        rows_.insert_or_assign(std::string(Method::name), Row{Method::changes, std::move(run)});
    }

    /// Methods of the protocol that are not answered; a daemon has none.
    std::vector<std::string_view> methods_without_handler() const;

    /// Failures are in the answer; it throws only when it is cancelled.
    task<Answer> call(rpc::Call call, Caller caller) const;

private:
    struct Encoded {
        std::string json;
        std::string outcome = "done";  ///< for the log
    };
    using Run = std::function<task<Result<Encoded>>(json::View, Caller)>;
    struct Row {
        bool changes = false;
        Run run;
    };

    template <class Method>
    static task<Result<Encoded>> invoke(std::shared_ptr<Handler<Method> const> handler, json::View params,
                                        Caller caller) {
        auto decoded = rpc::decode<typename Method::Params>(params);
        if (!decoded) co_return decoded.error();
        auto reply = co_await (*handler)(std::move(*decoded), std::move(caller));
        if (!reply) co_return reply.error();
        Encoded encoded;
        encoded.json = rpc::encode(*reply);
        // A reply can say that nothing was done.
        if constexpr (requires { reply->outcome(); }) encoded.outcome = reply->outcome();
        co_return encoded;
    }

    rpc::Fault no_such_method(std::string const& name) const;

    Permit permit_;
    Ready ready_;
    std::map<std::string, Row, std::less<>> rows_;
};

}  // namespace sb::control
