#include "tests/simulation/adversary_life.hpp"

#include "daemon/core/rebuild_history.hpp"

#include <boost/asio/co_spawn.hpp>

#include <stdexcept>
#include <utility>

namespace sb::test::adversary {

using namespace std::chrono_literals;

Life::Life(Place where)
    : place(std::move(where)),
      catalog(std::shared_ptr<ports::Catalog>(std::shared_ptr<void>(), &place.catalog), storage_watch) {
    build();
}

Life::~Life() { scheduler.reset(); }

void Life::build() {
    auto const crashed = [this](std::exception_ptr failure) {
        try {
            std::rethrow_exception(failure);
        } catch (std::exception const& e) {
            place.crashed(e.what());
        }
    };
    group = std::make_unique<TaskGroup>(place.executor, crashed);
    endings = std::make_unique<TaskGroup>(place.executor, crashed);
    auto& journal = place.journal;
    conditions = std::make_unique<engine::ConditionRegistry>(place.executor, journal, place.time);
    engine::ClusterIdentityWatch::Dependencies asked{place.cluster, journal, place.time, *conditions};
    identity = std::make_unique<engine::ClusterIdentityWatch>(std::move(asked));
    engine::OwnerWatch::Dependencies owned{
        *identity, catalog, journal, place.time, *conditions, place.host, "/var/lib/scale-backup", [this] {
            return place.installation;
        }};
    owner = std::make_unique<engine::OwnerWatch>(std::move(owned));
    orders = std::make_unique<engine::OrderGate>(place.cluster, place.time, *conditions, *owner);
    engine::Trash::Dependencies kept{catalog, journal, place.time, [this] { return place.undelete_for; },
                                     [this] { return clock && clock->in_doubt(); }};
    kept.objection_to_deleting = [this] { return orders->objection_to_deleting(); };
    trash = std::make_unique<engine::Trash>(std::move(kept));
    evidence = std::make_unique<engine::Evidence>(catalog, place.time, *conditions);
    engine::Ports ports{place.cluster, catalog, journal, place.time, place.hooks, *identity, *orders, *trash};
    auto const changed = [this](core::Job const& job) {
        if (!place.gate.is_open()) return;
        place.changed(job);
        if (scheduler) scheduler->job_changed(job);
    };
    auto const slots = static_cast<std::size_t>(place.settings.settings.slots);
    engine = std::make_unique<engine::Engine>(place.executor, ports, *conditions, slots, place.limits, changed);
    engine::ClockWatch::Dependencies watched{place.cluster, catalog,    journal,      place.time,
                                             *conditions,   place.zone, place.boot_id};
    watched.check_every = 10min;
    clock = std::make_unique<engine::ClockWatch>(std::move(watched));
    engine::UnnamedExports::Dependencies unfinished{
        [this](engine::UnnamedExports::Accepts accepts) { return finish_commits(std::move(accepts)); },
        *engine,
        catalog,
        journal,
        place.time,
        *conditions,
        *identity};
    unnamed = std::make_unique<engine::UnnamedExports>(std::move(unfinished));
    engine::Scheduler::Dependencies dependencies{place.executor,
                                                 *engine,
                                                 catalog,
                                                 journal,
                                                 place.time,
                                                 place.hooks,
                                                 place.alerts,
                                                 *clock,
                                                 *conditions,
                                                 *trash,
                                                 *evidence,
                                                 place.zone,
                                                 [this] { return place.settings; },
                                                 [](std::string const& name) { return name; },
                                                 10min};
    scheduler = std::make_unique<engine::Scheduler>(std::move(dependencies));
}

task<Result<std::vector<engine::UnnamedExports::Attempted>>> Life::finish_commits(
    engine::UnnamedExports::Accepts accepts) {
    std::vector<engine::UnnamedExports::Attempted> attempted;
    auto const all = place.landed();
    for (auto const& each : all) {
        auto landing = each.first, backup = each.second.backup;
        if (!accepts(each.second)) continue;
        auto name = co_await catalog.commit(landing, backup);
        engine::UnnamedExports::Attempted one{std::move(landing), std::move(backup), std::move(name)};
        attempted.push_back(std::move(one));
    }
    co_return attempted;
}

/// As daemon/engine/rebuild_history.cpp does. True: nothing is left to do.
task<bool> Life::rebuild_history() {
    auto const needed = co_await place.journal.needs_rebuild();
    if (!needed) co_return false;
    if (!*needed) co_return true;
    auto const backups = co_await catalog.list();
    if (!backups) co_return false;
    auto jobs = core::jobs_from_manifests(*backups);
    auto const done = co_await place.journal.rebuild_history(std::move(jobs), std::string("the journal was lost"));
    co_return done.has_value();
}

task<void> Life::keep_history() {
    bool is_done = false;
    while (!is_done) {
        auto const next = place.time.steady_now() + 5min;
        co_await place.time.sleep_until(next);
        is_done = co_await rebuild_history();
    }
}

task<void> Life::begin() {
    auto const loaded = co_await conditions->load();
    auto const clock_loaded = co_await clock->load();
    auto const known = co_await identity->load();
    auto const trashed = co_await trash->load();
    co_await unnamed->start();
    bool const is_rebuilt = co_await rebuild_history();
    if (!is_rebuilt) group->spawn(keep_history());
    co_await scheduler->load_pause();
    auto waiting = unnamed->waiting();
    auto const started = co_await engine->start(std::move(waiting));
    // As the service manager sees it; it tries again.
    has_failed = !loaded || !known || !trashed || !started || !clock_loaded;
    if (has_failed || !place.gate.is_open()) co_return;
    is_up = true;
    group->spawn(clock->run());
    group->spawn(identity->run());
    group->spawn(orders->run());
    group->spawn(unnamed->run());
    group->spawn(scheduler->run());
    place.started();
}

/// A LocalPath that hangs can hold a start up for hours: then it goes on beside what follows.
void Life::start() {
    group->spawn(begin());
    place.time.settle();
    for (int turns = 0; turns < 100 && !is_up && !has_failed && place.gate.is_open(); ++turns) place.time.run_for(1s);
    place.time.settle();
}

task<void> Life::end() {
    co_await group->join();
    co_await engine->join();
    co_await clock->finish();
    co_await owner->finish();
    co_await conditions->finish();
}

bool Life::stop() {
    group->stop();
    engine->stop();
    endings->spawn(end());
    for (int i = 0; i < 100 && !endings->empty() && place.gate.is_open(); ++i) place.time.run_for(1s);
    return endings->empty() && place.gate.is_open();
}

void Life::bury() {
    if (place.gate.is_open()) place.gate.kill();
    group->stop();
    engine->stop();
    endings->stop();
    place.time.settle();
    place.gate.bury();
    auto const join = [](Life& mine) -> task<void> {
        co_await mine.endings->join();
        co_await mine.group->join();
        co_await mine.engine->join();
        co_await mine.conditions->finish();
    };
    bool is_joined = false;
    asio::co_spawn(place.executor, join(*this), [&](std::exception_ptr) { is_joined = true; });
    for (int i = 0; i < 100 && !is_joined; ++i) place.time.settle();
    if (!is_joined) throw std::logic_error("a killed daemon does not end");
}

}  // namespace sb::test::adversary
