#include "daemon/net/look_up.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace sb::net {

task<Result<void>> look_up(asio::any_io_executor executor, std::string name) {
    asio::ip::tcp::resolver resolver(executor);
    boost::system::error_code failed;
    auto const found = co_await resolver.async_resolve(name, "", asio::redirect_error(asio::use_awaitable, failed));
    if (failed) co_return Error{Errc::unreachable, "the address of '" + name + "' could not be found: " + failed.message()};
    if (found.empty()) co_return Error{Errc::unreachable, "'" + name + "' has no address"};
    co_return Result<void>();
}

}  // namespace sb::net
