#pragma once
// A simulated cluster that writes into a plain folder, and a daemon that waits for seconds where it would wait for
// minutes ([Timeouts]). The share is not what is tested here, so there is no Samba.

#include "tests/support/daemon.hpp"
#include "tests/support/simulator.hpp"
#include "tests/support/temp_dir.hpp"

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

    /// One fault: its members, and those of its match.
    void add_fault(std::string const& members, std::string const& match, int times) const;
    void clear_faults() const;
    /// Until the node shows its own certificate again and the daemon can ask it. (The daemon alone would not tell: it
    /// may answer with a list of a moment ago.)
    bool wait_until_well() const;

    /// The job's id, or "" with the refusal in `refusal`.
    std::string start(std::vector<std::string> arguments, std::string* refusal = nullptr) const;
    struct Job {
        std::string state, error, tag;
    };
    Job job(std::string const& id) const;
    /// Waits for its end.
    Job ended(std::string const& id) const;
};

/// "VM-A" … the VMs that each fixture has, with two small disks each.
std::vector<std::string> const& vm_names();

}  // namespace sb::test
