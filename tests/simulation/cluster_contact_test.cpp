// A cluster that hangs keeps a person's question for a limited time; the answer then says as of when its VMs are shown.
#include "tests/simulation/schedule_fixture.hpp"

#include <gmock/gmock.h>

#include <functional>
#include <memory>
#include <optional>

using namespace sb;
using namespace sb::core;
using namespace sb::test;
using testing::Contains;
using testing::HasSubstr;
using testing::SizeIs;

namespace {

struct HangingCluster : ::testing::Test {
    ScheduleFixture fixture;

    HangingCluster() { fixture.cluster.add_vm("A"); }

    /// With several nodes, it takes minutes until a request has failed.
    void hang() {
        fixture.cluster.unreachable = Error{Errc::unreachable, "no route to host"};
        fixture.cluster.unreachable_after = 150s;
    }
    template <class T>
    std::shared_ptr<std::optional<T>> ask(task<T> question) {
        auto answer = std::make_shared<std::optional<T>>();
        auto done = [answer](std::exception_ptr failure, T value) {
            if (failure) std::rethrow_exception(failure);
            *answer = std::move(value);
        };
        asio::co_spawn(fixture.io, std::move(question), done);
        fixture.time.settle();
        return answer;
    }
    std::shared_ptr<std::optional<Result<engine::GatheredFacts>>> gather() { return ask(fixture.scheduler->gather()); }
};

}  // namespace

TEST_F(HangingCluster, APersonGetsTheLastListWithItsTimeAfterHalfAMinuteAtMost) {
    fixture.start();
    ASSERT_TRUE(*gather());
    auto const listed = fixture.time.now();
    fixture.time.run_for(1h);
    hang();
    auto const first = gather();
    fixture.time.run_for(19s);
    EXPECT_FALSE(*first);
    fixture.time.run_for(2s);
    ASSERT_TRUE(*first);
    auto const& snapshot = (*first)->value().snapshot;
    EXPECT_THAT(snapshot.facts.vms, SizeIs(1));
    EXPECT_FALSE(snapshot.cluster_error);
    EXPECT_THAT(snapshot.cluster_problem, HasSubstr("has not answered for 20 seconds"));
    EXPECT_THAT(snapshot.cluster_problem, HasSubstr("as of " + format_rfc3339(listed)));
    EXPECT_FALSE(snapshot.retention.existing) << "an earlier list is no reason to take a VM for deleted";
    auto const next = gather();
    EXPECT_TRUE(*next) << "it hangs: that is known";
    fixture.time.run_for(10min);
}

TEST_F(HangingCluster, WithoutAnyListTheErrorSaysSo) {
    hang();
    fixture.start();
    auto const asked = gather();
    fixture.time.run_for(21s);
    ASSERT_TRUE(*asked);
    auto const& error = (*asked)->value().snapshot.cluster_error;
    ASSERT_TRUE(error);
    EXPECT_EQ(error->code, Errc::timed_out);
    EXPECT_THAT(error->context, HasSubstr("have not been listed since the start"));
}

TEST_F(HangingCluster, ALateAnswerIsUsed) {
    fixture.start();
    ASSERT_TRUE(*gather());
    fixture.time.run_for(1h);
    hang();
    fixture.cluster.add_vm("B");
    auto const first = gather();
    fixture.time.run_for(21s);
    ASSERT_TRUE(*first);
    EXPECT_THAT((*first)->value().snapshot.facts.vms, SizeIs(1));
    fixture.cluster.unreachable.reset();
    fixture.time.run_for(129s);
    auto const requests = fixture.cluster.list_requests;
    auto const next = gather();
    ASSERT_TRUE(*next);
    EXPECT_THAT((*next)->value().snapshot.facts.vms, SizeIs(2));
    EXPECT_EQ((*next)->value().snapshot.cluster_problem, "");
    EXPECT_EQ(fixture.cluster.list_requests, requests);
}

TEST_F(HangingCluster, AFailureThatComesSoonIsAnErrorAsBefore) {
    fixture.start();
    ASSERT_TRUE(*gather());
    fixture.time.run_for(1h);
    fixture.cluster.unreachable = Error{Errc::unreachable, "no route to host"};
    auto const asked = gather();
    ASSERT_TRUE(*asked);
    ASSERT_TRUE((*asked)->value().snapshot.cluster_error);
    EXPECT_EQ((*asked)->value().snapshot.cluster_error->code, Errc::unreachable);
}

TEST_F(HangingCluster, AnOrderToPruneSaysThatEveryVmCountsAsExisting) {
    fixture.settings.policy.max_backups = 1;
    fixture.start();
    ASSERT_TRUE(*gather());
    fixture.time.run_for(1h);
    hang();
    auto const pruned = ask(fixture.scheduler->clean_up().prune(false));
    fixture.time.run_for(30s);
    ASSERT_TRUE(*pruned);
    ASSERT_TRUE(**pruned) << (*pruned)->error().context;
    EXPECT_THAT((*pruned)->value().problems, Contains(HasSubstr("every VM counts as existing")));
}

TEST_F(HangingCluster, WhatNeedsThePresentListGetsAnErrorInThatTime) {
    fixture.start();
    ASSERT_TRUE(*gather());
    fixture.time.run_for(1h);
    hang();
    auto const asked = ask(fixture.engine->list_vms_for_person(1s));
    fixture.time.run_for(21s);
    ASSERT_TRUE(*asked);
    EXPECT_TRUE((*asked)->vms);
    EXPECT_NE((*asked)->problem, "");
}
