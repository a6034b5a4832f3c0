#include "daemon/net/look_up.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace sb::net {

Result<void> look_up(std::string const& name) {
    boost::asio::io_context unused;  // the resolver needs one; nothing runs on it
    boost::asio::ip::tcp::resolver resolver(unused);
    boost::system::error_code failed;
    auto const found = resolver.resolve(name, "", failed);
    if (failed) return Error{Errc::unreachable, "cannot resolve '" + name + "': " + failed.message()};
    if (found.empty()) return Error{Errc::unreachable, "'" + name + "' has no address"};
    return {};
}

}  // namespace sb::net
