#include "control_fixture.hpp"

#include <gmock/gmock.h>
#include <spdlog/spdlog.h>

#include <random>

namespace sb::test {
namespace {

using testing::HasSubstr;

class HostileClient : public ControlTest {};

TEST_F(HostileClient, GetsTheStandardCodes) {
    start();
    auto client = connect();
    EXPECT_EQ(client.error_code_of("hello"), -32700);
    EXPECT_EQ(client.error_code_of("{"), -32700);
    EXPECT_EQ(client.error_code_of("{} {}"), -32700);
    EXPECT_EQ(client.error_code_of("{}"), -32600);
    EXPECT_EQ(client.error_code_of("[]"), -32600);
    EXPECT_EQ(client.error_code_of("42"), -32600);
    EXPECT_EQ(client.error_code_of(R"({"jsonrpc":"1.0","id":1,"method":"version"})"), -32600);
    EXPECT_EQ(client.error_code_of(R"({"jsonrpc":"2.0","id":1,"method":7})"), -32600);
    EXPECT_EQ(client.error_code_of(R"({"jsonrpc":"2.0","id":{},"method":"version"})"), -32600);
    EXPECT_EQ(client.error_code_of(R"({"jsonrpc":"2.0","id":1})"), -32600);
    EXPECT_EQ(client.error_code_of(R"({"jsonrpc":"2.0","id":1,"method":"no.such"})"), -32601);
    EXPECT_EQ(client.error_code_of(R"({"jsonrpc":"2.0","id":1,"method":"backup.start"})"), -32602);
    EXPECT_EQ(client.error_code_of(R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":["a","b"]})"), -32602);
    EXPECT_EQ(
        client.error_code_of(R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":{"vm":1,"backup":"b"}})"),
        -32602);
    EXPECT_EQ(client.error_code_of(R"({"jsonrpc":"2.0","id":1,"method":"jobs.cancel","params":{"job":-1}})"), -32602);
    EXPECT_EQ(client.ask(ask_version), version_answer);
}

TEST_F(HostileClient, InvalidUtf8IsAParseErrorAndTheSessionContinues) {
    start();
    auto client = connect();
    EXPECT_EQ(client.error_code_of("{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\xfe\"}"), -32700);
    EXPECT_EQ(client.error_code_of(std::string("{\"jsonrpc\":\"2.0\",\0\"id\":1}", 26)), -32700);
    EXPECT_EQ(client.ask(ask_version), version_answer);
}

TEST_F(HostileClient, DeepNestingIsAParseError) {
    start();
    auto client = connect();
    EXPECT_EQ(client.error_code_of(std::string(30'000, '[') + std::string(30'000, ']')), -32700);
    EXPECT_EQ(client.error_code_of(std::string(60'000, '[')), -32700);
    EXPECT_EQ(client.ask(ask_version), version_answer);
}

TEST_F(HostileClient, ABatchThatIsTooLongIsRefused) {
    start();
    auto client = connect();
    std::string batch = "[" + ask_version;
    for (int i = 0; i < 32; ++i) batch += "," + ask_version;
    EXPECT_EQ(client.error_code_of(batch + "]"), -32600);
}

/// Any user with read access could make the daemon hold dozens of complete histories in memory.
TEST_F(HostileClient, ABatchWhoseAnswersGrowTooLargeIsCutShort) {
    start();
    int calls = 0;
    server->on<rpc::Reload>([&calls](rpc::Reload::Params, control::Caller) -> task<Result<rpc::Reload::Reply>> {
        ++calls;
        rpc::Reload::Reply reply;
        reply.changed = {std::string(1024UL * 1024, 'x')};
        co_return reply;
    });
    auto client = connect();
    client.set_capacity(64UL * 1024 * 1024);
    std::string const reload = R"({"jsonrpc":"2.0","id":7,"method":"daemon.reload"})";
    std::string batch = "[" + reload;
    for (int i = 1; i < 32; ++i) batch += "," + reload;
    auto const answer = json::Document::parse(client.ask(batch + "]"));
    ASSERT_TRUE(answer);
    EXPECT_EQ(calls, 4);
    ASSERT_EQ(answer->root().size(), 32U) << "each call is answered";
    EXPECT_TRUE(answer->root().at(3)["result"].exists());
    for (std::size_t i = 4; i < 32; ++i) {
        EXPECT_EQ(answer->root().at(i)["id"].integer(), 7);
        EXPECT_EQ(answer->root().at(i)["error"]["data"]["code"].text(), "refused") << answer->root().at(i).dump();
    }
    EXPECT_THAT(std::string(answer->root().at(4)["error"]["message"].text()), HasSubstr("one by one"));
    EXPECT_EQ(client.ask(ask_version), version_answer);
}

task<Result<rpc::Reload::Reply>> keep(std::optional<control::Caller>& kept, control::Caller caller) {
    kept = std::move(caller);
    co_return rpc::Reload::Reply();
}

TEST_F(HostileClient, WhatAHandlerKeepsOfItsCallerMayOutliveTheSession) {
    start();
    std::optional<control::Caller> kept;
    server->on<rpc::Reload>([&kept](rpc::Reload::Params, control::Caller caller) { return keep(kept, caller); });
    auto client = connect();
    client.ask(R"({"jsonrpc":"2.0","id":7,"method":"daemon.reload"})");
    ASSERT_TRUE(kept);
    EXPECT_FALSE(kept->is_gone());
    client.vanish();
    EXPECT_EQ(server->session_count(), 0U);
    EXPECT_TRUE(kept->is_gone());
    EXPECT_EQ(kept->take_file(), nullptr);
    EXPECT_TRUE(kept->departure->has_happened());
}

TEST_F(HostileClient, ALineOfExactlyTheLimitIsAccepted) {
    start();
    auto client = connect();
    auto const padded = ask_version + std::string(rpc::max_request_line - ask_version.size(), ' ');
    EXPECT_EQ(client.ask(padded), version_answer);
}

TEST_F(HostileClient, AnOversizedLineIsRefusedThenTheSessionEnds) {
    start();
    auto client = connect();
    client.send_bytes(ask_version + "\n" + std::string(rpc::max_request_line + 1, 'x'));
    EXPECT_EQ(client.line().value_or(""), version_answer);
    EXPECT_THAT(client.line().value_or(""), HasSubstr(R"("id":null,"error":{"code":-32600)"));
    client.send_bytes(std::string(500'000, 'x'));  // still writing: not disconnected, and not stored either
    EXPECT_FALSE(client.closed_by_server());
    client.send_no_more();
    EXPECT_TRUE(client.closed_by_server());
}

TEST_F(HostileClient, AClientThatNeverStopsSendingIsDisconnected) {
    control::ServerOptions options;
    options.farewell = 5ms;
    start(std::move(options));
    auto client = connect();
    client.send_bytes(std::string(rpc::max_request_line + 1, 'x'));
    EXPECT_TRUE(until([&] { return client.closed_by_server(); }));
}

TEST_F(HostileClient, HalfAMessageDelaysNoOtherClient) {
    start();
    auto half = connect();
    half.send_bytes(R"({"jsonrpc":"2.0","id":1,"meth)");
    auto other = connect();
    EXPECT_EQ(other.ask(ask_version), version_answer);
    EXPECT_EQ(half.line(), std::nullopt);
    half.send_bytes("od\":\"version\"}\n");
    EXPECT_EQ(half.line().value_or(""), version_answer);
}

TEST_F(HostileClient, BytesOneByOneMakeAMessage) {
    start();
    auto client = connect();
    for (char const c : ask_version + "\r\n") client.send_bytes(std::string(1, c));
    EXPECT_EQ(client.line().value_or(""), version_answer);
}

TEST_F(HostileClient, EmptyLinesAreIgnored) {
    start();
    auto client = connect();
    client.send_bytes("\n\r\n  \n" + ask_version + "\n");
    EXPECT_EQ(client.line().value_or(""), version_answer);
}

TEST_F(HostileClient, AClientThatSendsWithoutReadingIsNotReadFurther) {
    start();
    auto client = connect();
    client.set_capacity(1000);
    std::string flood;
    for (int i = 0; i < 5000; ++i) flood += ask_version + "\n";
    client.send_bytes(flood);
    EXPECT_LE(client.unread(), 1000U);
    auto other = connect();
    EXPECT_EQ(other.ask(ask_version), version_answer);
    int answers = 0;
    while (client.line()) ++answers;
    EXPECT_EQ(answers, 5000);
}

TEST_F(HostileClient, AClientThatDoesNotReadItsAnswerIsDisconnected) {
    control::ServerOptions options;
    options.write_patience = 5ms;
    start(std::move(options));
    auto client = connect();
    client.set_capacity(10);
    client.send(ask_version);
    EXPECT_TRUE(until([&] { return client.closed_by_server(); }));
    settle();
    EXPECT_EQ(server->session_count(), 0U);
}

TEST_F(HostileClient, VanishingInTheMiddleOfAnythingEndsItsSessionOnly) {
    start();
    auto other = connect();
    auto asking = connect();
    asking.send(R"({"jsonrpc":"2.0","id":1,"method":"jobs.cancel","params":{"job":3}})");
    asking.vanish();
    auto half = connect();
    half.send_bytes(R"({"json)");
    half.vanish();
    auto silent = connect();
    silent.vanish();
    open_gate();
    EXPECT_EQ(other.ask(ask_version), version_answer);
    EXPECT_EQ(server->session_count(), 1U);
}

// Mutations of good lines, from a fixed seed: each line gets one answer that is a JSON-RPC error or result.
TEST_F(HostileClient, EveryDamagedLineGetsAnAnswer) {
    start();
    auto const level = spdlog::get_level();
    spdlog::set_level(spdlog::level::err);  // one line per round would only clutter the output
    auto client = connect();
    std::mt19937 random{20261123};
    auto const seed_line =
        std::string(R"([{"jsonrpc":"2.0","id":"x","method":"jobs.subscribe","params":{"job":12}},)") +
        R"({"jsonrpc":"2.0","id":2,"method":"backup.start","params":{"vm":"a","backup":"b"}}])";
    for (int round = 0; round < 2000; ++round) {
        auto line = seed_line;
        for (int i = 0; i < 1 + round % 4; ++i) line[random() % line.size()] = static_cast<char>(random() % 256);
        std::erase(line, '\n');
        client.send(line);
        while (auto const answer = client.line()) {
            auto const document = json::Document::parse(*answer);
            ASSERT_TRUE(document) << *answer;
            auto const first = document->root().is_array() ? document->root().at(0) : document->root();
            EXPECT_EQ(first["jsonrpc"].text(), "2.0");
            EXPECT_NE(first["result"].exists(), first["error"].exists()) << *answer;
        }
    }
    EXPECT_EQ(client.ask(ask_version), version_answer);
    spdlog::set_level(level);
}

}  // namespace
}  // namespace sb::test
