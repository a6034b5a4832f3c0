#include "ctl/commands/follow_errand.hpp"

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::ctl {

task<Result<rpc::ErrandInfo>> follow_errand(Session& session, Client& client, rpc::ErrandInfo errand, std::string name) {
    asio::steady_timer timer(co_await asio::this_coro::executor);
    ErrandView view(session.console, std::move(name));
    boost::system::error_code aborted;
    rpc::LookAtErrand::Params params;
    params.errand = errand.id;
    for (;;) {
        view.show(errand);
        if (errand.state != "running") co_return errand;
        timer.expires_after(session.patience.pause);
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, aborted));
        if (session.interrupted) co_return Error{Errc::cancelled, "interrupted"};
        Result<rpc::LookAtErrand::Reply> reply = co_await client.call<rpc::LookAtErrand>(params);
        if (!reply) co_return reply.error();
        errand = std::move(reply->errand);
    }
}

}  // namespace sb::ctl
