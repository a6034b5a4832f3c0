// One allocation fails, at every place in turn: the connection that it belonged to may be lost, nothing else is.
#include "control_fixture.hpp"
#include "tests/support/failing_memory.hpp"

#include <new>

namespace sb::test {
namespace {

constexpr std::size_t most_allocations = 2000;  // far more than there are

/// What serve() does with an exception that leaves the loop.
void run_until_idle(asio::io_context& io) {
    for (;;) {
        try {
            io.restart();
            io.poll();
            return;
        } catch (std::bad_alloc const&) {
            continue;
        }
    }
}

class WantOfMemory : public ControlTest {
protected:
    void start_server() {
        control::ServerOptions options;
        options.restart = 1ms;
        start(std::move(options));
    }
    /// Whether it came to the n-th allocation while a client was admitted and its call was answered.
    bool fail_while_a_client_is_served(std::size_t nth, std::string const& request, bool at_readers_socket) {
        auto ends = at_readers_socket ? readers_listener_->connect(peer) : listener_->connect(peer);
        ends.first->bytes = request + "\n";
        {
            FailingAllocation const failing(nth);
            run_until_idle(io);
        }
        bool const failed = FailingAllocation::has_failed();
        Client(io, ends).vanish();
        return failed;
    }
    void expect_served(std::size_t after) {
        for (bool const readers_socket : {false, true}) {
            auto client = readers_socket ? connect_to_readers_socket(peer) : connect(peer);
            client.send(ask_version);
            EXPECT_TRUE(until([&] { return client.line() == version_answer; })) << "after the allocation " << after;
            client.vanish();
        }
    }

    ipc::Peer const peer{1000, 1000, 4711};
};

TEST_F(WantOfMemory, EndsTheConnectionThatItBelongsToAndNoOther) {
    start_server();
    auto witness = connect({7, 7, 7});
    EXPECT_EQ(witness.ask(ask_version), version_answer);
    for (bool const readers_socket : {false, true}) {
        std::size_t nth = 1;
        while (fail_while_a_client_is_served(nth, ask_version, readers_socket)) {
            expect_served(nth);
            ASSERT_LT(++nth, most_allocations);
        }
        EXPECT_GT(nth, 10U) << "the sweep met no allocations";
    }
    EXPECT_EQ(witness.ask(ask_version), version_answer) << "it has stayed connected all the time";
}

TEST_F(WantOfMemory, OfABatchOrASubscriptionIsNoDifferent) {
    start_server();
    std::string const subscribe = R"({"jsonrpc":"2.0","id":1,"method":"jobs.subscribe","params":{"job":0}})";
    jobs[3] = job(3, "running", 10);
    for (auto const& request : {subscribe, "[" + ask_version + "," + ask_version + "]", std::string("nonsense")}) {
        std::size_t nth = 1;
        while (fail_while_a_client_is_served(nth, request, false)) {
            expect_served(nth);
            ASSERT_LT(++nth, most_allocations);
        }
    }
}

TEST_F(WantOfMemory, WhileAChangeIsPublishedCostsTheSubscriberAtMost) {
    start_server();
    for (std::size_t nth = 1; nth < most_allocations; ++nth) {
        auto subscriber = connect(peer);
        subscriber.ask(R"({"jsonrpc":"2.0","id":1,"method":"jobs.subscribe","params":{"job":0}})");
        rpc::JobChanged::Params const changed{job(3, "running", 20)};
        {
            FailingAllocation const failing(nth);
            EXPECT_NO_THROW(server->publish(changed));
        }
        run_until_idle(io);
        subscriber.vanish();
        if (!FailingAllocation::has_failed()) break;
    }
    EXPECT_FALSE(FailingAllocation::has_failed());
    expect_served(0);
}

task<void> wait_once() {
    auto const executor = co_await asio::this_coro::executor;
    asio::steady_timer never{executor, asio::steady_timer::time_point::max()};
    co_await never.async_wait(asio::use_awaitable);
}

TEST(TaskGroupWithoutMemory, CanBeStoppedAndJoinedWhicheverAllocationFails) {
    bool failed = true;
    for (std::size_t nth = 1; failed && nth < most_allocations; ++nth) {
        asio::io_context io{1};
        TaskGroup group{io.get_executor(), [](std::exception_ptr) {}};
        bool has_thrown = false;
        {
            FailingAllocation const failing(nth);
            try {
                group.spawn(wait_once());
            } catch (std::bad_alloc const&) {
                has_thrown = true;
            }
            run_until_idle(io);
        }
        failed = FailingAllocation::has_failed();
        EXPECT_TRUE(group.empty() || !has_thrown) << "a child that was not spawned is still in the group";
        group.stop();
        run_until_idle(io);
        EXPECT_TRUE(group.empty());
    }
    EXPECT_FALSE(failed);
}

}  // namespace
}  // namespace sb::test
