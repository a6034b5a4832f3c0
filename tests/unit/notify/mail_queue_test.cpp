#include "daemon/notify/mail_queue.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::notify {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

SteadyTime const start{hours(1000)};
ports::QueuedMail about(std::string subject, std::string cause = "") {
    ports::Message message{subject, "b", std::move(cause)};
    return ports::QueuedMail{std::move(message), "unique." + subject, UtcTime{}};
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
    EXPECT_EQ(queue.take().message.subject, "poison");
    queue.failed(start);
    EXPECT_EQ(queue.next_attempt(), start + minutes(1)) << "the server is not asked at once for the next one";
    EXPECT_EQ(queue.take().message.subject, "good");
    queue.sent();
    EXPECT_EQ(queue.next_attempt(), start) << "a server that takes mail is tried without waiting";
    EXPECT_EQ(queue.take().message.subject, "poison");
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
    queue.settings_changed(start);
    EXPECT_EQ(queue.next_attempt(), start);
}

TEST(MailQueue, ARecipientThatIsRefusedForNowWaitsAlone) {
    MailQueue queue;
    queue.post(about("grey", "c"), start);
    queue.take();
    auto const later = queue.sent_except({"b@x"}, start);
    EXPECT_FALSE(later.given_up);
    EXPECT_EQ(later.wait, minutes(1));
    EXPECT_EQ(queue.next_attempt(), start + minutes(1));
    queue.post(about("other"), start + Milliseconds(1));
    EXPECT_EQ(queue.next_attempt(), start + Milliseconds(1)) << "the server works";
    EXPECT_EQ(queue.take().message.subject, "other");
    queue.sent();
    EXPECT_EQ(queue.next_attempt(), start + minutes(1));
    auto const again = queue.take();
    EXPECT_THAT(again.recipients, testing::ElementsAre("b@x"));
    EXPECT_EQ(again.unique, "unique.grey") << "one Message-ID in all attempts";
    EXPECT_EQ(queue.sent_except({"b@x"}, start + minutes(1)).wait, minutes(2)) << "its pauses grow";
    queue.take();
    EXPECT_TRUE(queue.sent_except({"b@x"}, start + hours(24)).given_up);
    EXPECT_TRUE(queue.empty());
    EXPECT_EQ(queue.lost(), 0u) << "others have it";
}

TEST(MailQueue, WhatWaitedBeforeARestartIsTriedAtLeastOnce) {
    MailQueue queue;
    queue.restore(about("old", "c"), hours(1000), start);
    queue.restore(about("from the future"), -hours(5), start);
    EXPECT_EQ(queue.next_attempt(), start);
    EXPECT_EQ(queue.take().message.subject, "old");
    EXPECT_EQ(queue.contents().size(), 2u) << "a crash does not lose the one that is being tried";
    EXPECT_TRUE(queue.failed(start).given_up);
    EXPECT_EQ(queue.take().message.subject, "from the future");
    EXPECT_FALSE(queue.failed(start + minutes(1)).given_up);
}

TEST(MailQueue, ACauseThatWaitedBeforeARestartIsNotReportedTwice) {
    MailQueue queue;
    queue.restore(about("1", "c"), hours(1), start);
    EXPECT_FALSE(queue.post(about("2", "c"), start).queued);
    EXPECT_TRUE(queue.post(about("3", "d"), start).queued);
    queue.restore(about("4", "d"), hours(1), start);
    EXPECT_EQ(queue.size(), 2u);
}

TEST(MailQueue, ARestoredQueueIsBounded) {
    MailQueue queue;
    for (int i = 0; i < 1000; ++i) queue.restore(about("s"), hours(1), start);
    EXPECT_EQ(queue.size(), MailQueue::max_waiting);
}

}  // namespace
}  // namespace sb::notify
