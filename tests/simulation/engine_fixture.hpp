#pragma once
// The engine on a manual clock, with a cluster, a share and a journal in memory.

#include "daemon/engine/condition_registry.hpp"
#include "daemon/engine/engine.hpp"
#include "daemon/engine/evidence.hpp"
#include "daemon/engine/known_damage.hpp"
#include "daemon/engine/trash.hpp"
#include "daemon/engine/trusted_copies.hpp"
#include "daemon/engine/trusting_catalog.hpp"
#include "tests/simulation/fake_cluster.hpp"
#include "tests/simulation/fake_store.hpp"
#include "tests/support/manual_time.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace sb::test {

using namespace std::chrono_literals;

struct EngineFixture {
    asio::io_context io{1};
    ManualTime time{io};
    FakeCluster cluster{time};
    FakeCatalog catalog;
    FakeJournal journal;
    engine::TrustedCopies trusted{journal, time};
    bool judges_claims = false;  ///< as the daemon does; false: each backup that a test puts there counts
    engine::TrustingCatalog judged{std::shared_ptr<ports::Catalog>(std::shared_ptr<void>(), &catalog), trusted,
                                   [this](core::Manifest const&) { return judges_claims; }};
    /// As the daemon uses it.
    engine::KnownDamage shown{std::shared_ptr<ports::Catalog>(std::shared_ptr<void>(), &judged)};
    FakeHooks hooks{time};
    std::vector<core::Job> changes;
    bool keep_changes = true;  ///< false for long tests: a year has a million changes
    std::function<void(core::Job const&)> on_change = [](core::Job const&) {};
    std::function<void()> on_cluster_changed = [] {};
    std::unique_ptr<engine::ConditionRegistry> conditions;
    ports::Cluster* connected = nullptr;    ///< instead of `cluster`, from the next start on
    ports::Journal* recorded_by = nullptr;  ///< instead of `journal`, for the engine, from the next start on
    std::unique_ptr<engine::ClusterIdentityWatch> identity;
    std::unique_ptr<engine::OwnerWatch> owner;
    std::unique_ptr<engine::OrderGate> gate;
    Milliseconds undelete_for{24h};
    std::map<std::string, Error> bad_structure;  ///< what a look at the files of these backups finds
    std::function<task<Result<void>>(std::string)> check_unchanged;  ///< before an import, after that look
    std::unique_ptr<engine::Trash> trash;
    std::unique_ptr<engine::Evidence> evidence;
    std::unique_ptr<engine::Engine> engine;
    bool starts_the_engine = true;  ///< false: the test calls its start()

    explicit EngineFixture(std::size_t concurrency = 3) {
        cluster.on_begin = [this](FakeCluster::Run const& run) {
            if (!run.import) catalog.folders.insert(run.folder);
            else cluster.vms.push_back(imported(run));
        };
        start_engine(concurrency);
    }
    ~EngineFixture() { stop_engine(); }

    void start_engine(std::size_t concurrency = 3) {
        auto record = [this](core::Job const& job) {
            trusted.note(job);
            if (keep_changes) changes.push_back(job);
            on_change(job);
        };
        conditions = std::make_unique<engine::ConditionRegistry>(io.get_executor(), journal, time);
        EXPECT_TRUE(get(conditions->load()));
        engine::ClusterIdentityWatch::Dependencies asked{connected ? *connected : cluster, journal, time, *conditions,
                                                         [this] { on_cluster_changed(); }};
        identity = std::make_unique<engine::ClusterIdentityWatch>(std::move(asked));
        EXPECT_TRUE(get(identity->load()));
        engine::OwnerWatch::Dependencies owned{
            *identity, shown, journal, time, *conditions, "backup-1", "/var/lib", [] { return std::string("first"); }};
        owned.settling = {0ms, 0ms};  // its own tests wait
        owner = std::make_unique<engine::OwnerWatch>(std::move(owned));
        gate = std::make_unique<engine::OrderGate>(connected ? *connected : cluster, time, *conditions, *owner);
        evidence = std::make_unique<engine::Evidence>(shown, time, *conditions);
        engine::Trash::Dependencies kept{shown, journal, time, [this] { return undelete_for; }, [] { return false; }};
        trash = std::make_unique<engine::Trash>(std::move(kept));
        EXPECT_TRUE(get(trash->load()));
        ports::Journal& recorded = recorded_by ? *recorded_by : journal;
        engine::Ports ports{connected ? *connected : cluster, shown, recorded, time, hooks, *identity, *gate, *trash};
        ports.check_structure = [this](std::string backup) { return check_structure(std::move(backup)); };
        engine = std::make_unique<engine::Engine>(io.get_executor(), ports, *conditions, concurrency, engine::Limits{},
                                                  record);
        if (starts_the_engine) EXPECT_TRUE(get(engine->start()));
    }
    /// As if the daemon had died between a backup's commit and the record of its job's end.
    void lose_the_end_of(JobId id) {
        auto& job = journal.jobs[id];
        job.phase = core::Phase::committing;
        job.outcome = core::Outcome::none;
        job.finished.reset();
    }
    /// As a SIGTERM does: jobs stay where they are.
    void stop_engine() {
        finish_engine();
        drop_engine();
    }
    void finish_engine() {
        if (!engine) return;
        engine->stop();
        auto drain = [](engine::Engine& e, engine::ConditionRegistry& c) -> task<Result<void>> {
            co_await e.join();
            co_await c.finish();
            co_return boost::system::in_place_value;
        };
        EXPECT_TRUE(get(drain(*engine, *conditions)));
    }
    /// After finish_engine(), and after what refers to the engine.
    void drop_engine() {
        engine.reset();
        trash.reset();
        evidence.reset();
        gate.reset();
        owner.reset();
        identity.reset();
        conditions.reset();
    }

    /// Runs a call that needs no time to pass.
    template <class T>
    T get(task<T> call) {
        std::optional<T> answer;
        auto done = [&answer](std::exception_ptr failure, T value) {
            if (failure) std::rethrow_exception(failure);
            answer = std::move(value);
        };
        asio::co_spawn(io, std::move(call), done);
        for (int i = 0; i < 100 && !answer; ++i) time.run_for(Milliseconds{0});
        if (!answer) throw std::runtime_error("the call waits for time to pass");
        return std::move(*answer);
    }

    JobId backup(std::string const& vm, std::string const& name) {
        auto const job = get(engine->submit_backup(vm, name));
        if (!job) {
            ADD_FAILURE() << job.error().context;
            return 0;
        }
        return job->id;
    }
    core::Job job(JobId id) { return get(engine->find_job(id)).value(); }
    task<Result<void>> check_structure(std::string backup) {
        if (auto const it = bad_structure.find(backup); it != bad_structure.end()) co_return it->second;
        if (check_unchanged) co_return co_await check_unchanged(std::move(backup));
        co_return boost::system::in_place_value;
    }
    /// Of that kind and subject, if it stands.
    std::optional<core::Condition> condition(core::ConditionKind kind, std::string const& subject = {}) const {
        for (auto const& standing : conditions->all())
            if (standing.kind == kind && standing.subject == subject) return standing;
        return std::nullopt;
    }
    std::vector<core::Backup> backups() { return get(engine->list_backups()).value(); }

    static core::Vm imported(FakeCluster::Run const& run) {
        core::Vm vm;
        vm.uuid = run.vm;
        vm.name = run.vm_name;
        vm.disks.push_back({DiskUuid{"new-" + run.vm_name}, "VIRTIO_DISK", 10 << 20, 1 << 20});
        return vm;
    }
};

}  // namespace sb::test
