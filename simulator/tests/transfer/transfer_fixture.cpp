#include "simulator/tests/transfer/transfer_fixture.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdlib>

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sb::sim::test {
namespace {

std::string read_all(int fd) {
    std::string text;
    std::array<char, 65536> buffer{};
    for (ssize_t got = 0; (got = ::read(fd, buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), static_cast<std::size_t>(got));
    ::close(fd);
    return text;
}

int wait_for(pid_t child) {
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace

TempDir::TempDir() {
    std::string pattern = (std::filesystem::temp_directory_path() / "sim-transfer-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
    path_ = pattern;
}

TempDir::~TempDir() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

int run_program(std::vector<std::string> const& command, std::string* output) {
    std::array<int, 2> out{};
    if (::pipe(out.data()) != 0) return -1;
    pid_t const child = ::fork();
    if (child == 0) {
        ::dup2(out[1], 1);
        ::dup2(out[1], 2);
        ::close(out[0]);
        std::vector<char*> arguments;
        for (auto const& word : command) arguments.push_back(const_cast<char*>(word.c_str()));
        arguments.push_back(nullptr);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(out[1]);
    std::string const text = read_all(out[0]);
    if (output != nullptr) *output = text;
    return wait_for(child);
}

std::string WorkerRun::reason() const {
    if (failed.empty()) return "";
    std::string text = failed.front().message;
    for (auto const& parameter : failed.front().parameters)
        if (auto const at = text.find("%@"); at != std::string::npos) text.replace(at, 2, parameter);
    return text;
}

WorkerRun run_worker(WorkerSpec const& spec) {
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    if (::pipe(in.data()) != 0 || ::pipe(out.data()) != 0) return {};
    pid_t const child = ::fork();
    if (child == 0) {
        ::close(in[1]);
        ::close(out[0]);
        ::_exit(run_transfer_worker(in[0], out[1]));
    }
    ::close(in[0]);
    ::close(out[1]);
    std::string const line = to_json(spec) + "\n";
    EXPECT_EQ(::write(in[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
    ::close(in[1]);
    std::string const output = read_all(out[0]);
    WorkerRun run;
    run.exit_code = wait_for(child);
    for (std::size_t at = 0; at < output.size();) {
        auto const end = output.find('\n', at);
        auto const message = parse_message(output.substr(at, end - at));
        EXPECT_TRUE(message) << output.substr(at, end - at);
        if (!message) break;
        if (auto const* progress = std::get_if<Progress>(&*message)) run.progress.push_back(*progress);
        if (auto const* done = std::get_if<Done>(&*message)) run.done.push_back(*done);
        if (auto const* failed = std::get_if<Failed>(&*message)) run.failed.push_back(*failed);
        at = end + 1;
    }
    return run;
}

VmDefinition sample_vm(int disks) {
    VmDefinition vm;
    vm.name = "FILE01";
    vm.description = "file server";
    vm.uuid = "9e1f7a30-4f0b-4d0c-a7d5-2a51a6f0c801";
    vm.mem_bytes = 8ULL << 30U;
    vm.num_vcpu = 4;
    vm.tags = {"prod", "backup"};
    for (int i = 0; i < disks; ++i)
        vm.disks.push_back({"VIRTIO_DISK", "disk-uuid-" + std::to_string(i), "WRITEBACK", i + 1});
    vm.disks.push_back({"IDE_CDROM", "", "WRITETHROUGH", disks + 1});
    vm.nics.push_back({"VIRTIO", "7C:4C:58:01:02:03", 20, true});
    return vm;
}

ExportSpec sample_export(std::string const& uri, std::vector<std::pair<std::string, std::uint64_t>> const& raw_files) {
    ExportSpec spec;
    spec.place.path_uri = uri;
    spec.definition = sample_vm(static_cast<int>(raw_files.size()));
    for (std::size_t i = 0; i < raw_files.size(); ++i)
        spec.disks.push_back({raw_files[i].first, "disk-uuid-" + std::to_string(i) + ".qcow2", raw_files[i].second});
    return spec;
}

}  // namespace sb::sim::test
