#include "daemon/async/shared_work.hpp"

#include "daemon/async/pool.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>

#include <stdexcept>
#include <thread>
#include <vector>

using namespace sb;
using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

namespace {

using Answer = std::string;

class SharedWorkTest : public testing::Test {
protected:
    /// Waits for the test to open the gate, or for the flag: whichever work it belongs to looks at it each time.
    static task<Result<Answer>> at_gate(SharedWorkTest* self, std::string name, StopFlag stop) {
        self->begun.push_back(name);
        boost::system::error_code woken;
        while (!self->is_open && !stop.is_set())
            co_await self->gate.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (stop.is_set()) {
            self->stopped.push_back(name);
            co_return Error{Errc::cancelled, "the work saw the flag"};
        }
        co_return "answer to " + name;
    }
    static task<Result<Answer>> crash() {
        throw std::logic_error("a bug");
        co_return Answer();
    }

    struct Client {
        std::shared_ptr<Departure> departure = std::make_shared<Departure>();
        std::optional<Result<Answer>> answer;
        bool crashed = false;
        std::string text() const { return !answer ? "nothing" : *answer ? **answer : (*answer).error().context; }
        Errc code() const { return answer && !*answer ? answer->error().code : Errc::internal; }
    };
    std::shared_ptr<Client> ask(std::string key, bool goes_first = false) {
        auto work = [this, key](StopFlag stop) { return at_gate(this, key, stop); };
        return ask_for(key, std::move(work), goes_first);
    }
    std::shared_ptr<Client> ask_for(std::string key, SharedWork<Answer>::Work work, bool goes_first = false) {
        auto const client = std::make_shared<Client>();
        auto done = [client](std::exception_ptr failure, Result<Answer> answer) {
            client->crashed = failure != nullptr;
            if (!failure) client->answer = std::move(answer);
        };
        asio::co_spawn(io, shared->run(std::move(key), client->departure, std::move(work), goes_first), done);
        settle();
        return client;
    }
    void leave(Client& client) {
        client.departure->happen();
        look();
    }
    void open_gate() {
        is_open = true;
        look();
    }
    /// Lets the work in progress look at its flag.
    void look() {
        settle();
        gate.cancel();
        settle();
    }
    void settle() {
        io.restart();
        io.poll();
    }
    void make(SharedWorkTerms terms) {
        shared = std::make_unique<SharedWork<Answer>>(io.get_executor(), std::move(terms));
    }
    void SetUp() override { make({"the simulation", 2, 60s}); }
    void TearDown() override {
        bool joined = false;
        shared->stop();
        asio::co_spawn(io, shared->join(), [&](std::exception_ptr) { joined = true; });
        look();
        io.restart();
        io.run_for(20s);
        EXPECT_TRUE(joined);
    }

    asio::io_context io{1};
    asio::steady_timer gate{io, asio::steady_timer::time_point::max()};
    bool is_open = false;
    std::vector<std::string> begun, stopped;
    std::unique_ptr<SharedWork<Answer>> shared;
};

TEST_F(SharedWorkTest, ThoseWhoAskForTheSameShareOneAnswer) {
    auto const first = ask("31 days");
    auto const second = ask("31 days");
    EXPECT_EQ(first->text(), "nothing");
    open_gate();
    EXPECT_EQ(first->text(), "answer to 31 days");
    EXPECT_EQ(second->text(), "answer to 31 days");
    EXPECT_THAT(begun, ElementsAre("31 days"));
    ask("31 days");
    EXPECT_THAT(begun, ElementsAre("31 days", "31 days")) << "an answer is not kept for later";
    EXPECT_EQ(shared->unfinished(), 0U);
}

TEST_F(SharedWorkTest, WhereAnswersMustBeFreshNoneIsOlderThanItsQuestion) {
    make({"the list", 2, 60s, true});
    auto const first = ask("all");
    auto const second = ask("all");
    auto const third = ask("all");
    EXPECT_THAT(begun, ElementsAre("all"));
    EXPECT_EQ(shared->unfinished(), 2U) << "those who wait share the next one";
    open_gate();
    EXPECT_THAT(begun, ElementsAre("all", "all"));
    for (auto const& client : {first, second, third}) EXPECT_EQ(client->text(), "answer to all");
}

TEST_F(SharedWorkTest, OneAtATimeRunsInTheOrderInWhichTheyCame) {
    auto const first = ask("1");
    auto const second = ask("2");
    auto const third = ask("3");
    EXPECT_THAT(begun, ElementsAre("1"));
    open_gate();
    EXPECT_THAT(begun, ElementsAre("1", "2", "3"));
    EXPECT_EQ(second->text(), "answer to 2");
    EXPECT_EQ(third->text(), "answer to 3");
}

TEST_F(SharedWorkTest, WhenTooManyWaitAFurtherOneIsRefused) {
    std::vector<std::shared_ptr<Client>> clients;
    for (auto const* key : {"1", "2", "3", "4"}) clients.push_back(ask(key));
    EXPECT_EQ(clients[3]->code(), Errc::refused);
    EXPECT_THAT(clients[3]->text(), HasSubstr("the simulation is busy"));
    EXPECT_EQ(ask("3")->text(), "nothing") << "it joins one that waits already";
    EXPECT_EQ(shared->unfinished(), 3U);
}

TEST_F(SharedWorkTest, WhoGoesFirstOvertakesThoseWhoWaitAndIsNeverRefused) {
    for (auto const* key : {"1", "2", "3"}) ask(key);
    EXPECT_EQ(ask("4")->code(), Errc::refused);
    auto const first = ask("5", true);
    auto const second = ask("6", true);
    auto const joined = ask("3", true);
    EXPECT_THAT(begun, ElementsAre("1"));
    open_gate();
    EXPECT_THAT(begun, ElementsAre("1", "5", "6", "3", "2"));
    EXPECT_EQ(first->text(), "answer to 5");
    EXPECT_EQ(second->text(), "answer to 6");
    EXPECT_EQ(joined->text(), "answer to 3");
}

TEST_F(SharedWorkTest, ItIsStoppedWhenTheLastClientLeaves) {
    auto const first = ask("1");
    auto const second = ask("1");
    leave(*first);
    EXPECT_EQ(first->code(), Errc::cancelled);
    EXPECT_THAT(stopped, IsEmpty()) << "another client waits for it";
    leave(*second);
    EXPECT_THAT(stopped, ElementsAre("1"));
    EXPECT_EQ(shared->unfinished(), 0U);
}

TEST_F(SharedWorkTest, ARequestThatWaitsIsForgottenWhenItsClientLeaves) {
    auto const first = ask("1");
    auto const second = ask("2");
    leave(*second);
    open_gate();
    EXPECT_THAT(begun, ElementsAre("1"));
    EXPECT_EQ(first->text(), "answer to 1");
}

TEST_F(SharedWorkTest, ANewRequestDoesNotJoinWorkThatIsBeingStopped) {
    auto const first = ask("1");
    first->departure->happen();
    settle();
    auto const second = ask("1");
    look();
    EXPECT_THAT(stopped, ElementsAre("1"));
    open_gate();
    EXPECT_EQ(second->text(), "answer to 1");
}

TEST_F(SharedWorkTest, AClientThatLeftBeforeIsNotWaitedFor) {
    auto const departed = std::make_shared<Departure>();
    departed->happen();
    std::optional<Result<Answer>> answer;
    auto work = [this](StopFlag stop) { return at_gate(this, "1", stop); };
    asio::co_spawn(io, shared->run("1", departed, std::move(work)),
                   [&](std::exception_ptr, Result<Answer> given) { answer = std::move(given); });
    look();
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->error().code, Errc::cancelled);
    EXPECT_EQ(shared->unfinished(), 0U);
}

