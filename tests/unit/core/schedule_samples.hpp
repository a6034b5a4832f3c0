#pragma once
// Short ways to write down schedules, VMs and backups in tests.

#include "daemon/core/forecast.hpp"
#include "tests/support/rule_zone.hpp"

#include <cstdio>

namespace sb::core::samples {

using namespace std::chrono_literals;
using std::chrono::days;

/// "2026-11-23 17:00" in `zone`; the first one of a repeated time.
inline UtcTime at(char const* civil, Zone const& zone) {
    int y = 0, h = 0, min = 0;
    unsigned m = 0, d = 0;
    std::sscanf(civil, "%d-%u-%u %d:%d", &y, &m, &d, &h, &min);
    std::chrono::year_month_day const date{std::chrono::year{y}, std::chrono::month{m}, std::chrono::day{d}};
    return first_moment_of(CivilTime{std::chrono::local_days{date}} + std::chrono::hours{h} + std::chrono::minutes{min},
                           zone);
}

inline constexpr DailyWindow nightly{17h, 6h};

inline Timing every(int interval_days, DailyWindow window = nightly) { return {window, {interval_days, 0s}}; }

inline Vm a_vm(std::string uuid, std::uint64_t bytes = 1'000'000'000) {
    Vm vm;
    vm.name = "name of " + uuid;
    vm.uuid = VmUuid{std::move(uuid)};
    Disk disk;
    disk.type = "VIRTIO_DISK";
    disk.allocation_bytes = bytes;
    vm.disks.push_back(disk);
    return vm;
}

inline Stored a_copy(std::string vm, UtcTime started, std::string name) {
    Stored stored;
    stored.name = std::move(name);
    stored.state = BackupState::complete;
    stored.vm_name = "name of " + vm;
    stored.vm = VmUuid{std::move(vm)};
    stored.scheduled = stored.verified = true;
    stored.started = started;
    stored.completed = started + 10min;
    stored.size_bytes = 1'000'000'000;
    return stored;
}

}  // namespace sb::core::samples
