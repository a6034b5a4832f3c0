#include "ctl/commands/follow_operation.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::ctl {

task<Result<rpc::OperationInfo>> follow_operation(Session& session, Client& client, rpc::OperationInfo operation,
                                                  std::string name) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    OperationView view(session.console, std::move(name));
    boost::system::error_code aborted;
    rpc::GetOperation::Params params;
    params.operation = operation.id;
    for (;;) {
        view.show(operation);
        if (operation.state != "running") co_return operation;
        timer.expires_after(session.retry.pause);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, aborted));
        if (session.interrupted) co_return Error{Errc::cancelled, "interrupted"};
        Result<rpc::GetOperation::Reply> reply = co_await client.call<rpc::GetOperation>(params);
        if (!reply) co_return reply.error();
        operation = std::move(reply->operation);
    }
}

}  // namespace sb::ctl
