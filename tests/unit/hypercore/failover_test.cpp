#include "daemon/hypercore/failover.hpp"

#include "tests/support/manual_time.hpp"

#include <boost/asio/co_spawn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace sb::hypercore {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using net::Method;
using net::Sent;

/// A node that returns the prepared replies, then 200 forever, and records its requests.
struct FakeNode {
    std::deque<net::ExchangeResult> answers;
    std::vector<net::HttpRequest> requests;
    Result<void> check_result = boost::system::in_place_value;
    int checks = 0;
};

net::ExchangeResult node_answer(unsigned status, std::string body = {}) {
    net::HttpReply reply;
    reply.status = status;
    reply.body = std::move(body);
    return reply;
}

net::ExchangeResult node_failure(Sent sent, Errc code, std::string words = "refused") {
    return net::ExchangeFailure{sent, Error{code, std::move(words)}};
}

class NodeTransport final : public net::Transport {
public:
    explicit NodeTransport(FakeNode& node) : node_(node) {}
    task<net::ExchangeResult> exchange(net::HttpRequest request) override {
        node_.requests.push_back(std::move(request));
        if (node_.answers.empty()) co_return node_answer(200);
        auto next = std::move(node_.answers.front());
        node_.answers.pop_front();
        co_return next;
    }
    net::Counters counters() const override { return {}; }
    void close() override {}

private:
    FakeNode& node_;
};

class FailoverTest : public ::testing::Test {
protected:
    FailoverTest() { begin(); }

    void begin() {
        a = {};
        b = {};
        std::vector<NodeAddress> addresses;
        for (auto* node : {&a, &b}) {
            auto check = [node]() -> task<Result<void>> {
                ++node->checks;
                co_return node->check_result;
            };
            addresses.push_back({node == &a ? "a" : "b", std::make_unique<NodeTransport>(*node), check});
        }
        nodes = std::make_unique<Failover>(std::move(addresses), time);
    }

    net::ExchangeResult ask(Method method) {
        net::HttpRequest request;
        request.method = method;
        request.authorization = Secret("Basic x");
        std::optional<net::ExchangeResult> result;
        auto done = [&](std::exception_ptr, net::ExchangeResult value) { result.emplace(std::move(value)); };
        asio::co_spawn(io, nodes->exchange(std::move(request)), done);
        time.run_until_done([&] { return result.has_value(); }, 1h);
        return std::move(result.value());
    }
    void check_other_nodes() {
        bool ended = false;
        asio::co_spawn(io, nodes->check_other_nodes(), [&](std::exception_ptr) { ended = true; });
        time.run_until_done([&] { return ended; }, 1h);
    }

    asio::io_context io;
    test::ManualTime time{io};
    FakeNode a, b;
    std::unique_ptr<Failover> nodes;
};

TEST_F(FailoverTest, AReadingCallIsTriedAtTheNextNodeImmediately) {
    for (auto const code : {Errc::unreachable, Errc::timed_out, Errc::malformed, Errc::pin_mismatch}) {
        begin();
        a.answers.push_back(node_failure(Sent::maybe, code));
        auto const before = time.steady_now();
        EXPECT_TRUE(ask(Method::get)) << name_of(code);
        EXPECT_EQ(time.steady_now(), before);
        EXPECT_EQ(nodes->present_host(), "b");
        EXPECT_TRUE(ask(Method::get));
        EXPECT_EQ(a.requests.size(), 1u) << "it is left out for a while";
        EXPECT_EQ(b.requests.size(), 2u);
    }
}

TEST_F(FailoverTest, AGatewaysReplyMeansANodeThatIsAway) {
    a.answers.push_back(node_answer(502, "<html>"));
    EXPECT_EQ(ask(Method::get)->status, 200u);
    EXPECT_EQ(nodes->present_host(), "b");
    EXPECT_EQ(ask(Method::get)->status, 200u);
    EXPECT_EQ(a.requests.size(), 1u);
    EXPECT_EQ(b.requests.size(), 2u);
}

TEST_F(FailoverTest, AnErrorThatEveryNodeWouldReturnIsNotRetried) {
    for (unsigned const status : {400u, 401u, 403u, 404u, 429u, 500u}) {
        a.answers.push_back(node_answer(status, R"({"error":"no"})"));
        EXPECT_EQ(ask(Method::get)->status, status);
    }
    a.answers.push_back(node_answer(503, R"({"error":"Valid session required"})"));
    EXPECT_EQ(ask(Method::get)->status, 503u);
    EXPECT_TRUE(b.requests.empty());
}

