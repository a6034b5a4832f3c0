// The results of transfers: success, an error of the cluster, or a fault that a test injects.
#include "simulator/transfer/definition_xml.hpp"
#include "simulator/transfer/guest_disk.hpp"
#include "simulator/tests/transfer/transfer_fixture.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <fstream>

#include <csignal>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace sb::sim {
namespace {

constexpr std::uint64_t one_mib = 1024 * 1024;

class Transfer : public testing::Test {
protected:
    void SetUp() override {
        std::vector<std::pair<std::string, std::uint64_t>> disks;
        for (int i = 0; i < 2; ++i) {
            disks.emplace_back((dir / ("raw-" + std::to_string(i))).string(), 20 * one_mib);
            ASSERT_TRUE(make_guest_disk(disks.back().first, {20 * one_mib, 0.5, static_cast<std::uint64_t>(i)}));
        }
        spec = test::sample_export("smb://u:p@nas/share/sub/My%20backup", disks);
        spec.place.mapped_root = (dir / "share").string();
        std::filesystem::create_directories(dir / "share" / "sub");
        std::filesystem::create_directories(dir / "target");
        folder = dir / "share" / "sub" / "My backup";
    }

    ImportSpec import_spec() const { return {spec.place, (dir / "target").string(), 0, {}}; }

    test::TempDir dir;
    ExportSpec spec;
    std::filesystem::path folder;
};

TEST_F(Transfer, WritesDisksAndADefinitionNamedLikeTheFolder) {
    auto const run = test::run_worker(spec);
    ASSERT_EQ(run.exit_code, 0) << run.reason();
    ASSERT_EQ(run.done.size(), 1U);
    EXPECT_EQ(run.done[0].files.back().name, "My backup.xml");
    std::size_t files = 0;
    for (auto const& file : run.done[0].files) {
        EXPECT_EQ(std::filesystem::file_size(folder / file.name), file.bytes);
        ++files;
    }
    EXPECT_EQ(files, 3U);
}

TEST_F(Transfer, ExportsAgainIntoTheSameFolder) {
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    spec.disks[0].capacity = 4 * one_mib;
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    auto const run = test::run_worker(import_spec());
    ASSERT_EQ(run.exit_code, 0) << run.reason();
    EXPECT_EQ(run.done[0].files[0].capacity, 4 * one_mib);
}

TEST_F(Transfer, CreatesNoParents) {
    std::filesystem::remove(dir / "share" / "sub");
    auto const run = test::run_worker(spec);
    EXPECT_EQ(run.exit_code, 1);
    std::string const status = "NT_STATUS_OBJECT_PATH_NOT_FOUND (No such file or directory)";
    EXPECT_NE(run.reason().find(status), std::string::npos) << run.reason();
    EXPECT_FALSE(std::filesystem::exists(dir / "share" / "sub"));
}

TEST_F(Transfer, RefusesNamesThatLeaveTheFolder) {
    spec.place.definition_file = "../vm.xml";
    EXPECT_EQ(test::run_worker(spec).failed.at(0).nt_status, "NT_STATUS_OBJECT_NAME_INVALID");
    spec.place.definition_file = "vm.xml";
    spec.place.path_uri = "smb://u:p@nas/share/..";
    EXPECT_EQ(test::run_worker(spec).exit_code, 1);
}

TEST_F(Transfer, ProgressNeverDecreasesAndEndsWithDone) {
    spec.duration_ms = 400;
    auto const run = test::run_worker(spec);
    ASSERT_EQ(run.exit_code, 0);
    ASSERT_GT(run.progress.size(), 10U);
    EXPECT_EQ(run.progress.front().percent, 0);
    for (std::size_t i = 1; i < run.progress.size(); ++i) {
        EXPECT_GT(run.progress[i].percent, run.progress[i - 1].percent);
        EXPECT_GE(run.progress[i].bytes, run.progress[i - 1].bytes);
    }
    EXPECT_EQ(run.progress.back().percent, 99);
    EXPECT_GE(run.done.at(0).elapsed_ms, 400U);
}

TEST_F(Transfer, PacesADiskWithoutDataToo) {
    ASSERT_TRUE(make_guest_disk(spec.disks[0].raw_file, {20 * one_mib, 0, 1}));
    ASSERT_TRUE(make_guest_disk(spec.disks[1].raw_file, {20 * one_mib, 0, 1}));
    spec.duration_ms = 200;
    auto const run = test::run_worker(spec);
    EXPECT_GT(run.progress.size(), 10U);
    EXPECT_GE(run.done.at(0).elapsed_ms, 200U);
}

TEST_F(Transfer, FailsAtTheGivenPercentageAndKeepsTheFiles) {
    for (int const percent : {0, 50, 99, 100}) {
        spec.faults.fail_at_percent = percent;
        spec.faults.fail_message = "Virt Exception, code: 38, No space left on device";
        auto const run = test::run_worker(spec);
        EXPECT_EQ(run.exit_code, 1);
        EXPECT_TRUE(run.done.empty());
        EXPECT_EQ(run.reason(), spec.faults.fail_message);
        EXPECT_EQ(run.progress.back().percent, std::min(percent, 99));
        EXPECT_EQ(std::filesystem::exists(folder / "My backup.xml"), percent >= 99) << percent;
        EXPECT_TRUE(std::filesystem::is_directory(folder));
    }
}

TEST_F(Transfer, ReportsCompleteForADamagedFolderOnRequest) {
    spec.faults.truncate_disk = 1;
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    auto const cut = test::run_worker(import_spec());
    EXPECT_NE(cut.reason().find("outside the file"), std::string::npos) << cut.reason();

    spec.faults = {};
    spec.faults.wrong_virtual_size = 0;
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    EXPECT_EQ(test::run_worker(import_spec()).done.at(0).files[0].capacity, 84 * one_mib);

    spec.faults = {};
    spec.faults.garbage_definition = true;
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    EXPECT_NE(test::run_worker(import_spec()).reason().find("Unable to use definition"), std::string::npos);

    std::filesystem::remove_all(folder);
    spec.faults = {};
    spec.faults.skip_disk = 0;
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    EXPECT_EQ(test::run_worker(import_spec()).failed.at(0).nt_status, "NT_STATUS_OBJECT_NAME_NOT_FOUND");
    EXPECT_FALSE(std::filesystem::exists(folder / "disk-uuid-0.qcow2"));

    std::filesystem::remove_all(folder);
    spec.faults = {};
    spec.faults.skip_definition = true;
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder / "My backup.xml"));
}