TEST_F(SharedWorkTest, WhatTakesTooLongIsStoppedAndSaysSo) {
    make({"the simulation", 2, 5ms});
    auto const client = ask("366 days");
    auto const waits = ask("31 days");
    auto const give_up = std::chrono::steady_clock::now() + 20s;
    io.restart();
    while ((!client->answer || !waits->answer) && std::chrono::steady_clock::now() < give_up) io.run_one_for(1s);
    EXPECT_EQ(client->code(), Errc::timed_out);
    EXPECT_THAT(client->text(), HasSubstr("the simulation did not end within 1 s"));
    EXPECT_EQ(waits->code(), Errc::timed_out) << "the wait for the one before counts";
    look();
    EXPECT_THAT(stopped, ElementsAre("366 days"));
    EXPECT_EQ(shared->unfinished(), 0U);
}

TEST_F(SharedWorkTest, ABugReachesEachWhoWaitsAndTheNextRequestIsServed) {
    auto const first = ask_for("1", [](StopFlag) { return crash(); });
    EXPECT_TRUE(first->crashed);
    auto const second = ask("2");
    open_gate();
    EXPECT_EQ(second->text(), "answer to 2");
}

TEST_F(SharedWorkTest, AStopEndsTheWorkAndThoseWhoWait) {
    auto const first = ask("1");
    auto const second = ask("2");
    shared->stop();
    look();
    EXPECT_EQ(first->code(), Errc::cancelled);
    EXPECT_EQ(second->code(), Errc::cancelled);
    EXPECT_EQ(ask("3")->text(), "the daemon is stopping");
}

task<Result<Answer>> count_until_stopped(BlockingPool& pool, StopFlag stop) {
    auto work = [stop] {
        while (!stop.is_set()) std::this_thread::yield();
        return 1;
    };
    co_await pool.run(std::move(work));
    co_return "ended";
}

TEST_F(SharedWorkTest, WorkOnAnotherThreadSeesTheFlag) {
    BlockingPool pool{1};
    auto const client = ask_for("1", [&pool](StopFlag stop) { return count_until_stopped(pool, stop); });
    leave(*client);
    EXPECT_EQ(client->code(), Errc::cancelled);
    auto const give_up = std::chrono::steady_clock::now() + 20s;
    io.restart();
    while (shared->unfinished() > 0 && std::chrono::steady_clock::now() < give_up) io.run_one_for(1s);
    EXPECT_EQ(shared->unfinished(), 0U);
}

TEST(Departure, TellsThoseWhoListenOnce) {
    auto const departure = std::make_shared<Departure>();
    int told = 0, never = 0;
    Departure::Listening const listening(departure, [&] { ++told; });
    {
        Departure::Listening const short_lived(departure, [&] { ++never; });
    }
    departure->happen();
    departure->happen();
    EXPECT_EQ(told, 1);
    EXPECT_EQ(never, 0);
    EXPECT_TRUE(departure->has_happened());
}

}  // namespace
