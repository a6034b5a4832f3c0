#include "control_fixture.hpp"

#include "common/rpc/message.hpp"

#include <gmock/gmock.h>

namespace sb::test {
namespace {

using testing::HasSubstr;

class JobSubscription : public ControlTest {
protected:
    static std::string subscribe(JobId id) {
        return R"({"jsonrpc":"2.0","id":1,"method":"jobs.subscribe","params":{"job":)" + std::to_string(id) + "}}";
    }
    /// The job in the next line, which must be a notification.
    static rpc::JobInfo next_change(Client& client) {
        auto const line = client.line().value_or("no line");
        auto const parsed = rpc::parse_server_line(line);
        auto const* changed = parsed ? std::get_if<rpc::Notification>(&parsed->message) : nullptr;
        if (!changed || changed->method != "job.changed") {
            ADD_FAILURE() << "no job.changed: " << line;
            return {};
        }
        auto const change = rpc::decode_reply<rpc::JobChanged::Params>(changed->params);
        if (!change) ADD_FAILURE() << change.error().context;
        return change ? change->job : rpc::JobInfo{};
    }
};

TEST_F(JobSubscription, NotifiesTheSubscriberAndNoOtherClient) {
    start();
    auto subscriber = connect();
    auto other = connect();
    EXPECT_THAT(subscriber.ask(subscribe(0)), HasSubstr(R"("result":{"jobs":[]})"));
    settle();
    change(job(1, "running", 40));
    EXPECT_EQ(next_change(subscriber).percent, 40);
    EXPECT_EQ(other.line(), std::nullopt);
    EXPECT_EQ(other.ask(ask_version), version_answer);
}

TEST_F(JobSubscription, ToOneJobReportsThatJobOnly) {
    start();
    auto client = connect();
    client.ask(subscribe(2));
    change(job(1, "running", 40));
    change(job(2, "running", 50));
    EXPECT_EQ(next_change(client).id, 2U);
    EXPECT_EQ(client.line(), std::nullopt);
}

TEST_F(JobSubscription, ToARefusedJobReportsNothing) {
    start();
    auto client = connect();
    EXPECT_EQ(client.error_code_of(subscribe(999)), rpc_code_of(Errc::not_found));
    change(job(999, "running"));
    EXPECT_EQ(client.line(), std::nullopt);
}

TEST_F(JobSubscription, NothingIsLostAroundTheSnapshot) {
    start();
    change(job(1, "running", 10));
    in_handler = [&] { change(job(1, "running", 20)); };
    after_snapshot = [&] { change(job(1, "succeeded", 100)); };
    auto client = connect();
    // The snapshot goes first, and what changed since follows it.
    auto const answer = client.ask(subscribe(1));
    EXPECT_THAT(answer, HasSubstr(R"("id":1,"result":{"jobs":[{"id":1)"));
    EXPECT_THAT(answer, HasSubstr(R"("percent":20)"));
    EXPECT_EQ(next_change(client).state, "succeeded");
    EXPECT_EQ(client.line(), std::nullopt);
}

TEST_F(JobSubscription, ASlowReaderGetsTheNewestStateAndAlwaysTheLast) {
    start();
    auto slow = connect();
    auto quick = connect();
    slow.ask(subscribe(0));
    quick.ask(subscribe(0));
    slow.set_capacity(20);
    for (int percent = 0; percent <= 99; ++percent) {
        for (JobId id = 1; id <= 3; ++id) change(job(id, "running", percent));
        for (JobId id = 1; id <= 3; ++id) EXPECT_EQ(next_change(quick).percent, percent);
    }
    for (JobId id = 1; id <= 3; ++id) change(job(id, "succeeded", 100));
    slow.set_capacity(1'000'000);
    std::map<JobId, std::string> last;
    int lines = 0;
    slow.send("");  // runs the loop
    while (auto const line = slow.line()) {
        auto const parsed = rpc::parse_server_line(*line);
        ASSERT_TRUE(parsed) << *line;
        auto const changed =
            rpc::decode_reply<rpc::JobChanged::Params>(std::get<rpc::Notification>(parsed->message).params);
        ASSERT_TRUE(changed);
        last[changed->job.id] = changed->job.state;
        ++lines;
    }
    EXPECT_EQ(last, (std::map<JobId, std::string>{{1, "succeeded"}, {2, "succeeded"}, {3, "succeeded"}}));
    EXPECT_LE(lines, 4);  // one that was already being sent, and one for each job
}

TEST_F(JobSubscription, ASilentReaderIsDisconnectedAndDelaysNoOtherClient) {
    control::ServerOptions options;
    options.write_patience = 5ms;
    start(std::move(options));
    auto silent = connect();
    auto quick = connect();
    silent.ask(subscribe(0));
    quick.ask(subscribe(0));
    silent.set_capacity(20);
    change(job(1, "running", 1));
    EXPECT_EQ(next_change(quick).percent, 1);
    EXPECT_TRUE(until([&] { return silent.closed_by_server(); }));
    change(job(1, "running", 2));
    EXPECT_EQ(next_change(quick).percent, 2);
}

TEST_F(JobSubscription, TooManyWaitingJobsEndTheSession) {
    control::ServerOptions options;
    options.max_waiting_jobs = 10;
    start(std::move(options));
    auto client = connect();
    client.ask(subscribe(0));
    client.set_capacity(1);
    for (JobId id = 1; id <= 50; ++id) change(job(id, "running"));
    EXPECT_TRUE(client.closed_by_server());
}

TEST_F(JobSubscription, ContinuesWhileTheSameClientAsks) {
    start();
    auto client = connect();
    client.ask(subscribe(0));
    client.send(R"({"jsonrpc":"2.0","id":2,"method":"jobs.cancel","params":{"job":3}})");
    change(job(1, "running", 5));
    EXPECT_EQ(next_change(client).percent, 5);
    open_gate();
    EXPECT_THAT(client.line().value_or(""), HasSubstr(R"("id":2,"result")"));
}

TEST_F(JobSubscription, PublishingWithoutSubscribersDoesNothing) {
    start();
    auto client = connect();
    client.ask(subscribe(0));
    client.vanish();
    change(job(1, "running", 5));
    settle();
    EXPECT_EQ(server->session_count(), 0U);
}

}  // namespace
}  // namespace sb::test
