#include "daemon/notify/mail_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::notify {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

SteadyTime const start{hours(1000)};
ports::Message about(std::string subject, std::string cause = "") {
    return {std::move(subject), "b", std::move(cause)};
}

TEST(MailQueue, OneMailForOneCauseUntilItEndsOrADayHasPassed) {
    MailQueue queue;
    EXPECT_TRUE(queue.post(about("1", "c"), start).queued);
    EXPECT_FALSE(queue.post(about("2", "c"), start + hours(1)).queued);
    EXPECT_TRUE(queue.post(about("3", "other"), start + hours(1)).queued);
    queue.resolve("c");
    EXPECT_TRUE(queue.post(about("4", "c"), start + hours(2)).queued);
    EXPECT_FALSE(queue.post(about("5", "c"), start + hours(24)).queued);
    EXPECT_TRUE(queue.post(about("6", "c"), start + hours(26)).queued);
    EXPECT_TRUE(queue.post(about("7"), start).queued);
    EXPECT_TRUE(queue.post(about("8"), start).queued) << "without a cause always";
}

TEST(MailQueue, WhatIsFoundEveryNightIsReportedEveryNight) {
    MailQueue queue;
    for (int night = 0; night < 10; ++night) {
        auto const jitter = minutes(night % 2 == 0 ? 20 : 0);
        EXPECT_TRUE(queue.post(about("s", "c"), start + hours(24 * night) + jitter).queued) << night;
    }
}

TEST(MailQueue, RetriesForADayWithGrowingPauses) {
    MailQueue queue;
    queue.post(about("s", "c"), start);
    std::vector<Milliseconds> waits;
    for (;;) {
        auto const now = queue.next_attempt().value();
        queue.take();
        auto const failed = queue.failed(now);
        if (failed.given_up) break;
        waits.push_back(failed.wait);
        ASSERT_EQ(queue.next_attempt(), now + failed.wait);
        ASSERT_LT(waits.size(), 100u);
    }
    ASSERT_GT(waits.size(), 20u);
    EXPECT_THAT(std::vector(waits.begin(), waits.begin() + 8),
                testing::ElementsAre(minutes(1), minutes(2), minutes(4), minutes(8), minutes(16), minutes(32), hours(1),
                                     hours(1)));
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.lost(), 1u);
    EXPECT_TRUE(queue.post(about("s", "c"), start + hours(25)).queued) << "nobody was told";
}

TEST(MailQueue, ARejectedMailDoesNotHoldUpOthers) {
    MailQueue queue;
    queue.post(about("poison"), start);
    queue.post(about("good"), start);
    EXPECT_EQ(queue.take().subject, "poison");
    queue.failed(start);
    EXPECT_EQ(queue.next_attempt(), start + minutes(1)) << "the server is not asked at once for the next one";
    EXPECT_EQ(queue.take().subject, "good");
    queue.sent();
    EXPECT_EQ(queue.next_attempt(), start) << "a server that takes mail is tried without waiting";
    EXPECT_EQ(queue.take().subject, "poison");
    EXPECT_EQ(queue.failed(start + minutes(1)).wait, minutes(1)) << "and the waits begin anew";
}

TEST(MailQueue, IsBoundedAndReportsWhatItDropped) {
    MailQueue queue;
    for (std::size_t i = 0; i < MailQueue::max_waiting; ++i) {
        EXPECT_FALSE(queue.post(about(std::to_string(i), "c" + std::to_string(i)), start).lost);
    }
    auto const posted = queue.post(about("new"), start);
    EXPECT_TRUE(posted.queued);
    EXPECT_EQ(posted.lost, "0");
    EXPECT_EQ(queue.size(), MailQueue::max_waiting);
    EXPECT_EQ(queue.lost(), 1u);
    EXPECT_TRUE(queue.post(about("0 again", "c0"), start).queued) << "nobody was told of the dropped one";
    queue.take();
    queue.sent();
    EXPECT_EQ(queue.lost(), 0u);
}

TEST(MailQueue, RemembersABoundedNumberOfCauses) {
    MailQueue queue;
    for (std::size_t i = 0; i <= MailQueue::max_causes; ++i) {
        queue.post(about("s", std::to_string(i)), start + Milliseconds(i));
        queue.clear();
    }
    EXPECT_FALSE(queue.post(about("s", "5000"), start + minutes(1)).queued);
    EXPECT_TRUE(queue.post(about("s", "0"), start + minutes(1)).queued);
}

TEST(MailQueue, NewSettingsAreTriedImmediately) {
    MailQueue queue;
    queue.post(about("s"), start);
    queue.take();
    queue.failed(start);
    queue.try_again_now();
    EXPECT_EQ(queue.next_attempt(), start);
}

}  // namespace
}  // namespace sb::notify
