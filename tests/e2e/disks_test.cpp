// show-disks, clone-disk and upload-disk-media with the built programs and a faulty cluster.

#include "tests/e2e/fixture.hpp"
#include "tests/support/wait_until.hpp"

#include <csignal>
#include <fstream>

#include <sys/stat.h>

namespace sb::test {
namespace {

using testing::HasSubstr;

constexpr char const* three_vms = R"({"vms":[
 {"name":"Büro 1","disks":[{"size":"16M","fill":10},{"type":"IDE_CDROM"},{"size":"8M","disableSnapshotting":true}]},
 {"name":"FILE01","disks":[{"size":"8M"}]},
 {"name":"twin","disks":[{"size":"8M"}]}, {"name":"twin","disks":[{"size":"8M"}]}]})";

class Disks : public testing::Test {
protected:
    void SetUp() override {
        SB_NEEDS_SAMBA();
        std::ofstream(scenario()) << three_vms;
        fixture = std::make_unique<Fixture>(FixtureSettings{.simulator = {.options = {"--scenario", scenario()}}});
    }
    std::string scenario() const { return (files.path() / "scenario.json").string(); }

    json::Document disks_of(std::string const& vm) const { return fixture->daemon.ctl_json({"show-disks", vm}); }
    std::string disk(std::string const& vm, std::size_t index) const {
        return disks_of(vm).root().at(index)["uuid"].text();
    }

    std::string image(std::string const& name, std::uintmax_t size) const {
        auto const path = files.path() / name;
        std::ofstream(path) << "not all zeros";
        std::filesystem::resize_file(path, size);
        return path.string();
    }
    std::size_t uploads_asked() const {
        auto const log = fixture->simulator.get("/sim/requests");
        std::size_t count = 0;
        for (auto at = log.find("VirtualDisk/upload"); at != std::string::npos;
             at = log.find("VirtualDisk/upload", at + 1))
            ++count;
        return count;
    }
    std::string media() const { return fixture->simulator.get("/rest/v1/VirtualDisk"); }

    TempDir files;
    std::unique_ptr<Fixture> fixture;
};

constexpr std::uintmax_t mebibyte = 1 << 20;

TEST_F(Disks, AreListedWithTheFieldsThatScriptsNeed) {
    auto const document = disks_of("Büro 1");
    ASSERT_EQ(document.root().size(), 3u);
    auto const first = document.root().at(0);
    EXPECT_EQ(first["type"].text(), "VIRTIO_DISK");
    EXPECT_EQ(first["capacity_bytes"].unsigned_integer(), 16 * mebibyte);
    EXPECT_TRUE(first["allocation_bytes"].unsigned_integer().has_value());
    EXPECT_EQ(first["slot"].integer(), 0);
    EXPECT_EQ(first["clonable"].boolean(), true);
    EXPECT_EQ(document.root().at(1)["clonable"].boolean(), false);
    EXPECT_EQ(document.root().at(2)["clonable"].boolean(), false);
    auto const page = fixture->daemon.ctl({"show-disks", "Büro 1"});
    EXPECT_THAT(page, EndedWith(0, "16 MiB"));
    EXPECT_THAT(page.out, HasSubstr(first["uuid"].text()));
    EXPECT_THAT(fixture->daemon.ctl({"show-disks", "nobody"}), EndedWith(3, "no VM named 'nobody'"));
    EXPECT_THAT(fixture->daemon.ctl({"show-disks", "twin"}), EndedWith(4, "2 VMs are named 'twin'"));
}

TEST_F(Disks, AreClonedThroughASnapshotThatExpires) {
    auto const source = disk("Büro 1", 0);
    auto const cloned = fixture->daemon.ctl_json({"clone-disk", source, "FILE01"});
    auto const created = cloned.root()["created_uuid"].text();
    EXPECT_EQ(cloned.root()["state"].text(), "succeeded");
    auto const target = disks_of("FILE01");
    ASSERT_EQ(target.root().size(), 2u);
    EXPECT_EQ(target.root().at(1)["uuid"].text(), created);
    EXPECT_EQ(target.root().at(1)["capacity_bytes"].unsigned_integer(), 16 * mebibyte);
    auto const snapshots = json::Document::parse(fixture->simulator.get("/rest/v1/VirDomainSnapshot"));
    ASSERT_EQ(snapshots->root().size(), 1u);
    auto const snapshot = snapshots->root().at(0);
    EXPECT_EQ(snapshot["type"].text(), "AUTOMATED");
    EXPECT_EQ(snapshot["replication"].boolean(), false);
    EXPECT_LE(snapshot["localRetainUntilTimestamp"].integer().value() - snapshot["timestamp"].integer().value(), 61);
    EXPECT_THAT(fixture->simulator.get("/sim/requests"), HasSubstr("regenerateDiskID\\\":false"));
    EXPECT_THAT(fixture->daemon.log(), HasSubstr("called disks.clone"));
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", source, "FILE01"}), EndedWith(0, "VM 'FILE01' has the new disk"));
}

