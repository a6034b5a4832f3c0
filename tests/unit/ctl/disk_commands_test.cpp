// show-disks, clone-disk and upload-disk-media against a daemon that plays a script.
#include "ctl/follow/progress_line.hpp"
#include "ctl/follow/progress.hpp"
#include "ctl/render/pages.hpp"
#include "ctl/render/display_width.hpp"
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

#include <fstream>

namespace sb::ctl {
namespace {

using testing::HasSubstr;

rpc::OperationInfo operation(std::string state, std::string phase) {
    rpc::OperationInfo info;
    info.id = 3;
    info.kind = "clone-disk";
    info.state = std::move(state);
    info.phase = std::move(phase);
    return info;
}

rpc::OperationInfo uploading(std::uint64_t done, std::uint64_t total) {
    auto info = operation("running", "uploading");
    info.done_bytes = done;
    info.total_bytes = total;
    return info;
}

TEST(ShowDisks, IsATableThatFits) {
    std::vector<rpc::VmDiskInfo> const disks{
        {"4ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a901", "VIRTIO_DISK", 0, "データ", 10UL << 30, 1UL << 30, true},
        {"5ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a902", "NVRAM", -1, "a\x1b[31m", 1UL << 20, 0, false}};
    RenderOptions options;
    options.width = 80;
    auto const page = disks_page(disks, options);
    EXPECT_THAT(page, HasSubstr("4ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a901  VIRTIO_DISK     0    10 GiB  1 GiB"));
    EXPECT_THAT(page, testing::Not(HasSubstr("\x1b")));
    std::size_t begin = 0;
    for (auto end = page.find('\n'); end != std::string::npos; begin = end + 1, end = page.find('\n', begin))
        EXPECT_LE(display_width(page.substr(begin, end - begin)), 80u);
    EXPECT_EQ(disks_page({}, options), "");
}

TEST(CloneDisk, FollowsToTheEndAndPrintsWhatWasMade) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.answer<rpc::CloneDisk>({operation("running", "snapshot"), "FILE01", "Büro", "u2"});
        peer.answer<rpc::GetOperation>({operation("running", "cloning")});
        auto ended = operation("succeeded", "cloning");
        ended.created_uuid = "new-1";
        peer.answer<rpc::GetOperation>({ended});
    }});
    auto const ran = run_at(daemon.socket(), {"clone-disk", "d1", "Büro"});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out, "VM 'Büro' has the new disk new-1, a clone of d1 of VM 'FILE01'.\n");
    EXPECT_EQ(ran.err, "d1: taking a snapshot\nd1: cloning\n");
}

TEST(CloneDisk, ReportsThatTheOutcomeIsUnknownWhenTheDaemonGoesAway) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.answer<rpc::CloneDisk>({operation("running", "snapshot"), "A", "B", "u"});
    }});
    auto const ran = run_at(daemon.socket(), {"clone-disk", "d1", "B"});
    EXPECT_EQ(ran.code, 5);
    EXPECT_THAT(ran.err, HasSubstr("The disk may have been cloned; check with: scale-backupctl show-disks B"));
}

TEST(CloneDisk, EndsWithTheCodeOfItsError) {
    FakeDaemon daemon({[](FakePeer& peer) {
        auto failed = operation("failed", "snapshot");
        failed.error = "the cluster: no\x1b[2J";
        failed.error_code = "forbidden";
        peer.answer<rpc::CloneDisk>({failed, "A", "B", "u"});
    }});
    auto const ran = run_at(daemon.socket(), {"clone-disk", "d1", "B"});
    EXPECT_EQ(ran.code, 7);
    EXPECT_THAT(ran.err, testing::Not(HasSubstr("\x1b")));
    EXPECT_EQ(ran.out, "");
}

TEST(UploadDiskMedia, RefusesWhatItCannotOpenWithoutAskingTheDaemon) {
    EXPECT_EQ(run_at("/nowhere/socket", {"upload-disk-media", "/nowhere/a.img"}).code, 3);
    EXPECT_EQ(run_at("/nowhere/socket", {"upload-disk-media", "/"}).code, 4);
}

TEST(OperationLine, LeavesOutWhatDoesNotFit) {
    Forecast const forecast{118UL << 20, std::chrono::seconds{25}};
    auto const info = uploading(1UL << 30, 4UL << 30);
    EXPECT_EQ(operation_line("disk.img", info, forecast, 79),
              "disk.img  [=====>                ]  1 GiB of 4 GiB   25 %  118 MiB/s  25 s left");
    for (std::size_t width = 1; width < 120; ++width) {
        auto const line = operation_line("日本語のとても長い名前のディスク.img", info, forecast, width);
        EXPECT_LE(display_width(line), width) << line;
        if (width > 40) EXPECT_THAT(line, HasSubstr("25 %"));
    }
    EXPECT_EQ(operation_line("d", uploading(0, 0), {}, 79), "d  uploading");
    EXPECT_EQ(operation_line("d", operation("running", "converting"), {}, 79), "d  waiting for the conversion");
}

TEST(Throughput, IsThatOfTheLastSeconds) {
    Throughput pace;
    SteadyTime now{};
    EXPECT_FALSE(pace.forecast(now, 1000).bytes_per_second);
    pace.observe(now, 0);
    EXPECT_FALSE(pace.forecast(now, 1000).left);
    for (std::uint64_t second = 1; second <= 60; ++second) pace.observe(now += std::chrono::seconds{1}, second * 100);
    auto const fast = pace.forecast(now, 10'000);
    EXPECT_EQ(fast.bytes_per_second, 100u);
    EXPECT_EQ(fast.left, std::chrono::seconds{40});
    for (int i = 0; i < 30; ++i) pace.observe(now += std::chrono::seconds{1}, 6000);
    EXPECT_EQ(pace.forecast(now, 10'000).bytes_per_second, 0u);
    EXPECT_FALSE(pace.forecast(now, 10'000).left) << "it stands still";
}

}  // namespace
}  // namespace sb::ctl
