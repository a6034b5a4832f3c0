#pragma once
// Invariants that must hold after every fault. They do not trust the daemon: xmllint and qemu-img read the folders and
// compare them with the guests' disks, and the simulated cluster counts the requests.

#include "tests/cluster_faults/fault_fixture.hpp"

namespace sb::test {

/// Every folder with a manifest contains the whole VM, byte by byte; no other folder has a manifest or a backup's name.
void expect_only_complete_backups(FaultFixture const& fixture, std::vector<std::string> const& expected);
/// No VM was exported, and no name imported, more often than requested.
void expect_no_request_twice(FaultFixture const& fixture, std::map<std::string, int> const& exports_asked_for);
/// The log contains no password in any encoding.
void expect_no_secret_in_log(FaultFixture const& fixture);
/// The same process is still running, responds, and makes a backup.
void expect_still_working(FaultFixture& fixture, pid_t pid);

}  // namespace sb::test
