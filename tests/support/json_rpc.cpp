#include "tests/support/json_rpc.hpp"

#include <cstring>
#include <stdexcept>

#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

namespace sb::test {
namespace {

class Connection {
public:
    explicit Connection(std::filesystem::path const& path) : socket_(::socket(AF_UNIX, SOCK_STREAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::strncpy(address.sun_path, path.c_str(), sizeof address.sun_path - 1);
        timeval const limit{60, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        if (::connect(socket_, reinterpret_cast<sockaddr const*>(&address), sizeof address) != 0)
            throw std::runtime_error("nothing listens on " + path.string());
    }
    Connection(Connection const&) = delete;
    Connection& operator=(Connection const&) = delete;
    ~Connection() { ::close(socket_); }

    void send(std::string const& line) const {
        if (::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
            throw std::runtime_error("the control endpoint does not accept " + line);
    }

    std::string line() const {
        std::string text;
        char piece[4096];
        while (text.empty() || text.back() != '\n') {
            auto const got = ::recv(socket_, piece, sizeof piece, 0);
            if (got <= 0) throw std::runtime_error("no response from the control endpoint");
            text.append(piece, static_cast<std::size_t>(got));
        }
        return text;
    }

private:
    int socket_;
};

}  // namespace

json::Document json_rpc(std::filesystem::path const& socket, std::string const& method, std::string const& params) {
    Connection const connection(socket);
    connection.send(R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}\n");
    auto document = json::Document::parse(connection.line());
    if (!document) throw std::runtime_error(method + ": not JSON: " + document.error().context);
    return std::move(*document);
}

}  // namespace sb::test
