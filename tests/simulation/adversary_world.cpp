// The life of the daemon in the adversary's world: started, killed at any place, stopped, started again.
#include "tests/simulation/adversary.hpp"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <iostream>

namespace sb::test::adversary {

World::World(std::uint32_t seed) {
    time.jump_wall_clock(12h);
    settings.configured = true;
    settings.settings.timing.window = {17h, 6h};
    settings.settings.timing.interval = {1, 0s};
    settings.settings.slots = 2;
    settings.policy.max_backups = 2;
    catalog.mark = "";
    cluster.length = 20min;
    cluster.show_clock(time.now());
    cluster.on_begin = [this](FakeCluster::Run const& run) {
        if (run.import) cluster.vms.push_back(EngineFixture::imported(run));
        auto* const mine = export_of(run.folder);
        if (mine == nullptr) return;
        mine->tag = run.tag;
        mine->given_up = !cluster.knows_tags;
        writing.insert(core::attempt_of(run.folder));
        catalog.folders.insert(run.folder);
    };
    cluster.instead_of_report = [this](FakeCluster::Run const& run) -> std::optional<Result<core::TaskReport>> {
        if (!queued.contains(run.tag)) return std::nullopt;
        struck(Act::task_queued);
        auto report = cluster.report_of(run);
        report.state = core::TaskState::queued;
        report.percent = 0;
        return report;
    };
    // What the cluster is writing grows.
    catalog.grown = [this](std::string const& folder) -> std::uint64_t {
        look_at_tasks();
        auto const* const mine = export_of(folder);
        if (mine == nullptr || mine->whole || mine->failed) return 1000;
        return static_cast<std::uint64_t>(time.steady_now().time_since_epoch().count());
    };
    gate.on_kill = [this] {
        struck(stopping);
        disturb();
    };
    people = std::make_unique<TaskGroup>(io.get_executor(), [](std::exception_ptr) {});
    std::mt19937 random(seed);
    for (auto count = 3 + random() % 4; count > 0; --count) add_vm();
    start();
}

World::~World() {
    bury();
    people->stop();
    asio::co_spawn(io, people->join(), [](std::exception_ptr) {});
    time.settle();
}

void World::start() {
    gate.open();
    disturb();
    ++starts;
    life = std::make_unique<Life>();
    auto const executor = io.get_executor();
    auto const changed = [this](core::Job const& job) {
        if (!gate.is_open()) return;
        note(job);
        if (life->scheduler) life->scheduler->job_changed(job);
    };
    auto const slots = static_cast<std::size_t>(settings.settings.slots);
    life->conditions = std::make_unique<engine::ConditionRegistry>(executor, gated_journal, time);
    engine::ClusterIdentityWatch::Dependencies asked{gated_cluster, gated_journal, time, *life->conditions};
    life->identity = std::make_unique<engine::ClusterIdentityWatch>(std::move(asked));
    engine::OwnerWatch::Dependencies owned{
        *life->identity,         gated_catalog,
        gated_journal,           time,
        *life->conditions,       "nas",
        "/var/lib/scale-backup", [this] { return "installation " + std::to_string(starts); }};
    life->owner = std::make_unique<engine::OwnerWatch>(std::move(owned));
    life->orders = std::make_unique<engine::OrderGate>(gated_cluster, time, *life->conditions, *life->owner);
    engine::Trash::Dependencies kept{gated_catalog, gated_journal, time, [this] { return undelete_for; },
                                     [this] { return life->clock && life->clock->in_doubt(); }};
    life->trash = std::make_unique<engine::Trash>(std::move(kept));
    life->evidence = std::make_unique<engine::Evidence>(gated_catalog, time, *life->conditions);
    engine::Ports ports{gated_cluster, gated_catalog,   gated_journal, time,
                        gated_hooks,   *life->identity, *life->orders, *life->trash};
    life->engine =
        std::make_unique<engine::Engine>(executor, ports, *life->conditions, slots, engine::Limits{}, changed);
    engine::ClockWatch::Dependencies watched{
        gated_cluster, gated_catalog, gated_journal, time, *life->conditions, zone, "boot-" + std::to_string(boots)};
    watched.check_every = 10min;
    life->clock = std::make_unique<engine::ClockWatch>(std::move(watched));
    auto const crashed = [this](std::exception_ptr failure) {
        try {
            std::rethrow_exception(failure);
        } catch (std::exception const& e) {
            broken('x', std::string("the engine crashed: ") + e.what());
        }
    };
    life->group = std::make_unique<TaskGroup>(executor, crashed);
    auto const begin = [](World& world) -> task<void> {
        auto& mine = *world.life;
        auto const loaded = co_await mine.conditions->load();
        auto const identity = co_await mine.identity->load();
        auto const trashed = co_await mine.trash->load();
        auto const started = co_await mine.engine->start();
        auto const clock = co_await mine.clock->load();
        // As the service manager sees it; it tries again.
        mine.has_failed = !loaded || !identity || !trashed || !started || !clock;
        mine.is_up = !mine.has_failed;
    };
    life->group->spawn(begin(*this));
    time.settle();
    for (int turns = 0; turns < 100 && !life->is_up && !life->has_failed && gate.is_open(); ++turns) time.run_for(1s);
    life->has_failed = !life->is_up;
    if (!life->is_up || !gate.is_open()) return;
    engine::Scheduler::Dependencies dependencies{executor,
                                                 *life->engine,
                                                 gated_catalog,
                                                 gated_journal,
                                                 time,
                                                 gated_hooks,
                                                 alerts,
                                                 *life->clock,
                                                 *life->conditions,
                                                 *life->trash,
                                                 *life->evidence,
                                                 zone,
                                                 [this] { return settings; },
                                                 [](std::string const& name) { return name; },
                                                 10min};
    life->scheduler = std::make_unique<engine::Scheduler>(std::move(dependencies));
    life->group->spawn(life->clock->run());
    life->group->spawn(life->identity->run());
    life->group->spawn(life->orders->run());
    life->group->spawn(life->scheduler->run());
    time.settle();
    check_memory();
}

/// What a killed daemon leaves in memory ends; nothing of it reaches the world.
void World::bury() {
    if (!life) return;
    if (gate.is_open()) gate.kill();
    life->group->stop();
    life->engine->stop();
    time.settle();
    gate.bury();
    auto const join = [](Life& mine) -> task<void> {
        co_await mine.group->join();
        co_await mine.engine->join();
        co_await mine.conditions->finish();
    };
    bool is_joined = false;
    asio::co_spawn(io, join(*life), [&](std::exception_ptr) { is_joined = true; });
    for (int i = 0; i < 100 && !is_joined; ++i) time.settle();
    if (!is_joined) throw std::logic_error("a killed daemon does not end");
    life->scheduler.reset();
    life.reset();
}

void World::kill_now() {
    if (!life) return;
    gate.kill();
    bury();
}

/// As a SIGTERM does.
void World::stop() {
    if (!life) return;
    bool is_stopped = false;
    auto const end = [](Life& mine) -> task<void> {
        co_await mine.group->join();
        co_await mine.clock->finish();
        co_await mine.engine->join();
        co_await mine.conditions->finish();
    };
    life->group->stop();
    life->engine->stop();
    asio::co_spawn(io, end(*life), [&](std::exception_ptr) { is_stopped = true; });
    for (int i = 0; i < 100 && !is_stopped && gate.is_open(); ++i) time.run_for(1s);
    if (!is_stopped) gate.kill();
    bury();
}

void World::heal_after(Milliseconds length, std::function<void()> heal) {
    heals_.push_back({time.steady_now() + length, std::move(heal)});
}

void World::heal_due(bool all) {
    auto const now = time.steady_now();
    for (std::size_t i = 0; i < heals_.size();) {
        if (!all && heals_[i].at > now) {
            ++i;
            continue;
        }
        auto const heal = std::move(heals_[i].heal);
        heals_.erase(heals_.begin() + static_cast<std::ptrdiff_t>(i));
        heal();
        disturb();
    }
}

/// As the cluster does; never one that is running.
void World::forget_old_tasks() {
    constexpr std::size_t kept = 30;
    look_at_tasks();
    for (std::size_t i = 0; cluster.runs.size() > kept && i + kept < cluster.runs.size();) {
        auto const old = cluster.runs.begin() + static_cast<std::ptrdiff_t>(i);
        if (cluster.report_of(*old).state == core::TaskState::running) ++i;
        else cluster.runs.erase(old);
    }
}

void World::play(Move const& move) {
    ++moves;
    forget_old_tasks();
    heal_due(false);
    if (life && (!gate.is_open() || life->has_failed)) bury();
    if (!life) start();
    std::mt19937 random(move.seed);
    // Somebody tidies up; what no rule deletes would make each look slower.
    constexpr std::size_t most_copies = 24;
    while (catalog.manifests.size() > most_copies) remove_by_hand(some_copy(random));
    if (tell && move.act != Act::wait)
        std::cout << moves << " " << format_rfc3339(time.now()) << " " << name_of(move.act) << ", then "
                  << move.then.count() / 1000 << " s" << std::endl;
    strike(*this, move.act, random);
    time.run_for(move.then);
    if (violation) return;
    check();
}

void World::calm() {
    heal_due(true);
    gate.kill_at(0);
    unconfirmed_in = 0;
    journal_takes = 0ms;
    journal.failing.clear();
    if (life && (!gate.is_open() || life->has_failed)) bury();
    if (!life) start();
    if (!life->scheduler) return broken('g', "the daemon does not start although all faults have ended");
    for (auto& run : cluster.runs)
        if (stuck.contains(run.tag)) {
            run.fails_with = "ended by the administrator";
            run.fail_at = 0;
        }
    stuck.clear();
    queued.clear();
    missing.clear();
    set_right_clock();
    hooks.length = Milliseconds{0};
    hooks.problem.clear();
    ask<Result<void>>(life->scheduler->set_paused(false), [this](auto const& done) {
        if (done) paused = false;
    });
    life->scheduler->check_again();
    disturb();
    std::vector<JobId> unfinished;
    for (auto const& [id, job] : journal.jobs)
        if (job.phase != core::Phase::finished) unfinished.push_back(id);
    for (int hours = 0; hours < 72 && !violation; ++hours) {
        time.run_for(1h);
        check();
    }
    if (!violation) check_order(unfinished);
}

void World::set_right_clock() {
    time.jump_wall_clock(-wrong_by);
    wrong_by = Milliseconds{0};
}

}  // namespace sb::test::adversary
