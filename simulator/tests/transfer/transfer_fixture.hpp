#pragma once
// The fixture of the transfer tests: a temporary directory, other programs for comparison, and the worker in a child
// process, as in hypercore-sim.

#include "simulator/transfer/worker_protocol.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace sb::sim::test {

/// A new directory, removed with its contents.
class TempDir {
public:
    TempDir();
    TempDir(TempDir const&) = delete;
    TempDir& operator=(TempDir const&) = delete;
    ~TempDir();
    std::filesystem::path operator/(std::string const& name) const { return path_ / name; }
    std::string str() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

/// Runs a program without a shell; returns its exit code and, in `output`, stdout and stderr together.
int run_program(std::vector<std::string> const& command, std::string* output = nullptr);

/// All messages of the worker, and its exit code.
struct WorkerRun {
    std::vector<Progress> progress;
    std::vector<Done> done;
    std::vector<Failed> failed;
    int exit_code = -1;

    std::string reason() const;  ///< the message of the failure with its parameters inserted; "" if there is none
};
WorkerRun run_worker(WorkerSpec const& spec);

/// A VM with one NIC and disks named disk-uuid-0, disk-uuid-1, …
VmDefinition sample_vm(int disks);
/// The spec that exports raw files with these names and sizes as the disks of sample_vm.
ExportSpec sample_export(std::string const& uri, std::vector<std::pair<std::string, std::uint64_t>> const& raw_files);

}  // namespace sb::sim::test
