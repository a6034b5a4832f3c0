#pragma once
// The methods of the control endpoint on a simulated daemon: a manual clock, a cluster, a share and a journal in
// memory, and clients on a transport in memory.

#include "common/json/document.hpp"
#include "daemon/api/adopt_handlers.hpp"
#include "daemon/api/handlers.hpp"
#include "daemon/api/link_handlers.hpp"
#include "daemon/api/long_calls.hpp"
#include "daemon/api/schedule_handlers.hpp"
#include "tests/simulation/fake_old_folders.hpp"
#include "tests/simulation/verify_fixture.hpp"
#include "tests/unit/app/fake_mail.hpp"
#include "tests/unit/control/control_fixture.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

namespace sb::test {

/// Keeps the threads busy that evaluate and convert lists, as long as it lives.
class BusyListThreads {
public:
    BusyListThreads(asio::io_context& io, api::LongCalls& calls) {
        constexpr int threads = 2;
        for (int i = 0; i < threads; ++i) asio::co_spawn(io, occupy(calls.list_threads, state_), asio::detached);
        io.restart();
        while (state_->begun < threads) io.poll();
    }
    BusyListThreads(BusyListThreads const&) = delete;
    BusyListThreads& operator=(BusyListThreads const&) = delete;
    ~BusyListThreads() {
        state_->may_end = true;
        state_->may_end.notify_all();
    }

private:
    struct State {
        std::atomic<int> begun = 0;
        std::atomic<bool> may_end = false;
    };
    static task<void> occupy(BlockingPool& pool, std::shared_ptr<State> state) {
        auto work = [state] {
            ++state->begun;
            state->may_end.wait(false);
            return true;
        };
        co_await pool.run(std::move(work));
    }

    std::shared_ptr<State> state_ = std::make_shared<State>();
};

class ApiFixture : public testing::Test {
protected:
    void SetUp() override {
        daemon.start();
        engine::Verifier::Dependencies verifying{daemon.io.get_executor(),
                                                 daemon.shown,
                                                 verification,
                                                 daemon.journal,
                                                 daemon.time,
                                                 daemon.alerts,
                                                 daemon.zone,
                                                 [] { return engine::VerifySettings(); },
                                                 daemon.engine->recorder(),
                                                 daemon.engine->leases(),
                                                 *daemon.evidence,
                                                 [](core::Job const&) {}};
        verifier = std::make_unique<engine::Verifier>(std::move(verifying));
        board = std::make_unique<api::StatusBoard>(
            daemon.io.get_executor(), *daemon.engine, *daemon.scheduler, *daemon.clock, *daemon.conditions,
            *daemon.trash, daemon.shown, daemon.journal, daemon.cluster, daemon.time, daemon.zone, "/share",
            [this] { return daemon.settings; }, [](std::string const&) {});
        adopter =
            std::make_unique<engine::Adopter>(*daemon.engine, daemon.shown, old_folders, daemon.time, daemon.zone);
        long_calls = std::make_unique<api::LongCalls>(daemon.io.get_executor());
        auto listening = std::make_unique<MemoryListener>(daemon.io.get_executor());
        listener = listening.get();
        control::ServerOptions options;
        options.permit = [](ipc::Peer const& peer, bool changes) -> Result<void> {
            if (changes && peer.uid == reader) return Error{Errc::not_permitted, "it may only read"};
            return {};
        };
        server = std::make_unique<control::Server>(daemon.io.get_executor(), std::move(listening), std::move(options));
        register_all();
        server->start();
    }
    void TearDown() override {
        long_calls->stop();
        server->stop();
        bool joined = false;
        asio::co_spawn(daemon.io, join(*server, *long_calls), [&](std::exception_ptr) { joined = true; });
        EXPECT_TRUE(until([&] { return joined; })) << "a call did not end";
    }

    static constexpr std::uint32_t admin = 1000, reader = 5;
    Client connect(std::uint32_t uid = admin) { return {daemon.io, listener->connect({uid, uid, 4711})}; }
    static std::string request(std::string const& method, std::string const& params = "{}") {
        return R"({"jsonrpc":"2.0","id":1,"method":")" + method + R"(","params":)" + params + "}";
    }
    /// The answer to what the client has sent; nothing if none comes.
    std::optional<json::Document> answer(Client& client) {
        std::optional<std::string> line;
        until([&] { return (line = client.line()).has_value(); });
        if (!line) return std::nullopt;
        auto parsed = json::Document::parse(*line);
        EXPECT_TRUE(parsed) << *line;
        return parsed ? std::optional(std::move(*parsed)) : std::nullopt;
    }
    json::Document ask(std::string const& method, std::string const& params = "{}", std::uint32_t uid = admin) {
        auto client = connect(uid);
        client.set_capacity(std::size_t{16} << 20);
        client.send(request(method, params));
        auto document = answer(client);
        return document ? std::move(*document) : json::Document::parse("{}").value();
    }
    void add_backup(std::string const& name) {
        daemon.catalog.folders.insert(name);
        auto& manifest = daemon.catalog.manifests[name];
        manifest.backup = name;
        manifest.vm_uuid = daemon.cluster.vms.empty() ? VmUuid("gone") : daemon.cluster.vms.front().uuid;
        manifest.vm_name = "A";
        daemon.scheduler->folders_changed();
    }

    ScheduleFixture daemon;
    FakeVerification verification{daemon.catalog};
    FakeMail mail;
    FakeOldFolders old_folders;
    std::unique_ptr<engine::Verifier> verifier;
    std::unique_ptr<api::StatusBoard> board;
    std::unique_ptr<engine::Adopter> adopter;
    std::unique_ptr<api::LongCalls> long_calls;
    std::unique_ptr<control::Server> server;

private:
    static task<void> join(control::Server& server, api::LongCalls& long_calls) {
        co_await server.join();
        co_await long_calls.join();
    }
    /// Runs the loop, which other threads come back to.
    bool until(auto const& so) {
        auto const give_up = std::chrono::steady_clock::now() + 20s;
        for (;;) {
            if (so()) return true;  // asked once only: it may take a line
            if (std::chrono::steady_clock::now() >= give_up) return false;
            daemon.io.restart();
            daemon.io.run_one_for(100ms);
        }
    }
    void register_all() {
        auto const zone_now = [this] { return std::make_shared<RuleZone const>(daemon.zone); };
        lists.reset(new api::ListParts{*daemon.engine, *daemon.scheduler, *verifier, *board, *long_calls});
        schedule.reset(new api::ScheduleParts{*daemon.engine, *daemon.scheduler, *daemon.clock, daemon.shown, mail,
                                              [] { return notify::Origin(); },
                                              [] { return std::vector<std::string>(); }, *long_calls, zone_now});
        links.reset(new api::LinkParts{*daemon.engine, *daemon.scheduler, daemon.time, [] {}, *long_calls});
        adoption.reset(new api::AdoptParts{*adopter, *daemon.scheduler, [] { return true; }, *long_calls, zone_now});
        api::register_handlers(*server, *lists);
        api::register_schedule_handlers(*server, *schedule);
        api::register_link_handlers(*server, *links);
        api::register_adopt_handlers(*server, *adoption);
    }

    MemoryListener* listener = nullptr;
    std::unique_ptr<api::ListParts> lists;
    std::unique_ptr<api::ScheduleParts> schedule;
    std::unique_ptr<api::LinkParts> links;
    std::unique_ptr<api::AdoptParts> adoption;
};

}  // namespace sb::test
