#pragma once
// A ClusterClient with one node that returns prepared replies, on the manual clock.

#include "daemon/hypercore/cluster_client.hpp"
#include "tests/support/manual_time.hpp"

#include <boost/asio/co_spawn.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

namespace sb::hypercore::test {

using sb::test::ManualTime;

inline net::ExchangeResult answer(unsigned status, std::string body) {
    net::HttpReply reply;
    reply.status = status;
    reply.body = std::move(body);
    return reply;
}

inline net::ExchangeResult failure(net::Sent sent, Errc code) {
    return net::ExchangeFailure{sent, Error{code, "the wire broke"}};
}

struct Script {
    std::deque<net::ExchangeResult> answers;
    Milliseconds takes{0};  ///< from a request to its reply
    std::vector<net::HttpRequest> requests;
};

class FakeTransport final : public net::Transport {
public:
    FakeTransport(Script& script, ports::Time& time) : script_(script), time_(time) {}
    task<net::ExchangeResult> exchange(net::HttpRequest request) override {
        script_.requests.push_back(std::move(request));
        if (script_.answers.empty()) co_return failure(net::Sent::maybe, Errc::internal);
        auto next = std::move(script_.answers.front());
        script_.answers.pop_front();
        co_await time_.sleep_until(time_.steady_now() + script_.takes);
        co_return next;
    }
    net::Counters counters() const override { return net::Counters(); }
    void close() override {}

private:
    Script& script_;
    ports::Time& time_;
};

class ClusterClientTest : public ::testing::Test {
protected:
    ClusterClientTest() {
        config::Scale scale;
        scale.username = "svc";
        scale.password = Secret("cluster-pw");
        config::Smb smb;
        smb.username = "u";
        smb.password = Secret("p@ss/word");
        smb.host = config::HostPort{"files", std::nullopt};
        smb.share_name = "s";
        std::vector<NodeAddress> nodes;
        nodes.push_back({"hc3:8443", std::make_unique<FakeTransport>(script, time), {}});
        client = std::make_unique<ClusterClient>(std::make_unique<Failover>(std::move(nodes), time), scale, smb, time);
    }

    template <class T>
    T run(task<T> work) {
        std::optional<T> result;
        auto done = [&](std::exception_ptr crash, T value) {
            if (!crash) result.emplace(std::move(value));
        };
        asio::co_spawn(io, std::move(work), done);
        begun = time.steady_now();
        auto const is_done = [&] { return result.has_value(); };
        while (!time.run_until_done(is_done, std::chrono::hours{1})) {
            if (time.sleepers() > 0) throw std::runtime_error("did not end");
            io.restart();
            if (io.run_one() == 0) throw std::runtime_error("did not end");  // it waited for another thread
        }
        waited = time.steady_now() - begun;
        return std::move(*result);
    }

    ports::ExportOrder const export_order{VmUuid("v/1"), "night 1", "FILE.xml"};

    asio::io_context io;
    ManualTime time{io};
    SteadyTime begun;
    Milliseconds waited{0};
    Script script;
    std::unique_ptr<ClusterClient> client;
};

}  // namespace sb::hypercore::test
