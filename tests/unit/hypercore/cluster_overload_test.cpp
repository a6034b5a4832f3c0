// A cluster that has too much to do: what is repeated, how often, and what is never repeated.
#include "cluster_client_fixture.hpp"

namespace sb::hypercore::test {
namespace {

using ::testing::HasSubstr;
using ClusterOverload = ClusterClientTest;

net::ExchangeResult too_many(unsigned status = 400) {
    return answer(status, R"({"error":"Too many requests, please try again later"})");
}

TEST_F(ClusterOverload, AReadingCallIsRepeated) {
    script.answers = {too_many(400), too_many(429), too_many(503), answer(200, "[]")};
    EXPECT_TRUE(run(client->list_vms()).has_value());
    EXPECT_EQ(script.requests.size(), 4u);
    EXPECT_EQ(waited, Milliseconds{500 + 1000 + 2000});
}

TEST_F(ClusterOverload, AReadingCallEndsAsUnavailable) {
    for (int i = 0; i < 10; ++i) script.answers.push_back(too_many());
    EXPECT_EQ(run(client->get_task(TaskTag("5"))).error().code, Errc::unavailable);
    EXPECT_EQ(script.requests.size(), 4u);
}

TEST_F(ClusterOverload, AChangingCallThatWasRefusedIsSentAgainUnchanged) {
    script.answers = {too_many(400), too_many(429), answer(200, R"({"taskTag":"17"})")};
    auto const taken = run(client->start_export(export_order));
    ASSERT_TRUE(taken.has_value()) << taken.error().context;
    EXPECT_EQ(taken->tag.text(), "17");
    ASSERT_EQ(script.requests.size(), 3u);
    EXPECT_EQ(script.requests[0].target, script.requests[2].target);
    EXPECT_EQ(script.requests[0].body.reveal(), script.requests[2].body.reveal());
    EXPECT_EQ(waited, Milliseconds{500 + 1000});
}

TEST_F(ClusterOverload, AChangingCallIsNotRepeatedForeverAndSurelyWasNotExecuted) {
    for (int i = 0; i < 100; ++i) script.answers.push_back(too_many(429));
    auto const taken = run(client->start_export(export_order));
    ASSERT_FALSE(taken.has_value());
    EXPECT_EQ(taken.error().code, Errc::unavailable) << "not a lost answer: the job fails and is tried again later";
    EXPECT_THAT(taken.error().context, HasSubstr("it answered 429: Too many requests"));
    EXPECT_THAT(taken.error().context, HasSubstr("not executed, the last of 9 attempts"));
    EXPECT_EQ(script.requests.size(), 9u);
    EXPECT_EQ(waited, Milliseconds{500 + 1000 + 2000 + 4000 + 8000 + 16'000 + 30'000 + 30'000});
}

TEST_F(ClusterOverload, SlowRefusalsCountTowardsTheBound) {
    script.takes = std::chrono::seconds{50};
    for (int i = 0; i < 100; ++i) script.answers.push_back(too_many());
    EXPECT_EQ(run(client->start_export(export_order)).error().code, Errc::unavailable);
    EXPECT_EQ(script.requests.size(), 3u);
}

TEST_F(ClusterOverload, AnOutcomeThatIsUnknownEndsTheRepetition) {
    for (auto const& lost :
         {answer(503, "Service temporarily unavailable"), failure(net::Sent::maybe, Errc::timed_out)}) {
        script.requests.clear();
        script.answers = {too_many(), lost, answer(200, R"({"taskTag":"17"})")};
        EXPECT_EQ(run(client->start_export(export_order)).error().code, Errc::outcome_unknown);
        EXPECT_EQ(script.requests.size(), 2u);
    }
}

TEST_F(ClusterOverload, ABusyGatewayMayHaveExecutedAChangingCall) {
    script.answers = {too_many(503), answer(200, R"({"taskTag":"17"})")};
    EXPECT_EQ(run(client->start_import(ports::ImportOrder{"night 1", "FILE.xml", "copy"})).error().code,
              Errc::outcome_unknown);
    EXPECT_EQ(script.requests.size(), 1u);
}

TEST_F(ClusterOverload, AnotherRefusalEndsTheRepetition) {
    script.answers = {too_many(), answer(400, R"({"error":"no such VM"})"), answer(200, R"({"taskTag":"17"})")};
    auto const taken = run(client->start_export(export_order));
    EXPECT_EQ(taken.error().code, Errc::rejected);
    EXPECT_THAT(taken.error().context, HasSubstr("no such VM"));
    EXPECT_EQ(script.requests.size(), 2u);
}

TEST_F(ClusterOverload, RefusalsLeaveTheAttemptsOfACallThatCouldNotBeSent) {
    for (int i = 0; i < 5; ++i) script.answers.push_back(too_many());
    for (int i = 0; i < 3; ++i) script.answers.push_back(failure(net::Sent::no, Errc::unreachable));
    script.answers.push_back(answer(200, R"({"taskTag":"17"})"));
    EXPECT_TRUE(run(client->start_export(export_order)).has_value());
    EXPECT_EQ(script.requests.size(), 9u);
}

}  // namespace
}  // namespace sb::hypercore::test
