// A person who has given up is not surprised later: an order ends with its client.
#include "tests/simulation/clean_up_fixture.hpp"

#include <gmock/gmock.h>

#include <functional>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

namespace {

struct GivenUpOrders : CleanUp {
    bool is_gone = false;
    std::function<Result<void>()> is_wanted = [this]() -> Result<void> {
        if (is_gone) return Error{Errc::refused, "the client has ended"};
        return boost::system::in_place_value;
    };
    std::optional<Result<engine::RunStarted>> started;

    void order_a_run() {
        auto const done = [this](std::exception_ptr failure, Result<engine::RunStarted> outcome) {
            if (failure) std::rethrow_exception(failure);
            started = std::move(outcome);
        };
        asio::co_spawn(fixture.io, fixture.scheduler->start_now(is_wanted), done);
    }
};

}  // namespace

TEST_F(GivenUpOrders, APruneDeletesNothingIfItsClientEndsBefore) {
    two_vms_with_old_copies();
    fixture.start();
    is_gone = true;
    auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(true, is_wanted)).value();
    EXPECT_THAT(pruned.deleted, IsEmpty());
    EXPECT_THAT(pruned.problems, ElementsAre(HasSubstr("the client has ended")));
    EXPECT_TRUE(pruned.stopped);
    EXPECT_TRUE(fixture.catalog.folders.contains("a old"));
    EXPECT_FALSE(fixture.engine->leases().is_in_use("a old"));
}

TEST_F(GivenUpOrders, APruneDeletesNothingMoreAfterItsClientHasEnded) {
    two_vms_with_old_copies();
    fixture.start();
    fixture.catalog.on_remove = [this](std::string const&) { is_gone = true; };
    auto const pruned = fixture.get(fixture.scheduler->clean_up().prune(true, is_wanted)).value();
    EXPECT_THAT(pruned.deleted, ElementsAre("a old"));
    EXPECT_TRUE(fixture.catalog.folders.contains("b old"));
}

TEST_F(GivenUpOrders, AnOrderToRunTheScheduleIsTakenBackIfItsClientEndsBeforeTheRunStarts) {
    fixture.start();
    fixture.run_until_clock(18h);
    ASSERT_THAT(fixture.journal.runs, SizeIs(1));
    fixture.catalog.be_slow(fixture.time, 10s);
    fixture.scheduler->folders_changed();
    order_a_run();
    fixture.time.run_for(1s);
    ASSERT_FALSE(started);
    is_gone = true;
    fixture.time.run_for(1s);
    ASSERT_TRUE(started);
    ASSERT_FALSE(*started);
    EXPECT_EQ(started->error().code, Errc::refused);
    fixture.time.run_for(1h);
    EXPECT_THAT(fixture.journal.runs, SizeIs(1));
}

TEST_F(GivenUpOrders, AnOrderThatHasBecomeARunIsNotCalledTakenBack) {
    fixture.start();
    fixture.run_until_clock(18h);
    ASSERT_THAT(fixture.journal.runs, SizeIs(1));
    fixture.journal.full = true;
    order_a_run();
    fixture.time.run_for(1s);
    is_gone = true;
    fixture.time.run_for(1s);
    fixture.journal.full = false;
    fixture.time.run_for(1h);
    ASSERT_TRUE(started);
    bool const is_refused = !*started && started->error().code == Errc::refused;
    EXPECT_EQ(is_refused, fixture.journal.runs.size() == 1u);
}
