#include "net_fixture.hpp"

namespace sb::net::test {
namespace {

using Pool = NetTest;

TEST_F(Pool, OneConnectionServesRequestAfterRequest) {
    start_and_connect();
    auto const test = [&]() -> task<void> {
        for (int i = 0; i < 20; ++i) {
            auto result = co_await get();
            EXPECT_TRUE(result.has_value());
        }
        EXPECT_EQ(transport->counters().open, 1u);
    };
    run(test);
    EXPECT_EQ(server->accepted, 1);
    EXPECT_EQ(transport->counters().handshakes, 1u);
    EXPECT_EQ(transport->counters().requests, 20u);
    EXPECT_EQ(transport->counters().open, 0u);
}

TEST_F(Pool, ADropIsFollowedByAResumedHandshake) {
    for (bool const tls12 : {false, true}) {
        io.restart();
        ServerOptions options;
        options.tls12_only = tls12;
        start_and_connect(std::move(options));
        auto const test = [&]() -> task<void> {
            for (int i = 0; i < 4; ++i) {
                auto result = co_await get();
                EXPECT_TRUE(result.has_value()) << result.error().error.context;
                server->drop_connections();
            }
        };
        run(test);
        EXPECT_EQ(server->handshakes, 4);
        EXPECT_EQ(server->resumed, 3) << (tls12 ? "TLS 1.2" : "TLS 1.3");
        EXPECT_EQ(transport->counters().resumed, 3u);
        EXPECT_GE(transport->counters().closed_by_server, 3u);  // the last one may not have been noticed
        transport.reset();
        server.reset();
    }
}

TEST_F(Pool, AConnectionThatTheServerClosedWhileIdleIsSeenAndFreed) {
    start_and_connect();
    auto const test = [&]() -> task<void> {
        auto first = co_await post();
        EXPECT_TRUE(first.has_value());
        server->drop_connections();
        co_await server->a_connection_ended.wait();
        auto second = co_await post();
        EXPECT_TRUE(second.has_value()) << "a request that must not be repeated gets a fresh connection: "
                                        << second.error().error.context;
    };
    run(test);
    EXPECT_EQ(server->requests.size(), 2u);
    EXPECT_EQ(server->accepted, 2);
}

TEST_F(Pool, AReadingCallOnAStaleConnectionIsRetriedImmediately) {
    // The server closes the connection when the second request arrives, so only that request can notice.
    start_and_connect();
    server->on_request = [&](SeenRequest request) -> task<Answer> {
        Answer answer = ok();
        if (request.connection == 1 && server->requests.size() == 2) answer = Answer{"", true};
        co_return answer;
    };
    auto const test = [&]() -> task<void> {
        auto first = co_await get();
        EXPECT_TRUE(first.has_value());
        auto second = co_await get();
        EXPECT_TRUE(second.has_value()) << second.error().error.context;
    };
    run(test);
    EXPECT_EQ(server->requests.size(), 3u);
}

TEST_F(Pool, ARetryFindsRoomWhenIdleConnectionsUseAllPlaces) {
    limits.normal_connections = 2;
    limits.max_connections = 2;
    start_and_connect();
    Event both(io.get_executor());
    server->on_request = [&](SeenRequest) -> task<Answer> {
        auto const count = server->requests.size();
        if (count == 2) both.set();
        if (count <= 2) co_await both.wait();
        Answer answer = ok();
        if (count == 3) answer = Answer{"", true};
        co_return answer;
    };
    auto const test = [&]() -> task<void> {
        auto a = begin(get());
        auto b = begin(get());
        co_await a->done.wait();
        co_await b->done.wait();
        auto third = co_await get();
        EXPECT_TRUE(third.has_value()) << third.error().error.context;
    };
    run(test);
    EXPECT_EQ(server->accepted, 3);
}

TEST_F(Pool, APostOnAConnectionThatBreaksIsNotRepeated) {
    start_and_connect();
    server->on_request = [&](SeenRequest) -> task<Answer> {
        Answer answer = ok();
        if (server->requests.size() == 2) answer = Answer{"", true};
        co_return answer;
    };
    auto const test = [&]() -> task<void> {
        auto first = co_await get();
        EXPECT_TRUE(first.has_value());
        auto second = co_await post();
        EXPECT_FALSE(second.has_value());
        EXPECT_EQ(second.error().sent, Sent::maybe);
    };
    run(test);
    EXPECT_EQ(server->requests.size(), 2u);
}

TEST_F(Pool, SurplusBytesAfterAReplyEndTheConnection) {
    start_and_connect();
    server->on_request = [](SeenRequest) -> task<Answer> {
        Answer answer = ok();
        answer.bytes += "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil";
        co_return answer;
    };
    auto const test = [&]() -> task<void> {
        auto first = co_await get();
        auto second = co_await get();
        EXPECT_EQ(first->body, "[]");
        EXPECT_EQ(second->body, "[]");
    };
    run(test);
    EXPECT_EQ(server->accepted, 2);
}

TEST_F(Pool, ASlowPostDelaysNoOtherRequest) {
    limits.normal_connections = 1;
    limits.patience = milliseconds{20};
    start_and_connect();
    Event polled(io.get_executor());
    server->on_request = [&](SeenRequest request) -> task<Answer> {
        // The POST is answered only after the poll: if the poll had to wait for it, both would hang.
        if (request.is_post()) co_await polled.wait();
        co_return ok();
    };
    auto const test = [&]() -> task<void> {
        auto order = begin(post());
        co_await server->first_request.wait();
        auto poll = co_await get();
        EXPECT_TRUE(poll.has_value());
        EXPECT_FALSE(order->done.is_set());
        polled.set();
        co_await order->done.wait();
        EXPECT_TRUE(order->result->has_value());
        auto next = co_await get();
        EXPECT_TRUE(next.has_value());
    };
    run(test);
    EXPECT_EQ(server->accepted, 2);
}

TEST_F(Pool, ManyRequestsAtOnceShareThreeConnections) {
    start_and_connect();
    auto const test = [&]() -> task<void> {
        std::vector<std::shared_ptr<Started>> all;
        for (int i = 0; i < 40; ++i) all.push_back(begin(get()));
        for (auto const& one : all) {
            co_await one->done.wait();
            EXPECT_TRUE(one->result->has_value());
        }
    };
    run(test);
    EXPECT_EQ(server->requests.size(), 40u);
    EXPECT_LE(server->accepted, 3);
}

TEST_F(Pool, NeverOpensMoreThanItsLimit) {
    limits.normal_connections = 1;
    limits.max_connections = 2;
    limits.patience = milliseconds{1};
    start_and_connect();
    Event go(io.get_executor());
    server->on_request = [&](SeenRequest) -> task<Answer> {
        co_await go.wait();
        co_return ok();
    };
    auto const test = [&]() -> task<void> {
        auto a = begin(post());
        auto b = begin(post());
        auto request = request_of(Method::get);
        request.limit = milliseconds{60};
        auto third = co_await transport->exchange(std::move(request));
        EXPECT_EQ(third.error().error.code, Errc::timed_out);
        EXPECT_EQ(third.error().sent, Sent::no);
        EXPECT_THAT(third.error().error.context, HasSubstr("stayed busy"));
        go.set();
        co_await a->done.wait();
        co_await b->done.wait();
    };
    run(test);
    EXPECT_EQ(server->accepted, 2);
}

TEST_F(Pool, AnIdleConnectionIsClosedAfterAWhile) {
    limits.idle = milliseconds{20};
    start_and_connect();
    auto const test = [&]() -> task<void> {
        auto first = co_await get();
        EXPECT_TRUE(first.has_value());
        co_await server->a_connection_ended.wait();
        EXPECT_EQ(transport->counters().open, 0u);
        EXPECT_EQ(transport->counters().closed_by_server, 0u);
    };
    run(test);
}

TEST_F(Pool, AfterCloseNothingBegins) {
    start_and_connect();
    auto const test = [&]() -> task<void> {
        auto first = co_await get();
        EXPECT_TRUE(first.has_value());
        transport->close();
        EXPECT_EQ(transport->counters().open, 0u);
        auto second = co_await post();
        EXPECT_EQ(second.error().error.code, Errc::cancelled);
        EXPECT_EQ(second.error().sent, Sent::no);
    };
    run(test);
}

TEST_F(Pool, LeavesNoFilesOpen) {
    auto const before = open_files();
    limits.handshake = milliseconds{100};
    start_and_connect();
    server->on_request = [&](SeenRequest) -> task<Answer> {
        Answer answer = ok();
        if (server->requests.size() % 3 == 0) answer = Answer{"", true};
        if (server->requests.size() % 5 == 0) answer.close = true;
        co_return answer;
    };
    auto const test = [&]() -> task<void> {
        for (int i = 0; i < 60; ++i) {
            auto result = co_await get();
            result = co_await post();
        }
    };
    run(test);
    EXPECT_EQ(transport->counters().open, 0u);
    transport.reset();
    server.reset();
    EXPECT_EQ(open_files(), before);
}

}  // namespace
}  // namespace sb::net::test