TEST_F(Transfer, StaysFrozenUntilItsReaderIsGone) {
    spec.faults.freeze_at_percent = 40;
    std::array<int, 2> in{};
    std::array<int, 2> out{};
    ASSERT_EQ(::pipe(in.data()), 0);
    ASSERT_EQ(::pipe(out.data()), 0);
    pid_t const child = ::fork();
    if (child == 0) {
        ::close(in[1]);
        ::close(out[0]);
        ::_exit(run_transfer_worker(in[0], out[1]));
    }
    ::close(in[0]);
    ::close(out[1]);
    auto const line = to_json(WorkerSpec(spec)) + "\n";
    ASSERT_EQ(::write(in[1], line.data(), line.size()), static_cast<ssize_t>(line.size()));
    std::string output;
    while (output.find("\"percent\":40") == std::string::npos) {
        std::array<char, 512> buffer{};
        ssize_t const got = ::read(out[0], buffer.data(), buffer.size());
        ASSERT_GT(got, 0) << output;
        output.append(buffer.data(), static_cast<std::size_t>(got));
    }
    EXPECT_EQ(output.find("done"), std::string::npos);
    EXPECT_EQ(::waitpid(child, nullptr, WNOHANG), 0);
    ::close(out[0]);
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(WEXITSTATUS(status), 2);
    ::close(in[1]);
}

TEST_F(Transfer, ImportNamesTheUnusableImage) {
    ASSERT_EQ(test::run_worker(spec).exit_code, 0);
    std::ofstream(folder / "disk-uuid-1.qcow2", std::ios::binary) << "KDMV not qcow2";
    EXPECT_EQ(test::run_worker(import_spec()).reason(),
              "Unable to use image 'disk-uuid-1.qcow2': Image is not in qcow2 format");
}

TEST_F(Transfer, ProbeChecksAndWritesNothing) {
    EXPECT_EQ(test::run_worker(ProbeSpec{spec.place, false}).exit_code, 0);
    EXPECT_FALSE(std::filesystem::exists(folder));
    EXPECT_EQ(test::run_worker(ProbeSpec{spec.place, true}).failed.at(0).nt_status, "NT_STATUS_OBJECT_NAME_NOT_FOUND");
}

TEST(TransferWorker, ReportsWhyASpecIsInvalid) {
    auto const run = test::run_worker(ExportSpec{});
    EXPECT_EQ(run.exit_code, 1);
    EXPECT_EQ(run.reason(), "pathURI: it does not start with smb://");
}

}  // namespace
}  // namespace sb::sim
