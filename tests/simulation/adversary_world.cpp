// The life of the daemon in the adversary's world: started, killed at any place, stopped, started again.
#include "tests/simulation/adversary_neighbour.hpp"

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
        else begun_at(cluster, run);
    };
    cluster.instead_of_report = [this](FakeCluster::Run const& run) -> std::optional<Result<core::TaskReport>> {
        if (!queued.contains(run.tag)) return std::nullopt;
        met(Act::task_queued);
        auto report = cluster.report_of(run);
        report.state = core::TaskState::queued;
        report.percent = 0;
        return report;
    };
    // What a cluster is writing grows.
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
    for (auto* const each : {other.get(), twin.get()})
        if (each != nullptr) each->kill();
    bury();
    people->stop();
    asio::co_spawn(io, people->join(), [](std::exception_ptr) {});
    time.settle();
}

Neighbour& World::neighbour(bool same_cluster) {
    auto& wanted = same_cluster ? twin : other;
    if (!wanted) wanted = std::make_unique<Neighbour>(*this, same_cluster);
    return *wanted;
}

void World::forget_after(FakeJournal const& known) {
    auto const is_lost = [&](JobId id) { return !known.jobs.contains(id); };
    std::erase_if(promised, [&](auto const& each) { return is_lost(each.first); });
    std::erase_if(cancelled, [&](JobId id) { return is_lost(id) || !known.jobs.at(id).cancel_requested; });
    std::erase_if(links, [&](auto const& each) { return !known.links.contains(each.first); });
    std::erase_if(ended, [&](JobId id) { return is_lost(id) || known.jobs.at(id).phase != core::Phase::finished; });
    paused.reset();
    failed_at.clear();
    told_phases.clear();
    for (auto& [attempt, mine] : exports) {
        if (mine.by != this) continue;
        auto const* const job = job_in(known, attempt);
        if (job == nullptr || job->phase != core::Phase::finished) mine.forgotten = mine.given_up = true;
        // A new journal makes the daemon look for exports without their name, an older one does not.
        if (job == nullptr && !known.is_new) mine.may_stay = true;
    }
}

void World::start() {
    gate.open();
    disturb();
    ++starts;
    Place place{io.get_executor(),
                time,
                gate,
                gated_cluster,
                gated_catalog,
                gated_journal,
                gated_hooks,
                alerts,
                zone,
                "nas",
                "boot-" + std::to_string(boots),
                settings,
                undelete_for,
                limits,
                "installation " + std::to_string(starts),
                [this] { return catalog.landed; }};
    place.changed = [this](core::Job const& job) { note(job); };
    place.crashed = [this](std::string const& what) { broken('x', "the engine crashed: " + what); };
    place.started = [this] {
        disturb();
        check_memory();
    };
    life = std::make_unique<Life>(std::move(place));
    life->start();
}

void World::bury() {
    if (!life) return;
    life->bury();
    life.reset();
}

void World::kill_now() {
    if (!life) return;
    gate.kill();
    bury();
}

void World::stop() {
    if (!life) return;
    life->stop();
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

void World::postpone(Act act, unsigned tries) {
    constexpr unsigned most_tries = 400;
    constexpr std::size_t most = 80;
    if (tries > most_tries) return;
    if (postponed_.size() >= most) postponed_.pop_front();
    postponed_.push_back({act, tries});
}

/// Two at most in a step: what waited for the same moment must not all come in one.
void World::try_postponed() {
    int found = 0;
    for (auto count = postponed_.size(); count > 0 && found < 2; --count) {
        auto const waiting = postponed_.front();
        postponed_.pop_front();
        std::mt19937 random(static_cast<std::uint32_t>(moves * 100 + count));
        if (strike(*this, waiting.act, random)) ++found;
        else postpone(waiting.act, waiting.tries + 1);
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

void World::begin(Move const& move) {
    constexpr std::size_t most = 40;
    auto const lie_in_wait = [&](std::deque<Move>& waiting) {
        if (waiting.size() >= most) waiting.pop_front();
        waiting.push_back(move);
    };
    std::mt19937 random(move.seed);
    switch (moment_of(move.act)) {
        case Moment::order: return lie_in_wait(at_order);
        case Moment::exporting: return lie_in_wait(at_export);
        case Moment::reading: return lie_in_wait(at_look);
        case Moment::now:
            if (!strike(*this, move.act, random)) postpone(move.act);
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
    if (move.act != Act::calm) try_postponed();
    constexpr std::size_t copied_every = 25;
    if (moves % copied_every == 0) kept_journal = journal;
    begin(move);
    time.run_for(move.then);
    if (violation) return;
    check();
}

void World::calm() {
    is_calm = true;
    heal_due(true);
    at_order.clear();
    at_export.clear();
    at_look.clear();
    begun.clear();
    for (auto* const each : {other.get(), twin.get()})
        if (each != nullptr) each->kill();
    hangs_until = std::min(hangs_until, time.steady_now());
    gate.kill_at(0);
    unconfirmed_in = 0;
    journal_takes = 0ms;
    journal.failing.clear();
    if (life && (!gate.is_open() || life->has_failed)) bury();
    if (!life) start();
    if (!is_up()) time.run_for(2min);  // a call into LocalPath returns within a minute after what it hung for
    if (!is_up()) return broken('g', "the daemon does not start although all faults have ended");
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
    settings.settings.tag.reset();
    life->scheduler->configured();
    disturb();
    std::vector<JobId> unfinished;
    for (auto const& [id, job] : journal.jobs)
        if (job.phase != core::Phase::finished) unfinished.push_back(id);
    // A VM that was backed up just before may be due only after its interval.
    auto const length = 48 + 24 * interval_days;
    for (int hours = 0; hours < length && !violation; ++hours) {
        time.run_for(1h);
        check();
    }
    if (!violation) decide_surplus();
    if (!violation) check_order(unfinished);
    is_calm = false;
}

/// What the rules would delete may be so much that it waits for a person.
void World::decide_surplus() {
    auto const is_held = [](core::Condition const& standing) {
        return standing.kind == core::ConditionKind::clean_up_held;
    };
    if (std::ranges::none_of(life->conditions->all(), is_held)) return;
    ask<Result<engine::Pruned>>(life->scheduler->clean_up().prune(true), [this](auto const& pruned) {
        if (!pruned) broken('g', "the surplus cannot be deleted by order: " + pruned.error().context);
    });
    time.run_for(1h);
    if (!violation) check();
}

void World::set_right_clock() {
    time.jump_wall_clock(-wrong_by);
    wrong_by = Milliseconds{0};
}

}  // namespace sb::test::adversary
