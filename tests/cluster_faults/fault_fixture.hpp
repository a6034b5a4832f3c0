#pragma once
// A simulated cluster that writes to a local folder, and a daemon that waits for seconds instead of minutes
// ([Timeouts]). These tests do not test the share, so there is no Samba.

#include "tests/support/daemon.hpp"
#include "tests/support/simulator.hpp"
#include "tests/support/tools.hpp"
#include "tests/support/temp_dir.hpp"

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace sb::test {

struct FaultFixtureSettings {
    std::vector<std::string> options = {};  ///< of the simulator
    std::function<void(DaemonSettings&, Simulator const&)> adjust = {};
    std::chrono::seconds limit{5};  ///< [Timeouts] Request and Submit
};

struct FaultFixture {
    using Settings = FaultFixtureSettings;
    explicit FaultFixture(Settings settings = {});
    ~FaultFixture();

    TempDir dir;
    Simulator simulator;
    Daemon daemon;
    std::map<std::string, std::string> uuids;  ///< of the VMs VM-A, VM-B, …, by name

    std::filesystem::path share() const { return dir.path() / "share"; }

    /// Adds one fault: its members, and those of its match.
    void add_fault(std::string const& members, std::string const& match, int times) const;
    void clear_faults() const;
    /// Waits until the node shows its own certificate again and the daemon can use it. (The daemon alone would not show
    /// that: it may respond with a cached list.)
    bool wait_until_recovered() const;

    /// Returns the job's id, or "" with the refusal in `refusal`.
    std::string start(std::vector<std::string> arguments, std::string* refusal = nullptr) const;
    struct Job {
        std::string state, error, tag;
    };
    Job job(std::string const& id) const;
    /// Waits for its end.
    Job ended(std::string const& id) const;
};

/// The VMs of each fixture, VM-A and so on, with two small disks each.
std::vector<std::string> const& vm_names();

}  // namespace sb::test

/// Skips the test if one of the programs that check the backups is not installed.
#define SB_NEEDS_CHECKERS() SB_NEEDS_TOOLS("qemu-img", "xmllint")