TEST_F(Disks, AreNotClonedWhenThatIsImpossible) {
    auto const source = disk("Büro 1", 0);
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", "no-such-disk", "FILE01"}),
                EndedWith(3, "no VM of the cluster has a disk"));
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", source, "nobody"}), EndedWith(3, "no VM named 'nobody'"));
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", source, "twin"}), EndedWith(4, "by its uuid"));
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", disk("Büro 1", 1), "FILE01"}), EndedWith(4, "IDE_CDROM"));
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", disk("Büro 1", 2), "FILE01"}), EndedWith(4, "disableSnapshotting"));
    EXPECT_EQ(fixture->simulator.get("/rest/v1/VirDomainSnapshot"), "[]");
}

TEST_F(Disks, ReportTheResultOfACloneWhenTheClusterFails) {
    auto const source = disk("Büro 1", 0);
    fixture->simulator.faults(
        R"([{"kind":"status","status":403,"body":{"error":"lacks the right"},
             "match":{"call":"snapshot_create","count":1}}])");
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", source, "FILE01"}), EndedWith(7, "nothing was cloned"));
    fixture->simulator.faults(R"([{"kind":"json_error","match":{"call":"device_clone","count":1}}])");
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", source, "FILE01"}), EndedWith(1, "An internal error occurred"));
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", source, "twin"}), EndedWith(4, "2 VMs"));
    EXPECT_EQ(disks_of("FILE01").root().size(), 1u);
    fixture->simulator.faults(R"([{"kind":"lose_answer","match":{"call":"device_clone","count":1}}])");
    EXPECT_THAT(fixture->daemon.ctl({"clone-disk", source, "FILE01"}), EndedWith(1, "before you try again"));
    EXPECT_EQ(disks_of("FILE01").root().size(), 2u);  // it was executed once, not twice
}

TEST_F(Disks, AreUploadedWithTheirName) {
    auto const path = (files.path() / "Büro 1 & more.qcow2").string();
    ASSERT_EQ(run({.argv = {"qemu-img", "create", "-q", "-f", "qcow2", path, "10M"}}).code, 0);
    auto const done = fixture->daemon.ctl({"upload-disk-media", "--wait", path});
    EXPECT_THAT(done, EndedWith(0, "'Büro 1 & more.qcow2' was uploaded"));
    auto const list = json::Document::parse(media());
    ASSERT_EQ(list->root().size(), 1u);
    EXPECT_EQ(list->root().at(0)["name"].text(), "Büro 1 & more.qcow2");
    EXPECT_EQ(list->root().at(0)["capacityBytes"].unsigned_integer(), 10 * mebibyte);
    EXPECT_THAT(done.out, HasSubstr(list->root().at(0)["uuid"].text()));
    EXPECT_THAT(fixture->daemon.ctl({"upload-disk-media", path}),
                EndedWith(4, "already has a virtual disk named 'Büro 1 & more.qcow2'"));
    EXPECT_EQ(uploads_asked(), 1u);
    EXPECT_THAT(fixture->daemon.log(), HasSubstr("called disks.upload"));
}

TEST_F(Disks, AreRefusedBeforeAnythingIsSent) {
    auto const& daemon = fixture->daemon;
    EXPECT_THAT(daemon.ctl({"upload-disk-media", image("install.iso", mebibyte)}), EndedWith(4, "CD-ROM"));
    EXPECT_THAT(daemon.ctl({"upload-disk-media", image("disk.raw", mebibyte)}),
                EndedWith(4, ".qcow2, .vmdk, .vhd, .vhdx and .img"));
    EXPECT_THAT(daemon.ctl({"upload-disk-media", image("empty.img", 0)}), EndedWith(4, "the file is empty"));
    EXPECT_THAT(daemon.ctl({"upload-disk-media", files.path().string()}), EndedWith(4, "it is a folder"));
    EXPECT_THAT(daemon.ctl({"upload-disk-media", "/nowhere/a.img"}), EndedWith(3, "cannot open '/nowhere/a.img'"));
    auto const pipe = (files.path() / "pipe.img").string();
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    EXPECT_THAT(daemon.ctl({"upload-disk-media", pipe}), EndedWith(4, "not a regular file"));
    EXPECT_THAT(daemon.ctl({"upload-disk-media", image("torn.qcow2", mebibyte)}), EndedWith(4, "qemu-img check"));
    EXPECT_EQ(uploads_asked(), 0u);
    EXPECT_EQ(media(), "[]");
}

