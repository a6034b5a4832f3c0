#pragma once
// What must hold after any fault whatever. Nothing here trusts the daemon: the folders are read by xmllint and qemu-img
// and compared with the guests' own disks, the orders are counted by the simulated cluster.

#include "tests/cluster_faults/fault_fixture.hpp"

namespace sb::test {

/// Every manifest stands in a folder that holds the whole VM, byte by byte; no other folder has one.
void expect_only_whole_backups(FaultFixture const& fixture, std::vector<std::string> const& expected);
/// No VM was exported, and no name imported, more often than somebody asked for it.
void expect_no_order_twice(FaultFixture const& fixture, std::map<std::string, int> const& exports_asked_for);
/// The log holds no password, in no encoding.
void expect_no_secret_in_log(FaultFixture const& fixture);
/// The same process still runs, answers, and makes a backup.
void expect_ready_for_more(FaultFixture& fixture, pid_t pid);

}  // namespace sb::test
