#include "net_fixture.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <sys/socket.h>

namespace sb::net::test {
namespace {

using Exchange = NetTest;

task<Answer> answer_with(Answer answer) { co_return answer; }

TEST_F(Exchange, CarriesStatusTypeAndBody) {
    start_and_connect();
    server->on_request = [](SeenRequest) {
        return answer_with(
            Answer{"HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nno", false});
    };
    auto const test = [&]() -> task<void> {
        auto result = co_await post();
        EXPECT_TRUE(result.has_value());
        EXPECT_EQ(result->status, 400u);
        EXPECT_EQ(result->content_type, "text/plain");
        EXPECT_EQ(result->body, "no");
    };
    run(test);
    EXPECT_EQ(server->requests.at(0).body, "{}");
}

TEST_F(Exchange, CarriesADateOnlyIfThereIsOne) {
    start_and_connect();
    std::string const date = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
    std::vector<std::string> headers{date, "", date + "Date: Mon, 07 Nov 1994 08:49:37 GMT\r\n", date + date};
    server->on_request = [&](SeenRequest) { return answer_with(ok("[]", headers.at(server->requests.size() - 1))); };
    std::vector<std::string> dates;
    auto const test = [&]() -> task<void> {
        for (std::size_t i = 0; i < headers.size(); ++i) {
            auto result = co_await get();
            EXPECT_TRUE(result.has_value());
            dates.push_back(result->date);
        }
    };
    run(test);
    EXPECT_THAT(dates, testing::ElementsAre("Sun, 06 Nov 1994 08:49:37 GMT", "", "", ""));
}

TEST_F(Exchange, ReadsEveryFramingOfABody) {
    start_and_connect();
    int turn = 0;
    server->on_request = [&turn](SeenRequest) {
        ++turn;
        if (turn == 1)
            return answer_with(
                Answer{"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n", false});
        if (turn == 2)
            return answer_with(
                Answer{"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd", false});
        if (turn == 3) return answer_with(ok("abcd", "Connection: close\r\n"));
        return answer_with(Answer{"HTTP/1.1 200 OK\r\n\r\nabcd", true});
    };
    auto const test = [&]() -> task<void> {
        for (int i = 0; i < 4; ++i) {
            auto result = co_await get();
            EXPECT_TRUE(result.has_value()) << result.error().error.context;
            EXPECT_EQ(result->body, "abcd");
        }
    };
    run(test);
    EXPECT_EQ(server->accepted, 2) << "'Connection: close' is honoured, the rest is kept alive";
}

/// A part of a reply that Beast does not limit.
struct EndlessPart : NetTest, testing::WithParamInterface<char const*> {};

TEST_P(EndlessPart, OfAReplyIsRefusedBeforeItFillsTheMemory) {
    start_and_connect();
    auto const reply = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(GetParam()) +
                       std::string(std::size_t{1} << 20, 'a');
    server->on_request = [&reply](SeenRequest) { return answer_with(Answer{reply, true}); };
    auto const test = [&]() -> task<void> {
        auto result = co_await get();
        EXPECT_FALSE(result.has_value());
        if (!result) {
            EXPECT_EQ(result.error().error.code, Errc::malformed) << result.error().error.context;
        }
    };
    run(test);
}

INSTANTIATE_TEST_SUITE_P(Chunked, EndlessPart, testing::Values("1;", "2\r\n[]\r\n0\r\nX-A: "));

TEST_F(Exchange, RefusesAReplyThatIsTooLarge) {
    start_and_connect();
    server->on_request = [](SeenRequest) { return answer_with(ok(std::string(5000, 'x'))); };
    auto const test = [&]() -> task<void> {
        auto request = request_of(Method::get);
        request.max_body = 4999;
        auto result = co_await transport->exchange(std::move(request));
        EXPECT_EQ(result.error().error.code, Errc::malformed);
        EXPECT_THAT(result.error().error.context, HasSubstr("larger than 4999"));
        request = request_of(Method::get);
        request.max_body = 5000;
        auto fits = co_await transport->exchange(std::move(request));
        EXPECT_TRUE(fits.has_value());
    };
    run(test);
}

TEST_F(Exchange, AReplyThatIsNotHttpIsMalformed) {
    start_and_connect();
    server->on_request = [](SeenRequest) { return answer_with(Answer{"220 mail.example.org ESMTP\r\n", false}); };
    auto const test = [&]() -> task<void> {
        auto result = co_await post();
        EXPECT_EQ(result.error().error.code, Errc::malformed) << result.error().error.context;
        EXPECT_EQ(result.error().sent, Sent::maybe);
    };
    run(test);
}

TEST_F(Exchange, APeerWithoutTlsIsUnreachable) {
    ServerOptions options;
    options.greeting = "HTTP/1.1 400 plain HTTP sent to HTTPS port\r\n\r\n";
    start_and_connect(std::move(options));
    auto const test = [&]() -> task<void> {
        auto result = co_await post();
        EXPECT_EQ(result.error().error.code, Errc::unreachable);
        EXPECT_EQ(result.error().sent, Sent::no);
        EXPECT_THAT(result.error().error.context, HasSubstr("no TLS connection"));
    };
    run(test);
}

TEST_F(Exchange, AClosedPortIsUnreachable) {
    start_and_connect();
    auto const test = [&]() -> task<void> {
        co_await server->stop();
        auto result = co_await post();
        EXPECT_EQ(result.error().error.code, Errc::unreachable);
        EXPECT_EQ(result.error().sent, Sent::no);
        EXPECT_THAT(result.error().error.context, HasSubstr("refused"));
    };
    run(test);
}

TEST_F(Exchange, ANameWithoutAnAddressIsUnreachable) {
    transport = make_https_transport(io.get_executor(), Endpoint{"no-such-host.invalid", 443},
                                     std::vector<config::Fingerprint>(1), limits);
    auto const test = [&]() -> task<void> {
        auto result = co_await post();
        EXPECT_TRUE(result.error().error.code == Errc::unreachable || result.error().error.code == Errc::timed_out);
        EXPECT_EQ(result.error().sent, Sent::no);
        EXPECT_THAT(result.error().error.context, HasSubstr("'no-such-host.invalid'"));
    };
    run(test);
}

TEST_F(Exchange, ANameIsLookedUpAndIndicated) {
    start();
    transport = make_https_transport(io.get_executor(), Endpoint{"localhost", server->endpoint().port},
                                     std::vector{server->pin()}, limits);
    auto const test = [&]() -> task<void> {
        auto result = co_await get();
        EXPECT_TRUE(result.has_value()) << result.error().error.context;
    };
    run(test);
    EXPECT_THAT(server->requests.at(0).head, HasSubstr("Host: localhost:"));
}

TEST_F(Exchange, ADropAfterTheRequestMeansMaybeSent) {
    start_and_connect();
    server->on_request = [](SeenRequest) { return answer_with(Answer{"", true}); };
    auto const test = [&]() -> task<void> {
        auto result = co_await post();
        EXPECT_EQ(result.error().error.code, Errc::unreachable);
        EXPECT_EQ(result.error().sent, Sent::maybe);
    };
    run(test);
    EXPECT_EQ(server->requests.size(), 1u);
}

TEST_F(Exchange, ADropWithinTheReplyIsNotAReply) {
    start_and_connect();
    server->on_request = [](SeenRequest) {
        return answer_with(Answer{"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n[{", true});
    };
    auto const test = [&]() -> task<void> {
        auto result = co_await get();
        EXPECT_FALSE(result.has_value());
        EXPECT_EQ(result.error().error.code, Errc::unreachable) << result.error().error.context;
    };
    run(test);
    EXPECT_EQ(server->requests.size(), 1u);
}

// ---- deadlines ------------------------------------------------------------------------------------

/// A listener whose queue is full silently drops further connection attempts.
struct DeafListener {
    explicit DeafListener(asio::io_context& io)
        : listener(io, asio::ip::tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0), false) {
        listener.listen(0);
        for (int i = 0; i < 8; ++i) {
            auto& socket = queue.emplace_back(io, asio::ip::tcp::v4());
            socket.native_non_blocking(true);
            auto const to = listener.local_endpoint();
            (void)::connect(socket.native_handle(), to.data(), static_cast<socklen_t>(to.size()));
        }
    }
    Endpoint endpoint() const { return Endpoint{"127.0.0.1", listener.local_endpoint().port()}; }

