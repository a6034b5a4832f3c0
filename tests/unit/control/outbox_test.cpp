#include "daemon/control/outbox.hpp"

#include <gtest/gtest.h>

namespace sb::control {
namespace {

Text text(std::string words) { return std::make_shared<std::string const>(std::move(words)); }

std::string next(Outbox& outbox) {
    auto const taken = outbox.take_next();
    return taken ? *taken : "nothing";
}

TEST(Outbox, KeepsOnlyTheNewestStateOfAJob) {
    Outbox outbox{10};
    ASSERT_TRUE(outbox.subscribe(0));
    outbox.release();
    for (int percent = 0; percent < 100; ++percent) outbox.notify(7, text("running " + std::to_string(percent)));
    outbox.notify(7, text("succeeded"));
    EXPECT_EQ(next(outbox), "succeeded");
    EXPECT_EQ(next(outbox), "nothing");
}

TEST(Outbox, ABusyJobDoesNotKeepAnotherWaiting) {
    Outbox outbox{10};
    ASSERT_TRUE(outbox.subscribe(0));
    outbox.release();
    outbox.notify(1, text("one"));
    outbox.notify(2, text("two"));
    outbox.notify(1, text("one again"));
    EXPECT_EQ(next(outbox), "one again");
    outbox.notify(1, text("one once more"));
    EXPECT_EQ(next(outbox), "two");
    EXPECT_EQ(next(outbox), "one once more");
}

TEST(Outbox, HoldsChangesBackUntilTheAnswerIsIn) {
    Outbox outbox{10};
    ASSERT_TRUE(outbox.subscribe(3));
    outbox.notify(3, text("changed"));
    EXPECT_EQ(next(outbox), "nothing");
    outbox.respond("snapshot");
    outbox.release();
    EXPECT_EQ(next(outbox), "snapshot");
    EXPECT_EQ(next(outbox), "changed");
}

TEST(Outbox, ARefusedSubscriptionLeavesTheOthersAlone) {
    Outbox outbox{10};
    ASSERT_TRUE(outbox.subscribe(1));
    outbox.release();
    ASSERT_TRUE(outbox.subscribe(2));
    outbox.notify(1, text("one"));
    outbox.notify(2, text("two"));
    outbox.unsubscribe_last();
    outbox.release();
    EXPECT_EQ(next(outbox), "one");
    EXPECT_EQ(next(outbox), "nothing");
    EXPECT_FALSE(outbox.wants(2));
}

TEST(Outbox, ReportsWhenTooManyJobsWait) {
    Outbox outbox{2};
    ASSERT_TRUE(outbox.subscribe(0));
    EXPECT_TRUE(outbox.notify(1, text("a")));
    EXPECT_TRUE(outbox.notify(2, text("b")));
    EXPECT_TRUE(outbox.notify(2, text("c")));
    EXPECT_FALSE(outbox.notify(3, text("d")));
}

TEST(Outbox, SingleSubscriptionsAreBounded) {
    Outbox outbox{10};
    JobId id = 1;
    while (id < 100'000 && outbox.subscribe(id)) ++id;
    EXPECT_EQ(id, 1025U);
    EXPECT_TRUE(outbox.subscribe(5));
    EXPECT_TRUE(outbox.subscribe(0));
}

}  // namespace
}  // namespace sb::control
