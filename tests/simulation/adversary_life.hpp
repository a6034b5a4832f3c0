#pragma once
// One run of the daemon in the adversary's world: from its start to its stop or its kill, as daemon/app starts and ends
// it.

#include "daemon/engine/clock_watch.hpp"
#include "daemon/engine/owner_watch.hpp"
#include "daemon/engine/scheduler.hpp"
#include "daemon/engine/storage_watch.hpp"
#include "daemon/engine/unnamed_exports.hpp"
#include "daemon/engine/watched_catalog.hpp"
#include "tests/simulation/adversary_ports.hpp"
#include "tests/simulation/schedule_fixture.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace sb::test::adversary {

/// What a daemon is connected with, and how it is configured.
struct Place {
    asio::any_io_executor executor;
    ManualTime& time;
    Gate& gate;
    ports::Cluster& cluster;
    ports::Catalog& catalog;
    ports::Journal& journal;
    ports::JobHooks& hooks;
    ports::Alerts& alerts;
    core::Zone const& zone;
    std::string host;
    std::string boot_id;
    engine::ScheduleSettings const& settings;
    Milliseconds const& undelete_for;
    engine::Limits const& limits;
    std::string installation;                                                 ///< the name of a new one
    std::function<std::map<std::string, core::Manifest>()> landed;            ///< finished exports without their name
    std::function<void(core::Job const&)> changed = [](core::Job const&) {};  ///< a job
    std::function<void()> started = [] {};
    std::function<void(std::string const&)> crashed = [](std::string const&) {};
};

struct Life {
    explicit Life(Place where);
    ~Life();

    /// Until it works, its start has failed, or it was killed; for 100 s.
    void start();
    /// As a SIGTERM does. False: it did not end within 100 s, or was killed meanwhile.
    bool stop();
    /// What a killed daemon leaves in memory ends; nothing of it reaches the world. Call it before the end of the
    /// object.
    void bury();

    Place place;
    engine::StorageWatch storage_watch{place.time};
    engine::WatchedCatalog catalog;
    std::unique_ptr<engine::ConditionRegistry> conditions;
    std::unique_ptr<engine::ClusterIdentityWatch> identity;
    std::unique_ptr<engine::OwnerWatch> owner;
    std::unique_ptr<engine::OrderGate> orders;
    std::unique_ptr<engine::Trash> trash;
    std::unique_ptr<engine::Evidence> evidence;
    std::unique_ptr<engine::Engine> engine;
    std::unique_ptr<engine::ClockWatch> clock;
    std::unique_ptr<engine::UnnamedExports> unnamed;
    std::unique_ptr<engine::Scheduler> scheduler;
    std::unique_ptr<TaskGroup> group, endings;
    bool is_up = false, has_failed = false;

private:
    void build();
    task<void> begin();
    task<void> end();
    task<bool> rebuild_history();
    task<void> keep_history();
    task<Result<std::vector<engine::UnnamedExports::Attempted>>> finish_commits(
        engine::UnnamedExports::Accepts accepts);
};

}  // namespace sb::test::adversary
