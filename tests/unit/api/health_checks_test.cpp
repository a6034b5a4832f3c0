// daemon.check connects to other machines, so a user who may only read does not cause one check after the other.
#include "daemon/api/health_checks.hpp"
#include "tests/support/manual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>

namespace sb::test {
namespace {

using namespace std::chrono_literals;
using control::Rank;

struct HealthChecks : testing::Test {
    /// Reports how many checks were made, once the gate is open.
    static task<Result<doctor::Findings>> check(HealthChecks* self) {
        auto const number = ++self->made;
        boost::system::error_code woken;
        while (!self->is_open) co_await self->gate.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        if (self->fails) co_return Error{Errc::io, "the check failed"};
        doctor::Findings findings;
        findings.push_back(doctor::good("number", std::to_string(number)));
        if (self->login_refused)
            findings.push_back(doctor::bad("login", Error{Errc::credentials_refused, "wrong password"}, "correct it"));
        co_return findings;
    }

    struct Asking {
        std::shared_ptr<Departure> departure = std::make_shared<Departure>();
        std::optional<Result<api::HealthChecks::Reply>> answer;
        /// Which check it was; 0 = none yet, or it failed.
        int number() const { return answer && *answer ? std::stoi((**answer)->findings.at(0).message) : 0; }
    };
    std::shared_ptr<Asking> ask(Rank rank) {
        auto const asking = std::make_shared<Asking>();
        control::Caller caller;
        caller.rank = rank;
        caller.departure = asking->departure;
        auto note = [asking](std::exception_ptr failure, Result<api::HealthChecks::Reply> reply) {
            EXPECT_FALSE(failure);
            asking->answer = std::move(reply);
        };
        asio::co_spawn(io, checks.answer(std::move(caller)), note);
        time.settle();
        return asking;
    }
    void open_gate() {
        is_open = true;
        gate.cancel();
        time.settle();
    }
    void TearDown() override {
        bool joined = false;
        is_open = true;
        calls.stop();
        gate.cancel();
        asio::co_spawn(io, calls.join(), [&](std::exception_ptr) { joined = true; });
        time.settle();
        EXPECT_TRUE(joined);
    }

    asio::io_context io{1};
    ManualTime time{io};
    asio::steady_timer gate{io, asio::steady_timer::time_point::max()};
    bool is_open = true, fails = false, login_refused = false;
    int made = 0;
    api::LongCalls calls{io.get_executor()};
    api::HealthChecks checks{calls, time, [this] { return check(this); }};
};

TEST_F(HealthChecks, AReaderGetsTheFindingsOfARecentCheck) {
    EXPECT_EQ(ask(Rank::reader)->number(), 1);
    EXPECT_EQ(ask(Rank::reader)->number(), 1);
    time.run_for(11s);
    EXPECT_EQ(ask(Rank::reader)->number(), 2);
    EXPECT_EQ(made, 2);
}

TEST_F(HealthChecks, AnAdministratorGetsANewCheckWhichServesReaders) {
    EXPECT_EQ(ask(Rank::reader)->number(), 1);
    EXPECT_EQ(ask(Rank::admin)->number(), 2);
    EXPECT_EQ(ask(Rank::root)->number(), 3);
    EXPECT_EQ(ask(Rank::reader)->number(), 3);
}

/// Each check logs in, and many wrong logins lock the account.
TEST_F(HealthChecks, WhileTheLoginIsRefusedReadersCauseFewChecks) {
    login_refused = true;
    EXPECT_EQ(ask(Rank::reader)->number(), 1);
    time.run_for(5min);
    EXPECT_EQ(ask(Rank::reader)->number(), 1);
    time.run_for(6min);
    EXPECT_EQ(ask(Rank::reader)->number(), 2);
    login_refused = false;
    EXPECT_EQ(ask(Rank::admin)->number(), 3) << "an administrator may have corrected it";
    time.run_for(11s);
    EXPECT_EQ(ask(Rank::reader)->number(), 4);
}

TEST_F(HealthChecks, ThoseWhoAskDuringACheckShareIt) {
    is_open = false;
    auto const first = ask(Rank::admin), second = ask(Rank::admin);
    open_gate();
    EXPECT_EQ(first->number(), 1);
    EXPECT_EQ(second->number(), 1);
}

TEST_F(HealthChecks, AReaderThatLeavesAndAsksAgainCausesNoFurtherCheck) {
    is_open = false;
    for (int i = 0; i < 10; ++i) {
        auto const left = ask(Rank::reader);
        left->departure->happen();
        time.settle();
    }
    auto const last = ask(Rank::reader);
    EXPECT_EQ(made, 1) << "one at a time";
    open_gate();
    EXPECT_EQ(last->number(), 1);
    EXPECT_EQ(made, 1);
}

TEST_F(HealthChecks, AfterAReloadTheFindingsOfEarlierChecksAreNotUsed) {
    EXPECT_EQ(ask(Rank::reader)->number(), 1);
    checks.forget();
    EXPECT_EQ(ask(Rank::reader)->number(), 2);
    is_open = false;
    auto const before = ask(Rank::admin);
    checks.forget();
    auto const after = ask(Rank::admin);
    open_gate();
    EXPECT_EQ(before->number(), 3);
    EXPECT_EQ(after->number(), 4);
}

TEST_F(HealthChecks, AFailedCheckIsNotKept) {
    fails = true;
    EXPECT_EQ(ask(Rank::reader)->number(), 0);
    fails = false;
    EXPECT_EQ(ask(Rank::reader)->number(), 2);
}

}  // namespace
}  // namespace sb::test
