// Users who crowd the endpoint: they pay for it, and no other user does.
#include "control_fixture.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>
#include <vector>

namespace sb::test {
namespace {

using testing::HasSubstr;

std::string const cancel_job = R"({"jsonrpc":"2.0","id":1,"method":"jobs.cancel","params":{"job":3}})";
std::string const list_jobs = R"({"jsonrpc":"2.0","id":1,"method":"jobs.list"})";

/// Everything that is logged while it lives.
class Log {
public:
    Log() : before_(spdlog::default_logger()) {
        auto const sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(text_);
        spdlog::set_default_logger(std::make_shared<spdlog::logger>("crowd", sink));
    }
    Log(Log const&) = delete;
    Log& operator=(Log const&) = delete;
    ~Log() { spdlog::set_default_logger(before_); }
    std::size_t lines_with(std::string const& words) const {
        std::size_t count = 0;
        std::istringstream all(text_.str());
        for (std::string line; std::getline(all, line);)
            if (line.find(words) != std::string::npos) ++count;
        return count;
    }

private:
    std::shared_ptr<spdlog::logger> before_;
    std::ostringstream text_;
};

class Crowd : public ControlTest {
protected:
    static ipc::Peer reader(std::uint32_t uid) { return {uid, readers, 1}; }
    static ipc::Peer admin(std::uint32_t uid) { return {uid, admins, 1}; }
    static ipc::Peer root() { return {0, 0, 1}; }
    static ipc::Peer stranger(std::uint32_t uid) { return {uid, uid, 1}; }
    static task<Result<rpc::ListJobs::Reply>> wait_at_gate(Crowd* self) {
        boost::system::error_code woken;
        co_await self->gate.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        rpc::ListJobs::Reply reply;
        co_return reply;
    }
};

TEST_F(Crowd, AReaderDoesNotCloseTheIdleSessionOfAnotherUser) {
    auto options = with_groups();
    options.max_sessions = 8;
    options.max_sessions_of_reader = 3;
    start(std::move(options));
    auto idle_root = connect(root());
    auto idle_reader = connect(reader(5));
    EXPECT_EQ(idle_root.ask(ask_version), version_answer);
    EXPECT_EQ(idle_reader.ask(ask_version), version_answer);
    std::vector<Client> crowd;
    for (int i = 0; i < 50; ++i) crowd.push_back(connect(reader(6)));
    settle();
    EXPECT_EQ(server->session_count(), 5U);
    EXPECT_FALSE(idle_root.closed_by_server());
    EXPECT_FALSE(idle_reader.closed_by_server());
    EXPECT_EQ(crowd.back().ask(ask_version), version_answer);
}

TEST_F(Crowd, RootAndAdministratorsFindAPlaceAmongBusyReaders) {
    auto options = with_groups();
    options.max_sessions = 16;
    start(std::move(options));
    std::vector<Client> crowd;
    for (std::uint32_t i = 0; i < 100; ++i) {
        crowd.push_back(connect(reader(5 + i)));
        crowd.back().ask(R"({"jsonrpc":"2.0","id":1,"method":"jobs.subscribe","params":{"job":0}})");
    }
    EXPECT_EQ(server->session_count(), 12U);
    EXPECT_THAT(crowd.back().line().value_or("nothing"), HasSubstr("nothing"));
    auto an_admin = connect(admin(4));
    EXPECT_EQ(an_admin.ask(ask_version), version_answer);
    auto a_root = connect(root());
    EXPECT_EQ(a_root.ask(ask_version), version_answer);
}

/// Otherwise it would have 32 times as many calls as others.
TEST_F(Crowd, AReaderThatSendsBatchesGetsNoMoreCallsThanOneThatDoesNot) {
    start(with_groups());
    auto client = connect(reader(5));
    std::string batch = "[" + ask_version;
    for (int i = 1; i < 32; ++i) batch += "," + ask_version;
    batch += "]";
    int admitted = 0;
    while (admitted < 500 && client.ask(batch).starts_with("[")) ++admitted;
    EXPECT_GE(admitted, 1000 / 32);
    EXPECT_LT(admitted, 200) << "it has 1000 calls in a row, and some more for the time that this took";
    auto an_admin = connect(admin(4));
    EXPECT_EQ(an_admin.ask(ask_version), version_answer);
}

task<Result<rpc::Version::Reply>> three_mebibytes() {
    rpc::Version::Reply reply;
    reply.version = std::string(3UL * 1024 * 1024, 'x');
    co_return reply;
}

/// Otherwise each of its sessions could hold the answers of a batch.
TEST_F(Crowd, ABatchIsCutShortWhenOtherSessionsOfItsUserHoldUnreadAnswers) {
    start(with_groups());
    server->on<rpc::Version>([](rpc::Version::Params, control::Caller) { return three_mebibytes(); });
    auto silent = connect(reader(5));
    silent.set_capacity(1000);
    silent.send("[" + ask_version + "," + ask_version + "]");
    auto client = connect(reader(5));
    client.set_capacity(64UL * 1024 * 1024);
    auto const answer = json::Document::parse(client.ask("[" + ask_version + "," + ask_version + "]"));
    ASSERT_TRUE(answer);
    EXPECT_TRUE(answer->root().at(0)["result"].exists());
    EXPECT_THAT(answer->root().at(1)["error"]["message"].text(), HasSubstr("read them first"));
    auto other = connect(reader(6));
    other.set_capacity(64UL * 1024 * 1024);
    EXPECT_THAT(other.ask(ask_version), HasSubstr("result"));
}

/// As when the process is out of descriptors.
class FailingListener final : public ipc::Listener {
public:
    task<Result<ipc::Connection>> accept() override {
        if (is_closed_) co_return Error{Errc::cancelled, "closed"};
        ++attempts;
        co_return Error{Errc::io, "accepting a control connection: Too many open files"};
    }
    void close() noexcept override { is_closed_ = true; }
    int attempts = 0;

private:
    bool is_closed_ = false;
};

TEST_F(Crowd, AConnectionThatCannotBeAcceptedCostsOneLineAMinute) {
    Log const log;
    auto listener = std::make_unique<FailingListener>();
    auto const* const failing = listener.get();
    server = std::make_unique<control::Server>(io.get_executor(), std::move(listener), control::ServerOptions());
    server->start();
    EXPECT_TRUE(until([&] { return failing->attempts >= 3; }));
    EXPECT_EQ(log.lines_with("Too many open files"), 1U);
}

TEST_F(Crowd, StrangersTakeNoPlace) {
    auto options = with_groups();
    options.max_sessions = 4;
    start(std::move(options));
    auto idle_root = connect(root());
    std::vector<Client> crowd;
    for (int i = 0; i < 100; ++i) crowd.push_back(connect(stranger(9)));
    for (auto& one : crowd) EXPECT_THAT(one.line().value_or(""), HasSubstr("has no access to the daemon"));
    EXPECT_EQ(server->session_count(), 1U);
    EXPECT_TRUE(crowd.back().closed_by_server()) << "few of one user are given time";
    EXPECT_EQ(idle_root.ask(ask_version), version_answer);
}

TEST_F(Crowd, AStrangerThatDoesNotCloseIsDisconnected) {
    auto options = with_groups();
    options.farewell = 5ms;
    start(std::move(options));
    auto one = connect(stranger(9));
    EXPECT_THAT(one.line().value_or(""), HasSubstr("has no access to the daemon"));
    EXPECT_TRUE(until([&] { return one.closed_by_server(); }));
}

TEST_F(Crowd, RefusalsAreOneLineAMinuteForEachUser) {
    Log const log;
    start(with_groups());
    auto client = connect(reader(5));
    for (int i = 0; i < 300; ++i) EXPECT_NE(client.error_code_of(cancel_job), 0);
    EXPECT_EQ(log.lines_with("refused: not permitted"), 1U);
    for (int i = 0; i < 300; ++i) connect(stranger(9)).vanish();
    EXPECT_EQ(log.lines_with("connection refused"), 1U);
    connect(stranger(10)).vanish();
    EXPECT_EQ(log.lines_with("connection refused"), 2U);
    for (int i = 0; i < 100; ++i) {
        auto one = connect(reader(5));
        one.send_bytes(std::string(rpc::max_request_line + 1, 'x'));
        one.vanish();
    }
    EXPECT_EQ(log.lines_with("bytes: disconnected"), 1U);
}

TEST_F(Crowd, CallsThatChangeSomethingAreLoggedAsFarAsAUserHasFew) {
    Log const log;
    start(with_groups());
    auto client = connect(admin(4));
    auto const start_one = R"({"jsonrpc":"2.0","id":1,"method":"backup.start","params":{"vm":"none","backup":"x"}})";
    for (int i = 0; i < 300; ++i) client.ask(start_one);
    EXPECT_EQ(log.lines_with("called backup.start"), 60U);
}

TEST_F(Crowd, AReaderThatAsksWithoutPauseIsRefusedAndOthersAreAnswered) {
    Log const log;
    start(with_groups());
    auto flood = connect(reader(5));
    int refused = 0;
    for (int i = 0; i < 3000; ++i) refused += flood.ask(ask_version) == version_answer ? 0 : 1;
    EXPECT_GT(refused, 0);
    EXPECT_EQ(log.lines_with("too many calls"), 1U);
    EXPECT_EQ(connect(reader(6)).ask(ask_version), version_answer);
    auto an_admin = connect(admin(4));
    for (int i = 0; i < 3000; ++i) EXPECT_EQ(an_admin.ask(ask_version), version_answer);
}

TEST_F(Crowd, LongCallsOfOneUserAreLimited) {
    start(with_groups());
    server->on<rpc::ListJobs>([this](rpc::ListJobs::Params, control::Caller) { return wait_at_gate(this); });
    std::vector<Client> crowd;
    for (int i = 0; i < 5; ++i) {
        crowd.push_back(connect(reader(5)));
        crowd.back().send(list_jobs);
    }
    EXPECT_THAT(crowd.back().line().value_or(""), HasSubstr("long calls in progress"));
    EXPECT_EQ(crowd.front().line(), std::nullopt);
    auto other = connect(reader(6));
    other.send(list_jobs);
    EXPECT_EQ(other.line(), std::nullopt) << "it waits like the first ones";
    open_gate();
    EXPECT_TRUE(until([&] { return other.line().has_value(); })) << "the answer is written on another thread";
}

TEST_F(Crowd, AHandlerLearnsThatItsClientHasLeft) {
    control::ServerOptions options;
    options.departure_check = 1ms;
    start(std::move(options));
    std::shared_ptr<Departure> departure;
    server->on<rpc::CancelJob>([&](rpc::CancelJob::Params params, control::Caller caller) {
        departure = caller.departure;
        return slow(this, params);
    });
    auto client = connect();
    client.send(cancel_job);
    ASSERT_TRUE(departure);
    io.restart();
    for (int checks = 0; checks < 3; ++checks) io.run_one();
    EXPECT_FALSE(departure->has_happened()) << "it still waits";
    client.vanish();
    EXPECT_TRUE(until([&] { return departure->has_happened(); }));
    open_gate();
}

}  // namespace
}  // namespace sb::test