TEST_F(Disks, ShowTheClustersMessageWhenItRefusesInTheMiddle) {
    fixture->simulator.faults(R"([{"kind":"upload_refused","bytes":3000000,"status":400,
        "body":{"error":"Out of space, says the cluster"},"match":{"call":"disk_upload","count":1}}])");
    auto const done = fixture->daemon.ctl({"upload-disk-media", image("big.img", 200 * mebibyte)});
    EXPECT_THAT(done, EndedWith(1, "Out of space, says the cluster"));
    EXPECT_THAT(done.err, HasSubstr("keeps the partial upload as 'uploading-big.img'"));
    EXPECT_EQ(uploads_asked(), 1u);
}

TEST_F(Disks, ReportTheirProgressWhenTheConnectionIsLost) {
    fixture->simulator.faults(R"([{"kind":"upload_cut","bytes":3000000,"match":{"call":"disk_upload","count":1}}])");
    auto const done = fixture->daemon.ctl({"--json", "upload-disk-media", image("big.img", 200 * mebibyte)});
    EXPECT_THAT(done, EndedWith(1, "was lost after"));
    EXPECT_THAT(done.err, HasSubstr("'uploading-big.img'"));
    auto const document = json::Document::parse(done.out);
    ASSERT_TRUE(document) << done.out;
    EXPECT_EQ(document->root()["state"].text(), "failed");
    // Never retried automatically: the rest of the first upload must be removed first.
    EXPECT_THAT(fixture->daemon.ctl({"upload-disk-media", image("big.img", mebibyte)}),
                EndedWith(4, "in progress or was interrupted"));
}

TEST_F(Disks, StopTheirUploadOnCtrlC) {
    fixture->simulator.faults(R"([{"kind":"upload_slow","bytes":2000000,"match":{"call":"disk_upload"}}])");
    auto const client = fixture->daemon.start_ctl({"upload-disk-media", image("slow.img", 200 * mebibyte)});
    ASSERT_TRUE(wait_until([&] { return media().find("uploading-slow.img") != std::string::npos; }));
    client->signal(SIGINT);
    auto const end = client->wait();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, 130);
    EXPECT_THAT(client->err(), HasSubstr("The upload was cancelled: stopped"));
    EXPECT_THAT(client->err(), HasSubstr("uploading-slow.img"));
}

TEST_F(Disks, AreNotCreatedFromAChangingFile) {
    fixture->simulator.faults(R"([{"kind":"upload_slow","bytes":4000000,"match":{"call":"disk_upload"}}])");
    auto const path = image("shrinks.img", 30 * mebibyte);
    auto const client = fixture->daemon.start_ctl({"upload-disk-media", path});
    ASSERT_TRUE(wait_until([&] { return media().find("uploading-shrinks.img") != std::string::npos; }));
    std::filesystem::resize_file(path, mebibyte);
    auto const end = client->wait();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, 1);
    EXPECT_THAT(client->err(), HasSubstr("the file changed while it was read"));
    EXPECT_THAT(media(), HasSubstr("uploading-shrinks.img"));
}

TEST_F(Disks, ReportWhatToDoWhenTheDaemonStops) {
    fixture->simulator.faults(R"([{"kind":"upload_slow","bytes":2000000,"match":{"call":"disk_upload"}}])");
    auto const client = fixture->daemon.start_ctl({"upload-disk-media", image("slow.img", 200 * mebibyte)});
    ASSERT_TRUE(wait_until([&] { return media().find("uploading-slow.img") != std::string::npos; }));
    EXPECT_EQ(fixture->daemon.stop(), 0);
    auto const end = client->wait();
    ASSERT_TRUE(end);
    EXPECT_EQ(end->code, 5);
    EXPECT_THAT(client->err(), HasSubstr("Delete 'uploading-slow.img' on the cluster if it exists"));
}

}  // namespace
}  // namespace sb::test
