#include "daemon/control/rights.hpp"
#include "control_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::test {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::Not;

class ControlServer : public ControlTest {};

TEST_F(ControlServer, AnswersACall) {
    start();
    auto client = connect();
    EXPECT_EQ(client.ask(ask_version), version_answer);
}

TEST_F(ControlServer, ListsTheMethodsThatHaveNoHandler) {
    start();
    auto const missing = server->methods_without_handler();
    EXPECT_THAT(missing, Contains("backups.list"));
    EXPECT_THAT(missing, Not(Contains("version")));
}

TEST_F(ControlServer, RefusesAMethodThatIsNotAnsweredYetAndAnswersItLater) {
    bool is_ready = false;
    control::ServerOptions options;
    options.ready = [&is_ready](std::string_view method) -> Result<void> {
        if (is_ready || method == "version") return boost::system::in_place_value;
        return Error{Errc::refused, "LocalPath is being read"};
    };
    start(std::move(options));
    auto client = connect();
    constexpr auto order =
        R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":{"vm":"FILE01","backup":"nightly"}})";
    EXPECT_THAT(client.ask(order), HasSubstr("LocalPath is being read"));
    EXPECT_EQ(client.ask(ask_version), version_answer);
    is_ready = true;
    EXPECT_THAT(client.ask(order), HasSubstr(R"("result")"));
}

TEST_F(ControlServer, AnswersPipelinedRequestsInOrder) {
    start();
    auto client = connect();
    std::string all;
    for (int id = 0; id < 50; ++id)
        all += R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"method":"version"})" + "\n";
    client.send_bytes(all);
    for (int id = 0; id < 50; ++id)
        EXPECT_EQ(client.line().value_or(""),
                  R"({"jsonrpc":"2.0","id":)" + std::to_string(id) + R"(,"result":{"version":"1.2.3","protocol":1}})");
}

TEST_F(ControlServer, ASlowHandlerDelaysItsOwnSessionOnly) {
    start();
    auto slow = connect();
    auto other = connect();
    slow.send(R"({"jsonrpc":"2.0","id":1,"method":"jobs.cancel","params":{"job":3}})");
    slow.send(R"({"jsonrpc":"2.0","id":2,"method":"version"})");
    EXPECT_EQ(other.ask(ask_version), version_answer);
    EXPECT_EQ(slow.line(), std::nullopt);
    open_gate();
    EXPECT_THAT(slow.line().value_or(""), HasSubstr(R"("id":1,"result":{"job":{"id":3)"));
    EXPECT_THAT(slow.line().value_or(""), HasSubstr(R"("id":2,"result":{"version")"));
}

TEST_F(ControlServer, ReturnsIdsUnchanged) {
    start();
    auto client = connect();
    for (std::string const id : {"0", "-5", "18446744073709551615", "\"a \\\"b\\\" \u00e4\"", "null", "1.5"})
        EXPECT_EQ(client.ask(R"({"jsonrpc":"2.0","id":)" + id + R"(,"method":"version"})"),
                  R"({"jsonrpc":"2.0","id":)" + id + R"(,"result":{"version":"1.2.3","protocol":1}})");
}

TEST_F(ControlServer, ACallWithoutIdIsMadeAndNotAnswered) {
    start();
    auto client = connect();
    client.send(R"({"jsonrpc":"2.0","method":"jobs.cancel","params":{"job":3}})");
    EXPECT_EQ(slow_calls, 1);
    open_gate();
    EXPECT_EQ(client.ask(ask_version), version_answer);
}

TEST_F(ControlServer, ABatchIsAnsweredAsOne) {
    start();
    auto client = connect();
    auto const answer =
        client.ask(R"([{"jsonrpc":"2.0","id":1,"method":"version"},{"jsonrpc":"2.0","method":"version"},5,)"
                   R"({"jsonrpc":"2.0","id":2,"method":"nothing"}])");
    auto const document = json::Document::parse(answer);
    ASSERT_TRUE(document) << answer;
    auto const root = document->root();
    ASSERT_EQ(root.size(), 3U) << answer;
    EXPECT_EQ(root.at(0)["result"]["version"].text(), "1.2.3");
    EXPECT_EQ(root.at(1)["error"]["code"].integer(), -32600);
    EXPECT_TRUE(root.at(1)["id"].is_null());
    EXPECT_EQ(root.at(2)["error"]["code"].integer(), -32601);
    EXPECT_EQ(root.at(2)["id"].integer(), 2);
}

TEST_F(ControlServer, ABatchOfNotificationsIsNotAnswered) {
    start();
    auto client = connect();
    client.send(R"([{"jsonrpc":"2.0","method":"version"},{"jsonrpc":"2.0","method":"version"}])");
    EXPECT_EQ(client.ask(ask_version), version_answer);
}

TEST_F(ControlServer, ErrorsHaveTheirNameAndTheirMessage) {
    start();
    auto client = connect();
    EXPECT_EQ(client.ask(R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":{"vm":"none","backup":"x"}})"),
              R"({"jsonrpc":"2.0","id":1,"error":{"code":-12,"message":"no VM 'none'","data":{"code":"not_found"}}})");
    EXPECT_EQ(client.ask(R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":{"vm":"none"}})"),
              R"({"jsonrpc":"2.0","id":1,"error":{"code":-32602,"message":"params.backup is missing",)"
              R"("data":{"code":"invalid_params"}}})");
}

TEST_F(ControlServer, AnExceptionOfAHandlerIsOnlyAnInternalError) {
    start();
    auto client = connect();
    EXPECT_EQ(
        client.error_code_of(R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":{"vm":"bug","backup":"x"}})"),
        -32603);
    EXPECT_EQ(client.ask(ask_version), version_answer);
}

