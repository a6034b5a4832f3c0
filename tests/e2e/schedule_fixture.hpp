#pragma once
// What the tests of the schedule need: a simulated cluster that writes into a plain folder instead of a Samba share (it
// is quicker, and Samba has tests of its own), the daemon, and the schedule's questions.

#include "tests/e2e/fixture.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sb::test {

struct ScheduleFixtureSettings {
    std::vector<std::string> vms = {"ALPHA", "BETA", "GAMMA"};
    /// In place of `vms`: JSON for the scenario's "vms", of which "disks" may be left out.
    std::string scenario = {};
    std::string export_seconds = "0.2";
    std::string schedule = "StartTime = '0:00'\nEndTime = '0:00'\nBackupInterval = '1 day'\nMaxBackups = 30\n";
    std::string more = {};  ///< [Hooks], [SMTP] …
    std::vector<std::pair<std::string, std::string>> environment = {};
    /// Faults that stand before the daemon starts.
    std::string faults = {};
    bool start_daemon = true;
};

struct ScheduleFixture {
    explicit ScheduleFixture(ScheduleFixtureSettings settings = {});
    ~ScheduleFixture();

    TempDir dir;
    std::filesystem::path share;
    Simulator simulator;
    Daemon daemon;

    /// The answer's "result"; throws with the answer if it is an error.
    json::Document ask(std::string const& method, std::string const& params = "{}") const;
    /// The newest run that has ended and is at least the `number`-th: waits for it. Fails the test if there is none.
    json::Document ended_run(int number = 1) const;
    /// Waits until so many exports have been asked for.
    bool wait_for_exports(std::uint64_t count) const;
    std::uint64_t exports() const;

    struct Backup {
        std::string name, vm, vm_uuid, state;
        bool scheduled = false;
    };
    std::vector<Backup> backups() const;
    std::vector<std::string> names_of_backups() const;
    /// The one complete backup of this VM; fails the test if there are others.
    std::string only_backup_of(std::string const& vm) const;
    std::string vm_uuid(std::string const& name) const;

    using Clock = std::chrono::system_clock;
    /// Another whole backup of the same VM: a copy of the folder, its manifest dated otherwise. Returns its name.
    std::string copy_backup(std::string const& name, Clock::time_point started, std::string const& replace = {},
                            std::string const& by = {}) const;
};

/// "[Schedule]" lines for a window that never closes, in front of others.
std::string always_open(std::string const& more = "MaxBackups = 3\n");
/// A fault: the cluster's task of each export of this VM ends in ERROR. `more` are further members of "match".
std::string failing_export(std::string const& vm, std::string const& words, std::string const& more = {});
/// "[Schedule]" lines for a window around the present local time; negative = before now. A window that closes less than
/// a back-off (5 minutes) from now has no second attempts.
std::string window_text(std::chrono::minutes from_now, std::chrono::minutes until);
/// Local time as folder names have it.
std::string stamp_of(std::chrono::system_clock::time_point time);

/// A program for hooks that appends one line to `record`: its arguments in brackets, as "[a][b c]". Returns its path.
std::string recording_hook(std::filesystem::path const& folder, std::filesystem::path const& record,
                           std::string const& before = {});
std::vector<std::string> lines_of(std::filesystem::path const& file);

}  // namespace sb::test
