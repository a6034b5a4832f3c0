#pragma once
// Everything that an end-to-end test needs, private to the test: a real Samba share, a simulated cluster with a few
// small VMs, and scale-backupd with a matching configuration.

#include "tests/support/daemon.hpp"
#include "tests/support/samba_server.hpp"
#include "tests/support/simulator.hpp"
#include "tests/support/tools.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace sb::test {

struct FixtureSettings {
    SambaSettings samba = {};
    Simulator::Settings simulator = {};
    /// Changes the daemon's configuration, for tests of a wrong one.
    std::function<void(DaemonSettings&)> adjust = {};
    bool start_daemon = true;
};

/// "NAME.exporting-" and 8 hex digits: an export lands there, and it is not a backup, whatever it contains.
bool is_landing_folder(std::string const& name);
/// The folder that an export of this backup landed in; "" if there is none. Fails the test if there are several.
std::string landing_folder_of(std::filesystem::path const& share, std::string const& backup);

struct Fixture {
    explicit Fixture(FixtureSettings settings = {});
    ~Fixture();

    TempDir dir;
    SambaServer samba;
    Simulator simulator;
    Daemon daemon;

    std::filesystem::path share() const { return samba.folder(); }
    std::filesystem::path folder(std::string const& backup) const { return samba.folder() / backup; }

    std::string landing_folder_of(std::string const& backup) const { return test::landing_folder_of(share(), backup); }

    /// Number of folders on the share, without the daemon's mark.
    std::ptrdiff_t folders() const {
        return std::ranges::count_if(std::filesystem::directory_iterator(share()),
                                     [](auto const& entry) { return entry.is_directory(); });
    }

    /// The uuid of the VM with this name; throws unless there is exactly one.
    std::string vm_uuid(std::string const& name) const;
    /// Renames the VM and waits until the daemon's list shows it.
    void rename_vm(std::string const& name, std::string const& new_name) const;
    /// The job started by `backup --detach` or `restore --detach`; fails the test if it is refused.
    std::string detach(std::vector<std::string> arguments) const;
    /// A field of a job from `jobs --json`; "" if it is null or missing.
    std::string job_field(std::string const& id, std::string_view field) const;
    /// Waits until the job is in one of these states; returns that state.
    std::string wait_for_state(std::string const& id, std::vector<std::string> const& states) const;
    bool wait_until_exporting(std::string const& id) const;
};

/// Skips the test if one of the programs that serve or check a fixture is not installed.
#define SB_NEEDS_SAMBA() SB_NEEDS_TOOLS("smbd", "pdbedit", "smbclient", "curl", "qemu-img", "xmllint")

// ---- checks of backups with tools that share no code with us ------------------------------------------

/// Every folder with a manifest contains an XML that xmllint accepts and images that qemu-img accepts.
void expect_every_manifest_is_true(std::filesystem::path const& share);
/// There is no folder with this name, since it gets it only together with its manifest, and no such backup is listed.
void expect_no_backup(Fixture const& fixture, std::string const& backup);
/// The folder is a complete backup, and `show-backups` shows it as complete.
void expect_backup(Fixture const& fixture, std::string const& backup);
/// The images of both backups have the same guest data, disk by disk.
void expect_same_disks(Fixture const& fixture, std::string const& backup, std::string const& other);

std::vector<std::filesystem::path> images_in(std::filesystem::path const& folder);
std::string json_string(std::string_view text);

inline void PrintTo(Finished const& done, std::ostream* out) { *out << "a command with exit code " << done.code; }

MATCHER_P2(EndedWith, code, text, "ended with exit code " + std::to_string(code) + " and printed '" + text + "'") {
    *result_listener << "exit code " << arg.code << "\nout: " << arg.out << "\nerr: " << arg.err;
    return arg.code == code && (arg.out + arg.err).find(text) != std::string::npos;
}

}  // namespace sb::test
