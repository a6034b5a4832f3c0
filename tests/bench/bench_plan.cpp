// One planning pass of a large site: 10,000 VMs with 30 backups each. Target: under 100 ms.
#include "daemon/core/forecast.hpp"
#include "daemon/platform/zone.hpp"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdio>
#include <random>

using namespace sb;
using namespace sb::core;
using namespace std::chrono_literals;
using std::chrono::days;

namespace {

constexpr int vm_count = 10'000;
constexpr int copies_of_each = 30;

std::string uuid_of(int number) {
    char text[64];
    std::snprintf(text, sizeof text, "%08x-1b2c-4d3e-8f90-%012x", static_cast<unsigned>(number) * 2654435761u,
                  static_cast<unsigned>(number));
    return text;
}

/// After a year: every VM backed up each night, the clean-up of the last night still pending.
ForecastFacts large_site() {
    ForecastFacts site;
    site.schedule.now = UtcTime{1'795'460'400s};
    site.settings = {.timing = {{17h, 6h}, {1, 0s}}, .slots = 3, .tag = "BackMeUp", .tolerance = CivilDuration{0, 6h}};
    site.retention.now = site.schedule.now;
    site.retention.existing.emplace();
    site.policy = {copies_of_each - 1, CivilDuration{30, 0s}};
    std::mt19937 random(1);
    std::uniform_int_distribution<int> minutes_into_night(0, 700), gigabytes(1, 500);
    for (int i = 0; i < vm_count; ++i) {
        Vm vm;
        vm.uuid = VmUuid{uuid_of(i)};
        vm.name = "server-number-" + std::to_string(i);
        vm.tags = {"prod", "BackMeUp"};
        Disk disk;
        disk.type = "VIRTIO_DISK";
        disk.allocation_bytes = static_cast<std::uint64_t>(gigabytes(random)) * 1'000'000'000;
        vm.disks = {disk, disk};
        site.retention.existing->insert(vm.uuid);
        site.schedule.usual_durations[vm.uuid] = 1s * gigabytes(random);
        site.schedule.first_seen[vm.uuid] = site.schedule.now - days{400};
        site.schedule.vms.push_back(std::move(vm));
    }
    // As folders are listed: in no order.
    std::vector<std::pair<int, int>> folders;
    for (int i = 0; i < vm_count; ++i)
        for (int night = 1; night <= copies_of_each; ++night) folders.emplace_back(i, night);
    std::shuffle(folders.begin(), folders.end(), random);
    for (auto const& [i, night] : folders) {
        auto const& vm = site.schedule.vms[static_cast<std::size_t>(i)];
        Stored copy;
        copy.name = "2026-11-" + std::to_string(night) + "_17-00-00 " + vm.name;
        copy.state = BackupState::complete;
        copy.vm = vm.uuid;
        copy.vm_name = vm.name;
        copy.scheduled = copy.verified = true;
        copy.started = site.schedule.now - days{night} + 1min * minutes_into_night(random);
        site.schedule.copies.push_back({vm.uuid, copy.started});
        site.retention.backups.push_back(std::move(copy));
    }
    return site;
}

ForecastFacts const& site() {
    static ForecastFacts const facts = large_site();
    return facts;
}

void plan_alone(benchmark::State& state) {
    platform::SystemZone const zone;
    auto const& s = site();
    for (auto _ : state) benchmark::DoNotOptimize(plan(s.schedule, s.settings, s.in_progress, zone));
}

void judge_alone(benchmark::State& state) {
    platform::SystemZone const zone;
    auto const& s = site();
    for (auto _ : state) benchmark::DoNotOptimize(evaluate_retention(s.retention, s.policy, zone));
}

void one_planning_pass(benchmark::State& state) {
    platform::SystemZone const zone;
    auto const& s = site();
    for (auto _ : state) {
        benchmark::DoNotOptimize(plan(s.schedule, s.settings, s.in_progress, zone));  // includes queue()
        benchmark::DoNotOptimize(evaluate_retention(s.retention, s.policy, zone));
    }
}

void reading_the_time_zone(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(platform::SystemZone());
}

BENCHMARK(reading_the_time_zone)->Unit(benchmark::kMillisecond);
BENCHMARK(plan_alone)->Unit(benchmark::kMillisecond);
BENCHMARK(judge_alone)->Unit(benchmark::kMillisecond);
BENCHMARK(one_planning_pass)->Unit(benchmark::kMillisecond);

}  // namespace