TEST_F(ControlServer, AReaderMayNotChangeAnything) {
    control::ServerOptions options;
    control::AccessRules rules;
    rules.read_group = control::Group{1000, "viewers"};
    options.permit = [rules](ipc::Peer const& peer, bool changes) { return control::permit(peer, changes, rules); };
    start(std::move(options));
    auto reader = connect({1000, 1000, 1});
    auto root = connect({0, 0, 2});
    std::string const backup = R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":{"vm":"a","backup":"b"}})";
    EXPECT_EQ(reader.error_code_of(backup), rpc_code_of(Errc::not_permitted));
    EXPECT_EQ(reader.ask(ask_version), version_answer);
    EXPECT_EQ(root.error_code_of(backup), 0);
}

TEST_F(ControlServer, AUserWithoutAccessGetsOneAnswerAndIsDisconnected) {
    control::ServerOptions options;
    control::AccessRules rules;
    rules.read_group = control::Group{1000, "viewers"};
    options.permit = [rules](ipc::Peer const& peer, bool changes) { return control::permit(peer, changes, rules); };
    start(std::move(options));
    auto stranger = connect({1001, 1001, 1});
    EXPECT_EQ(stranger.error_code_of(R"({"jsonrpc":"2.0","id":1,"method":"jobs.subscribe","params":{"job":0}})"),
              rpc_code_of(Errc::not_permitted));
    EXPECT_FALSE(stranger.closed_by_server()) << "it still reads";
    EXPECT_EQ(server->session_count(), 0U) << "it has no session";
    rpc::JobChanged::Params change;
    change.job.id = 3;
    server->publish(change);
    stranger.send(ask_version);
    EXPECT_EQ(stranger.line(), std::nullopt);
    stranger.send_no_more();
    EXPECT_TRUE(stranger.closed_by_server());
}

TEST_F(ControlServer, AnswersWhatCameBeforeTheClientStoppedSending) {
    start();
    auto client = connect();
    client.send_bytes(ask_version);  // no newline
    client.send_no_more();
    EXPECT_EQ(client.line().value_or(""), version_answer);
    settle();
    EXPECT_TRUE(client.closed_by_server());
    EXPECT_EQ(server->session_count(), 0U);
}

TEST_F(ControlServer, ServesManyClientsAtTheSameTime) {
    start();
    std::vector<Client> clients;
    for (int i = 0; i < 64; ++i) clients.push_back(connect());
    for (auto& client : clients) client.send(ask_version);
    for (auto& client : clients) EXPECT_EQ(client.line().value_or(""), version_answer);
    EXPECT_EQ(server->session_count(), 64U);
}

TEST_F(ControlServer, ClosesTheIdlestClientForANewOne) {
    control::ServerOptions options;
    options.max_sessions = 2;
    start(std::move(options));
    auto first = connect();
    auto second = connect();
    settle();
    EXPECT_EQ(second.ask(ask_version), version_answer);
    EXPECT_EQ(first.ask(ask_version), version_answer);
    auto third = connect();
    EXPECT_EQ(third.ask(ask_version), version_answer);
    EXPECT_TRUE(second.closed_by_server());
    EXPECT_FALSE(first.closed_by_server());
    EXPECT_EQ(server->session_count(), 2U);
}

TEST_F(ControlServer, RefusesANewClientWhenAllOthersAreBusy) {
    control::ServerOptions options;
    options.max_sessions = 2;
    options.farewell = 1ms;
    start(std::move(options));
    auto working = connect();
    auto listening = connect();
    working.send(R"({"jsonrpc":"2.0","id":1,"method":"jobs.cancel","params":{"job":3}})");
    listening.ask(R"({"jsonrpc":"2.0","id":1,"method":"jobs.subscribe","params":{"job":0}})");
    auto third = connect();
    EXPECT_THAT(third.line().value_or(""), HasSubstr("2 clients are busy"));
    EXPECT_TRUE(until([&] { return third.closed_by_server(); }));
    EXPECT_FALSE(listening.closed_by_server());
    open_gate();
    EXPECT_THAT(working.line().value_or(""), HasSubstr("cancelled"));
}

TEST_F(ControlServer, ClientsThatHaveGoneBeforeTheirAnswerKeepNoConnectionFromOthers) {
    control::ServerOptions options;
    options.max_sessions = 2;
    options.max_calls = 5;
    start(std::move(options));
    std::string const wait = R"({"jsonrpc":"2.0","id":1,"method":"jobs.cancel","params":{"job":3}})";
    for (int i = 0; i < 4; ++i) {
        auto client = connect();
        client.send(wait);
        client.vanish();
    }
    EXPECT_EQ(slow_calls, 4) << "each was served, and none has its answer";
    auto next = connect();
    EXPECT_EQ(next.ask(ask_version), version_answer);
    next.send(wait);
    next.vanish();
    auto refused = connect();
    EXPECT_THAT(refused.line().value_or(""), HasSubstr("clients are busy"))
        << "their calls do not grow without a limit";
    open_gate();
    auto last = connect();
    EXPECT_EQ(last.ask(ask_version), version_answer);
}

TEST_F(ControlServer, StopEndsSessionsAndWaitingHandlers) {
    start();
    auto idle = connect();
    auto working = connect();
    working.send(R"({"jsonrpc":"2.0","id":1,"method":"jobs.cancel","params":{"job":3}})");
    EXPECT_EQ(slow_calls, 1);
    server->stop();
    settle();
    EXPECT_TRUE(idle.closed_by_server());
    EXPECT_TRUE(working.closed_by_server());
}

}  // namespace
}  // namespace sb::test