    asio::ip::tcp::acceptor listener;
    std::vector<asio::ip::tcp::socket> queue;
};

TEST_F(Exchange, ADeadlineHoldsWhileConnecting) {
    DeafListener deaf(io);
    limits.connect = milliseconds{30};
    transport = make_https_transport(io.get_executor(), deaf.endpoint(), std::vector<config::Fingerprint>(1), limits);
    auto const test = [&]() -> task<void> {
        auto result = co_await post();
        EXPECT_EQ(result.error().error.code, Errc::timed_out) << result.error().error.context;
        EXPECT_EQ(result.error().sent, Sent::no);
        EXPECT_THAT(result.error().error.context, HasSubstr("no connection to"));
    };
    run(test);
}

TEST_F(Exchange, ADeadlineHoldsInTheHandshake) {
    limits.handshake = milliseconds{30};
    ServerOptions options;
    options.silent = true;
    start_and_connect(std::move(options));
    auto const test = [&]() -> task<void> {
        auto result = co_await post();
        EXPECT_EQ(result.error().error.code, Errc::timed_out);
        EXPECT_EQ(result.error().sent, Sent::no);
        EXPECT_THAT(result.error().error.context, HasSubstr("no TLS connection to"));
    };
    run(test);
}

TEST_F(Exchange, ADeadlineHoldsWhileWaitingForTheReply) {
    start_and_connect();
    Event never(io.get_executor());
    server->on_request = [&never](SeenRequest) -> task<Answer> {
        co_await never.wait();
        co_return ok();
    };
    auto const test = [&]() -> task<void> {
        auto request = request_of(Method::post);
        request.limit = milliseconds{50};
        auto result = co_await transport->exchange(std::move(request));
        EXPECT_EQ(result.error().error.code, Errc::timed_out);
        EXPECT_EQ(result.error().sent, Sent::maybe);
        EXPECT_EQ(transport->counters().open, 0u);
        never.set();
    };
    run(test);
}

// ---- cancellation, as TaskGroup does it --------------------------------------------------------------

TEST_F(Exchange, CanBeCancelledWhileConnecting) {
    DeafListener deaf(io);
    auto const files = open_files();
    transport = make_https_transport(io.get_executor(), deaf.endpoint(), std::vector<config::Fingerprint>(1), limits);
    auto const test = [&]() -> task<void> {
        auto started = begin(post());
        Event soon(io.get_executor());  // set after the attempt has started, which was posted earlier
        asio::post(io, [&soon] { soon.set(); });
        co_await soon.wait();
        started->stop.emit(asio::cancellation_type::terminal);
        co_await started->done.wait();
        EXPECT_FALSE(started->threw);
        EXPECT_EQ(started->result->error().error.code, Errc::cancelled);
        EXPECT_EQ(started->result->error().sent, Sent::no);
    };
    run(test);
    EXPECT_EQ(open_files(), files);
}

TEST_F(Exchange, CanBeCancelledInTheHandshake) {
    auto const files = open_files();
    ServerOptions options;
    options.silent = true;
    start_and_connect(std::move(options));
    auto const test = [&]() -> task<void> {
        auto started = begin(post());
        co_await server->first_accepted.wait();
        started->stop.emit(asio::cancellation_type::terminal);
        co_await started->done.wait();
        EXPECT_FALSE(started->threw);
        EXPECT_EQ(started->result->error().error.code, Errc::cancelled);
        EXPECT_EQ(started->result->error().sent, Sent::no);
        EXPECT_EQ(transport->counters().open, 0u);
    };
    run(test);
    server.reset();
    EXPECT_EQ(open_files(), files);
}

TEST_F(Exchange, CanBeCancelledWhileWaitingForTheReply) {
    auto const files = open_files();
    start_and_connect();
    Event never(io.get_executor());
    server->on_request = [&never](SeenRequest) -> task<Answer> {
        co_await never.wait();
        co_return ok();
    };
    auto const test = [&]() -> task<void> {
        auto started = begin(post());
        co_await server->first_request.wait();
        started->stop.emit(asio::cancellation_type::terminal);
        co_await started->done.wait();
        EXPECT_EQ(started->result->error().error.code, Errc::cancelled);
        EXPECT_EQ(started->result->error().sent, Sent::maybe);
        EXPECT_EQ(transport->counters().open, 0u);
        never.set();
    };
    run(test);
    server.reset();
    EXPECT_EQ(open_files(), files);
}

TEST_F(Exchange, CanBeCancelledWhileWaitingForAConnection) {
    limits.normal_connections = 1;
    limits.max_connections = 1;
    start_and_connect();
    Event answer_now(io.get_executor());
    server->on_request = [&answer_now](SeenRequest) -> task<Answer> {
        co_await answer_now.wait();
        co_return ok();
    };
    auto const test = [&]() -> task<void> {
        auto busy = begin(post());
        co_await server->first_request.wait();
        auto waiting = begin(get());
        waiting->stop.emit(asio::cancellation_type::terminal);
        co_await waiting->done.wait();
        EXPECT_EQ(waiting->result->error().error.code, Errc::cancelled);
        EXPECT_EQ(waiting->result->error().sent, Sent::no);
        answer_now.set();
        co_await busy->done.wait();
        EXPECT_TRUE(busy->result->has_value());
        auto next = co_await get();
        EXPECT_TRUE(next.has_value()) << "the place in the queue was given up";
    };
    run(test);
}

}  // namespace
}  // namespace sb::net::test