TEST_F(FailoverTest, AChangingCallThatMayHaveBeenSentGoesToNoOtherNode) {
    a.answers.push_back(node_failure(Sent::maybe, Errc::timed_out));
    auto const lost = ask(Method::post);
    ASSERT_FALSE(lost);
    EXPECT_EQ(lost.error().sent, Sent::maybe);
    EXPECT_TRUE(b.requests.empty());

    a.answers.clear();
    b.answers.push_back(node_answer(502));
    EXPECT_EQ(ask(Method::post)->status, 502u) << "after a gateway's reply to a POST its outcome is open";
    EXPECT_EQ(a.requests.size(), 1u);
    EXPECT_EQ(b.requests.size(), 1u);
}

TEST_F(FailoverTest, AChangingCallThatWasNotSentGoesToTheNextNode) {
    a.answers.push_back(node_failure(Sent::no, Errc::unreachable));
    EXPECT_EQ(ask(Method::post)->status, 200u);
    EXPECT_EQ(b.requests.size(), 1u);
}

TEST_F(FailoverTest, IfAllFailTheErrorNamesEachAndWhetherWaitingHelps) {
    a.answers.push_back(node_failure(Sent::no, Errc::unreachable, "a refused"));
    b.answers.push_back(node_failure(Sent::no, Errc::pin_mismatch, "b is a stranger"));
    auto const result = ask(Method::get);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().error.code, Errc::unreachable);
    EXPECT_THAT(result.error().error.context, HasSubstr("a refused"));
    EXPECT_THAT(result.error().error.context, HasSubstr("b is a stranger"));
    EXPECT_THAT(result.error().error.context, HasSubstr("'scale-backupctl status' shows each"));
}

TEST_F(FailoverTest, AReadingCallLeavesTimeForTheOthers) {
    a.answers.push_back(node_failure(Sent::maybe, Errc::timed_out));
    (void)ask(Method::get);
    EXPECT_EQ(a.requests[0].limit, 15s);
    EXPECT_EQ(b.requests[0].limit, 30s) << "the manual clock stood still";
    b.answers.push_back(node_failure(Sent::maybe, Errc::timed_out));
    (void)ask(Method::post);
    EXPECT_EQ(b.requests[1].limit, 30s) << "a POST has its whole limit";
}

TEST_F(FailoverTest, TheDateIsThatOfTheLastReplyOfAnyNode) {
    net::HttpReply away;
    away.status = 502;
    away.date = "Sun, 06 Nov 1994 08:49:37 GMT";
    a.answers.push_back(away);
    EXPECT_FALSE(nodes->latest_date());
    EXPECT_TRUE(ask(Method::get)) << "b answers, without a date";
    ASSERT_TRUE(nodes->latest_date()) << "a gateway's reply is one of its node";
    EXPECT_EQ(nodes->latest_date()->date, UtcTime{Milliseconds{784'111'777'000}});
    EXPECT_EQ(nodes->latest_date()->received, time.steady_now());
    net::HttpReply fine;
    fine.status = 200;
    fine.date = "Sun, 06 Nov 1994 08:49:30 GMT";
    b.answers.push_back(fine);
    (void)ask(Method::get);
    EXPECT_EQ(nodes->latest_date()->date, UtcTime{Milliseconds{784'111'770'000}}) << "each node has its own clock";
}

TEST_F(FailoverTest, ACheckFindsAWrongCertificateBeforeTheNodeIsNeeded) {
    (void)ask(Method::get);
    b.check_result = Error{Errc::pin_mismatch, "b shows another certificate"};
    check_other_nodes();
    EXPECT_EQ(a.checks, 0) << "the one in use is known";
    auto const report = nodes->report();
    ASSERT_EQ(report.size(), 2u);
    EXPECT_TRUE(report[0].in_use);
    EXPECT_EQ(report[0].answers, true);
    EXPECT_TRUE(report[1].wrong_certificate);
    EXPECT_EQ(report[1].problem, "b shows another certificate");
    EXPECT_TRUE(b.requests.empty());
    b.check_result = boost::system::in_place_value;
    check_other_nodes();
    EXPECT_EQ(nodes->report()[1].answers, true);
    EXPECT_FALSE(nodes->report()[1].wrong_certificate);
}

}  // namespace
}  // namespace sb::hypercore
