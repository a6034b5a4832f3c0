#pragma once
// Everything that an end-to-end test needs, real and private to it: a Samba share, a simulated cluster with a
// few small VMs, and scale-backupd with a config that fits both.

#include "tests/support/daemon.hpp"
#include "tests/support/samba_server.hpp"
#include "tests/support/simulator.hpp"

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
    /// Last touch to the daemon's config, for tests of a config that does not fit.
    std::function<void(DaemonSettings&)> adjust = {};
    bool start_daemon = true;
};

struct Fixture {
    explicit Fixture(FixtureSettings settings = {});
    ~Fixture();

    TempDir dir;
    SambaServer samba;
    Simulator simulator;
    Daemon daemon;

    std::filesystem::path share() const { return samba.folder(); }
    std::filesystem::path folder(std::string const& backup) const { return samba.folder() / backup; }

    /// How many folders the share holds; the daemon's mark is none.
    std::ptrdiff_t folders() const {
        return std::ranges::count_if(std::filesystem::directory_iterator(share()),
                                     [](auto const& entry) { return entry.is_directory(); });
    }

    /// The uuid of the VM that has this name at the cluster; throws unless there is exactly one.
    std::string vm_uuid(std::string const& name) const;
    /// Gives the VM another name, and waits until the daemon's list shows it.
    void rename_vm(std::string const& name, std::string const& new_name) const;
    /// The job that `backup --detach` or `restore --detach` has started; fails the test if it refuses.
    std::string detach(std::vector<std::string> arguments) const;
    /// A job as `jobs --json` shows it, "" for a field that is null or not there.
    std::string job_field(std::string const& id, std::string_view field) const;
    /// Waits until the job is in one of these states; the state that it has then.
    std::string wait_for_state(std::string const& id, std::vector<std::string> const& states) const;
    bool wait_until_exporting(std::string const& id) const;
};

/// A test of this name is skipped where Samba is not installed.
#define SB_NEEDS_SAMBA() \
    if (!sb::test::SambaServer::available()) GTEST_SKIP() << "Samba is not installed"

// ---- what a backup must be, told by tools that share no code with us ---------------------------------

/// Every folder that has a manifest holds an XML that xmllint reads and images that qemu-img finds whole.
void expect_every_manifest_is_true(std::filesystem::path const& share);
/// The folder has no manifest, so nothing can take it for a backup.
void expect_no_backup(Fixture const& fixture, std::string const& backup);
/// The folder is a whole backup, and `show-backups` says complete.
void expect_backup(Fixture const& fixture, std::string const& backup);
/// The images of both backups hold the same guest data, disk by disk.
void expect_same_disks(Fixture const& fixture, std::string const& backup, std::string const& other);

std::vector<std::filesystem::path> images_in(std::filesystem::path const& folder);
std::string json_string(std::string_view text);

inline void PrintTo(Finished const& done, std::ostream* out) { *out << "a command that ended with " << done.code; }

MATCHER_P2(EndedWith, code, words, "ended with exit code " + std::to_string(code) + " and said '" + words + "'") {
    *result_listener << "exit code " << arg.code << "\nout: " << arg.out << "\nerr: " << arg.err;
    return arg.code == code && (arg.out + arg.err).find(words) != std::string::npos;
}

}  // namespace sb::test
