#pragma once
// A server, a transport and an event loop that must run out of work: a leak keeps it running and fails the test.

#include "tests/support/sanitized.hpp"
#include "tls_server.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

namespace sb::net::test {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

inline std::ptrdiff_t open_files() {
    return std::distance(std::filesystem::directory_iterator("/dev/fd"), std::filesystem::directory_iterator());
}

inline HttpRequest request_of(Method method, std::string body = "") {
    HttpRequest request;
    request.method = method;
    request.target = "/rest/v1/VirDomain";
    request.authorization = Secret("Basic c2VjcmV0");
    request.body = Secret(std::move(body));
    request.limit = milliseconds{sb::test::sanitized ? 60'000 : 10'000};
    return request;
}

class NetTest : public ::testing::Test {
protected:
    NetTest() {
        // With the first socket the event loop opens its own files, which must not count as leaks.
        asio::ip::tcp::acceptor const first(io, asio::ip::tcp::endpoint(asio::ip::tcp::v4(), 0));
    }

    void start(ServerOptions options = ServerOptions()) {
        server = std::make_unique<TlsServer>(io, std::move(options));
    }

    void connect_with(std::vector<config::Fingerprint> pins) {
        transport = make_https_transport(io.get_executor(), server->endpoint(), std::move(pins), limits);
    }
    void start_and_connect(ServerOptions options = ServerOptions()) {
        start(std::move(options));
        connect_with({server->pin()});
    }

    /// Runs the test's coroutine, then stops everything; after that the loop must run out of work.
    void run(std::function<task<void>()> test) {
        bool ended = false;
        auto whole = whole_test(std::move(test), ended);
        asio::co_spawn(io, std::move(whole), [](std::exception_ptr crash) {
            if (crash) std::rethrow_exception(crash);
        });
        io.run_for(std::chrono::seconds{30});
        EXPECT_TRUE(ended) << "the test's coroutine did not end";
        EXPECT_TRUE(io.stopped()) << "something is left on the event loop";
    }

    task<void> whole_test(std::function<task<void>()> test, bool& ended) {
        co_await test();
        if (transport) transport->close();
        if (server) co_await server->stop();
        ended = true;
    }

    task<ExchangeResult> get() { return transport->exchange(request_of(Method::get)); }
    task<ExchangeResult> post() { return transport->exchange(request_of(Method::post, "{}")); }

    /// Work that runs concurrently with the test: `stop` cancels it, `result` receives its result.
    struct Started {
        explicit Started(asio::any_io_executor executor) : done(executor) {}
        asio::cancellation_signal stop;
        std::optional<ExchangeResult> result;
        bool threw = false;
        Event done;
    };
    std::shared_ptr<Started> begin(task<ExchangeResult> work) {
        auto started = std::make_shared<Started>(io.get_executor());
        auto on_done = [started](std::exception_ptr crash, ExchangeResult r) {
            started->threw = crash != nullptr;
            if (!crash) started->result.emplace(std::move(r));
            started->done.set();
        };
        asio::co_spawn(io, std::move(work), asio::bind_cancellation_slot(started->stop.slot(), std::move(on_done)));
        return started;
    }

    asio::io_context io;
    ConnectionLimits limits;
    std::unique_ptr<TlsServer> server;
    std::unique_ptr<Transport> transport;
};

}  // namespace sb::net::test
