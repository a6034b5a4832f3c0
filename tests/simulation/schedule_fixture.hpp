#pragma once
// The scheduler on top of an EngineFixture: nights pass in milliseconds.

#include "daemon/engine/scheduler.hpp"
#include "tests/simulation/engine_fixture.hpp"
#include "tests/support/rule_zone.hpp"

#include <memory>
#include <string>
#include <vector>

namespace sb::test {

class FakeAlerts final : public ports::Alerts {
public:
    std::vector<core::Run> runs;
    std::vector<std::vector<core::Job>> failed;
    std::vector<std::string> behind;
    int tag_alerts = 0;

    void run_ended(core::Run const& run, std::vector<core::Job> const& jobs) override {
        runs.push_back(run);
        failed.push_back(jobs);
    }
    /// The last report.
    core::Run const& last_run() const { return runs.back(); }
    void behind_schedule(std::vector<core::Behind> const& late) override {
        for (auto const& vm : late) behind.push_back(vm.name);
    }
    void tag_matches_nothing(std::string const&, std::vector<std::string> const&) override { ++tag_alerts; }
    void tag_matches(std::string const&) override {}
    std::vector<std::string> bad_backups;  ///< "name: newest good one"
    void verification_failed(core::Job const& job, std::string const& newest_good) override {
        bad_backups.push_back(job.backup + ": " + newest_good);
    }
    void verification_passed(std::string const& backup) override { good_backups.push_back(backup); }
    std::vector<std::string> good_backups;
    void schedule_blocked(ports::Blocked kind, std::string const& words) override { blocked[kind].push_back(words); }
    void schedule_unblocked() override { ++works; }
    void clock_accepted(std::string const& doubt) override { accepted_doubts.push_back(doubt); }
    std::vector<std::string> accepted_doubts;
    std::map<ports::Blocked, std::vector<std::string>> blocked;
    int works = 0;
};

struct ScheduleFixture : EngineFixture {
    FakeAlerts alerts;
    RuleZone zone = utc();
    engine::ScheduleSettings settings;
    std::function<std::string(std::string const&)> safe_name = [](std::string const& name) { return name; };
    bool cluster_shows_clock = true;  ///< from the first start on
    std::string boot_id = "boot-1";
    Milliseconds check_clock_every{1min};
    std::unique_ptr<engine::ClockWatch> clock;
    std::unique_ptr<engine::Scheduler> scheduler;
    std::unique_ptr<TaskGroup> group;
    std::function<void()> on_start = [] {};  ///< before anything runs

    /// Every night from 17:00 to 06:00, each VM once a day, three at a time.
    ScheduleFixture() {
        time.jump_wall_clock(12h);  // noon: the window is closed
        settings.configured = true;
        settings.settings.timing.window = {17h, 6h};
        settings.settings.timing.interval = {1, 0s};
        settings.settings.slots = 3;
        on_change = [this](core::Job const& job) {
            if (scheduler) scheduler->job_changed(job);
        };
        on_cluster_changed = [this] {
            if (scheduler) scheduler->folders_changed();
        };
    }
    ~ScheduleFixture() { stop(); }

    void start() {
        if (!engine) start_engine();
        if (cluster_shows_clock && !cluster.shows_clock()) cluster.show_clock(time.now());
        engine::ClockWatch::Dependencies watched{
            cluster,          shown, journal, time,
            *conditions,      zone,  boot_id, [this](std::string const& doubt) { alerts.clock_accepted(doubt); },
            check_clock_every};
        clock = std::make_unique<engine::ClockWatch>(std::move(watched));
        EXPECT_TRUE(get(clock->load()));
        engine::Scheduler::Dependencies dependencies{io.get_executor(),
                                                     *engine,
                                                     shown,
                                                     journal,
                                                     time,
                                                     hooks,
                                                     alerts,
                                                     *clock,
                                                     *conditions,
                                                     *trash,
                                                     *evidence,
                                                     zone,
                                                     [this] { return settings; },
                                                     [this](std::string const& name) { return safe_name(name); },
                                                     1h};
        scheduler = std::make_unique<engine::Scheduler>(std::move(dependencies));
        group = std::make_unique<TaskGroup>(io.get_executor(), [](std::exception_ptr failure) {
            try {
                std::rethrow_exception(failure);
            } catch (std::exception const& e) {
                ADD_FAILURE() << "the scheduler crashed: " << e.what();
            }
        });
        on_start();
        group->spawn(clock->run());
        group->spawn(scheduler->run());
        time.settle();
    }
    void stop() {
        if (group) {
            group->stop();
            auto drain = [](TaskGroup& g, engine::ClockWatch& c) -> task<Result<void>> {
                co_await g.join();
                co_await c.finish();
                co_return boost::system::in_place_value;
            };
            EXPECT_TRUE(get(drain(*group, *clock)));
        }
        finish_engine();
        group.reset();
        scheduler.reset();
        clock.reset();
        drop_engine();
    }
    /// Moves to the next moment of that time of day.
    void run_until_clock(Milliseconds time_of_day) {
        auto const civil = core::to_civil(time.now(), zone);
        auto moment = std::chrono::floor<std::chrono::days>(civil) + time_of_day;
        if (moment <= civil) moment += 24h;
        time.run_for(core::first_moment_of(moment, zone) - time.now());
    }
    std::size_t copies_of(std::string const& vm) const {
        std::size_t count = 0;
        for (auto const& [name, manifest] : catalog.manifests)
            if (manifest.vm_name == vm) ++count;
        return count;
    }
};

}  // namespace sb::test
