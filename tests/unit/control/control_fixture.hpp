#pragma once
// A server on a transport in memory, clients as plain objects, and an event loop that runs until it is idle.

#include "common/json/document.hpp"
#include "daemon/control/rights.hpp"
#include "daemon/control/server.hpp"
#include "memory_transport.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace sb::test {

using namespace std::chrono_literals;

class Client {
public:
    Client(asio::io_context& io, std::pair<std::shared_ptr<MemoryPipe>, std::shared_ptr<MemoryPipe>> ends)
        : io_(io), to_(std::move(ends.first)), from_(std::move(ends.second)) {}

    void send_bytes(std::string_view bytes) {
        to_->bytes += bytes;
        to_->changed.cancel();
        io_.restart();
        io_.poll();
    }
    void send(std::string_view line) { send_bytes(std::string(line) + "\n"); }
    void send_no_more() {
        to_->ended = true;
        to_->changed.cancel();
        io_.restart();
        io_.poll();
    }

    /// The next complete line; nothing if there is none when the loop is idle.
    std::optional<std::string> line() {
        io_.restart();
        while (from_->bytes.find('\n') == std::string::npos && io_.poll() > 0) continue;
        auto const end = from_->bytes.find('\n');
        if (end == std::string::npos) return std::nullopt;
        auto text = from_->bytes.substr(0, end);
        from_->bytes.erase(0, end + 1);
        from_->changed.cancel();
        return text;
    }
    std::string ask(std::string_view request) {
        send(request);
        return line().value_or("no answer");
    }
    int error_code_of(std::string_view request) {
        auto const document = json::Document::parse(ask(request));
        return document ? static_cast<int>(document->root()["error"]["code"].integer().value_or(0)) : 1;
    }

    void set_capacity(std::size_t bytes) {
        from_->capacity = bytes;
        from_->changed.cancel();
    }
    std::size_t unread() const { return from_->bytes.size(); }
    bool closed_by_server() const { return from_->closed; }
    void vanish() {
        for (auto const& pipe : {to_, from_}) {
            pipe->closed = true;
            pipe->changed.cancel();
        }
        io_.restart();
        io_.poll();
    }

private:
    asio::io_context& io_;
    std::shared_ptr<MemoryPipe> to_;
    std::shared_ptr<MemoryPipe> from_;
};

class ControlTest : public testing::Test {
protected:
    static constexpr std::uint32_t admins = 2000, readers = 1000;  ///< groups
    /// Members of the first may change things, those of the second may only read.
    static control::ServerOptions with_groups() {
        control::AccessRules rules;
        rules.may_change = control::Group{admins, "staff"};
        rules.read_group = control::Group{readers, "viewers"};
        control::ServerOptions options;
        options.permit = [rules](ipc::Peer const& peer, bool changes) { return control::permit(peer, changes, rules); };
        return options;
    }

    void start(control::ServerOptions options = {}) {
        auto listener = std::make_unique<MemoryListener>(io.get_executor());
        listener_ = listener.get();
        auto second = std::make_unique<MemoryListener>(io.get_executor());
        readers_listener_ = second.get();
        server = std::make_unique<control::Server>(io.get_executor(), std::move(listener), std::move(options),
                                                   std::move(second));
        server->on<rpc::Version>([](rpc::Version::Params, control::Caller) { return version(); });
        server->on<rpc::SubscribeJobs>(
            [this](rpc::SubscribeJobs::Params params, control::Caller) { return snapshot(this, params); });
        server->on<rpc::CancelJob>(
            [this](rpc::CancelJob::Params params, control::Caller) { return slow(this, params); });
        server->on<rpc::StartBackup>(
            [](rpc::StartBackup::Params params, control::Caller caller) { return start_backup(params, caller); });
        server->start();
        settle();
    }

    Client connect(ipc::Peer peer = {1000, 1000, 4711}) { return {io, listener_->connect(peer)}; }
    Client connect_to_readers_socket(ipc::Peer peer) { return {io, readers_listener_->connect(peer)}; }

    void settle() {
        io.restart();
        io.poll();
    }

    /// Runs the loop until the condition holds; for conditions that depend on a (short) time limit of the server.
    bool until(std::function<bool()> const& so) {
        io.restart();
        auto const give_up = std::chrono::steady_clock::now() + 20s;
        for (;;) {
            if (so()) return true;  // asked once only: it may take a line
            if (std::chrono::steady_clock::now() >= give_up) return false;
            io.run_one_for(1s);
        }
    }

    void TearDown() override {
        if (!server) return;
        server->stop();
        bool joined = false;
        asio::co_spawn(io, server->join(), [&](std::exception_ptr) { joined = true; });
        io.restart();
        io.run_for(20s);
        EXPECT_TRUE(joined) << "a session did not end";
        EXPECT_EQ(server->session_count(), 0U);
    }

    static rpc::JobInfo job(JobId id, std::string state, int percent = 0) {
        rpc::JobInfo info;
        info.id = id;
        info.kind = "backup";
        info.vm = "FILE01";
        info.state = std::move(state);
        info.percent = percent;
        return info;
    }
    /// What the app does: changes its state and publishes in the same turn.
    void change(rpc::JobInfo info) {
        jobs[info.id] = info;
        rpc::JobChanged::Params const changed{info};
        server->publish(changed);
    }

    static task<Result<rpc::Version::Reply>> version() {
        rpc::Version::Reply reply{"1.2.3", 1};
        co_return reply;
    }
    static task<Result<rpc::StartBackup::Reply>> start_backup(rpc::StartBackup::Params params, control::Caller) {
        if (params.vm == "bug") throw std::logic_error("a bug of the handler");
        if (params.vm == "none") co_return Error{Errc::not_found, "no VM 'none'"};
        rpc::StartBackup::Reply reply;
        reply.job = job(7, "queued");
        co_return reply;
    }
    /// Answers jobs.subscribe; `in_handler` runs after the subscription and before the snapshot.
    static task<Result<rpc::SubscribeJobs::Reply>> snapshot(ControlTest* self, rpc::SubscribeJobs::Params params) {
        if (self->in_handler) self->in_handler();
        rpc::SubscribeJobs::Reply reply;
        if (params.job == 999) co_return Error{Errc::not_found, "no job 999"};
        for (auto const& [id, info] : self->jobs)
            if (params.job == 0 || params.job == id) reply.jobs.push_back(info);
        if (self->after_snapshot) self->after_snapshot();
        co_return reply;
    }
    /// Answers jobs.cancel when the test opens the gate.
    static task<Result<rpc::CancelJob::Reply>> slow(ControlTest* self, rpc::CancelJob::Params params) {
        boost::system::error_code woken;
        ++self->slow_calls;
        co_await self->gate.async_wait(asio::redirect_error(asio::use_awaitable, woken));
        rpc::CancelJob::Reply reply;
        reply.job = job(params.job, "cancelled");
        co_return reply;
    }
    void open_gate() {
        gate.cancel();
        settle();
    }

    asio::io_context io{1};
    asio::steady_timer gate{io, asio::steady_timer::time_point::max()};
    std::map<JobId, rpc::JobInfo> jobs;
    std::function<void()> in_handler;
    std::function<void()> after_snapshot;
    int slow_calls = 0;
    MemoryListener* listener_ = nullptr;
    MemoryListener* readers_listener_ = nullptr;
    std::unique_ptr<control::Server> server;
};

inline std::string const ask_version = R"({"jsonrpc":"2.0","id":1,"method":"version"})";
inline std::string const version_answer = R"({"jsonrpc":"2.0","id":1,"result":{"version":"1.2.3","protocol":1}})";

}  // namespace sb::test
