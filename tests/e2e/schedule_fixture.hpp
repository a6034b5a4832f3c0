#pragma once
// The fixture of the schedule tests: a simulated cluster that writes to a local folder instead of a Samba share
// (faster, and Samba has its own tests), the daemon, and helpers for the schedule.

#include "tests/e2e/fixture.hpp"

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace sb::test {

struct ScheduleFixtureSettings {
    std::vector<std::string> vms = {"ALPHA", "BETA", "GAMMA"};
    /// Instead of `vms`: JSON for the scenario's "vms"; "disks" may be omitted.
    std::string scenario = {};
    std::string export_seconds = "0.2";
    std::string schedule = "StartTime = '0:00'\nEndTime = '0:00'\nBackupInterval = '1 day'\nMaxBackups = 30\n";
    std::string more = {};  ///< [Hooks], [SMTP] …
    std::vector<std::pair<std::string, std::string>> environment = {};
    /// Faults that are set before the daemon starts.
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

    /// The "result" of the response; throws with the response if it is an error.
    json::Document ask(std::string const& method, std::string const& params = "{}") const;
    /// Waits for the newest finished run that is at least the `number`-th. Fails the test if there is none.
    json::Document ended_run(int number = 1) const;
    /// Waits until this many exports have been requested.
    bool wait_for_exports(std::uint64_t count) const;
    std::uint64_t exports() const;

    struct Backup {
        std::string name, vm, vm_uuid, state;
        bool scheduled = false;
    };
    std::vector<Backup> backups() const;
    std::vector<std::string> names_of_backups() const;
    /// The only complete backup of this VM; fails the test if there are others.
    std::string only_backup_of(std::string const& vm) const;
    std::string vm_uuid(std::string const& name) const;
    std::string landing_folder_of(std::string const& backup) const { return test::landing_folder_of(share, backup); }

    using Clock = std::chrono::system_clock;
    /// Creates another complete backup of the same VM: a copy of the folder with another date in its manifest. Returns
    /// its name.
    std::string copy_backup(std::string const& name, Clock::time_point started, std::string const& replace = {},
                            std::string const& by = {}) const;
};

/// "[Schedule]" lines for a window that never closes, followed by `more`.
std::string always_open(std::string const& more = "MaxBackups = 3\n");
/// A fault: each export of this VM ends in ERROR. `more` are further members of "match".
std::string failing_export(std::string const& vm, std::string const& message, std::string const& more = {});
/// "[Schedule]" lines for a window around the current local time; negative = before now. A window that closes in less
/// than a back-off (5 minutes) has no second attempts.
std::string window_text(std::chrono::minutes from_now, std::chrono::minutes until);
/// Local time in the format of folder names.
std::string stamp_of(std::chrono::system_clock::time_point time);

/// A program for hooks that appends one line to `record`: its arguments in brackets, as "[a][b c]". Returns its path.
std::string recording_hook(std::filesystem::path const& folder, std::filesystem::path const& record,
                           std::string const& before = {});
std::vector<std::string> lines_of(std::filesystem::path const& file);

}  // namespace sb::test
