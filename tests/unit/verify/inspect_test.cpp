#include "daemon/verify/inspect.hpp"

#include "tests/unit/verify/image_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

namespace sb::verify {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string const uuid = "4ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a901";

class Inspect : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sb-inspect-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        dir_ = pattern;
        write("vm.xml", definition(uuid));
        write_image(uuid + ".qcow2", sb::test::SmallImage(1 << 20));
        expected_.folder = "backup";
        expected_.definition_file = "vm.xml";
        expected_.disks = {{.uuid = DiskUuid(uuid), .type = "VIRTIO_DISK", .capacity_bytes = 1 << 20},
                           {.uuid = DiskUuid("c"), .type = "IDE_CDROM", .capacity_bytes = 0}};
    }
    void TearDown() override { fs::remove_all(dir_); }

    static std::string definition(std::string const& base, std::string const& serial = "4ad0f0d2") {
        return "<domain><name>vm</name><devices><disk device=\"disk\"><source name=\"scribe/" + base + "\"/><serial>" +
               serial + "</serial></disk><disk device=\"cdrom\"/></devices></domain>\n" + std::string(100, '\0');
    }
    void write(std::string const& name, std::string const& text) const {
        std::ofstream(dir_ / name, std::ios::binary) << text;
    }
    void write_image(std::string const& name, sb::test::SmallImage const& image) const {
        std::ofstream out(dir_ / name, std::ios::binary);
        for (auto const byte : image.bytes) out.put(static_cast<char>(byte));
    }
    Result<std::vector<core::BackupFile>> inspect() const {
        return inspect_folder(*platform::Folder::open(dir_), expected_);
    }
    void expect(Errc code, std::string const& message) const {
        auto const result = inspect();
        ASSERT_FALSE(result);
        EXPECT_EQ(result.error().code, code) << result.error().context;
        EXPECT_THAT(result.error().context, HasSubstr(message));
    }

    fs::path dir_;
    ports::Expectation expected_;
};

TEST_F(Inspect, ListsTheDefinitionTheDisksAndTheStateOfOtherDevices) {
    expected_.disks.push_back({.uuid = DiskUuid("n"), .type = "NVRAM"});
    write("nvram.bin", "state");
    write("scale-backup.json", "{}");
    auto const files = inspect();
    ASSERT_TRUE(files) << files.error().context;
    ASSERT_EQ(files->size(), 3u);
    auto const tables = (*files)[0].structure;
    EXPECT_EQ((*files)[0], (core::BackupFile{uuid + ".qcow2", "disk", 7 * 65536, 1 << 20, "", tables}));
    EXPECT_EQ((*files)[1], (core::BackupFile{"nvram.bin", "device", 5, 0}));
    EXPECT_EQ((*files)[2].role, "definition");
}

// Manifests of many years contain these digests. A change to one must raise structure_version, so that an upgrade does
// not report a backup as damaged.
TEST_F(Inspect, StructureDigestsStayTheSameFromVersionToVersion) {
    auto const files = inspect();
    ASSERT_TRUE(files) << files.error().context;
    EXPECT_EQ((*files)[0].structure, "2:0a20745a403f5ca58eee24b2995fdb0af69e7d56e4bd547ecd9065818935e660");
    EXPECT_EQ((*files)[1].structure, "2:a9319f8e8fea692a20ae4b98c5821656ada68f3344a8d2b80b40f21267767ad7");
}

TEST_F(Inspect, DigestsOfAnotherVersionAreNotCompared) {
    EXPECT_TRUE(structure_differs("2:aa", "2:bb"));
    EXPECT_FALSE(structure_differs("2:aa", "2:aa"));
    EXPECT_FALSE(structure_differs("", "2:bb"));
    EXPECT_FALSE(structure_differs("1:aa", "2:bb"));
    EXPECT_FALSE(structure_differs("3:aa", "2:bb"));
}

TEST_F(Inspect, FilesThatOthersAddAreNotPartOfTheBackup) {
    for (auto const* name : {"Disk.VHDX", ".disk.vhdx.partial", ".scale-backup.json.new", ".DS_Store", "Thumbs.db",
                             "desktop.ini", "notes.txt", "second.xml", "overlay.qcow2", "scan0001.tmp", "bad\xff name"})
        write(name, "x");
    fs::create_directories(dir_ / "@eaDir" / "vm.xml");
    fs::create_directory(dir_ / "nvram.bin");
    auto const files = inspect();
    ASSERT_TRUE(files) << files.error().context;
    EXPECT_EQ(files->size(), 2u) << "the image and the definition";
}

TEST_F(Inspect, TheStateOfADeviceThatTheVmDoesNotHaveIsNotPartOfTheBackup) {
    std::string const other = "7b1c5c52-1111-4222-8333-444455556666";
    for (auto const& name : {std::string("nvram.bin"), std::string("notes.fd"), std::string("X.nvram"),
                             std::string("tpm2-00.permall"), other + ".bin", other})
        write(name, "x");
    EXPECT_EQ(inspect()->size(), 2u);
    expected_.disks.push_back({.uuid = DiskUuid("5ad0f0d2-7c43-4a9d-9c4e-77b0d1f3a902"), .type = "NVRAM"});
    write("5AD0F0D2-7c43-4a9d-9c4e-77b0d1f3a902.bin", "state");
    write("vm_VARS.fd", "state");
    std::vector<std::string> devices;
    for (auto const& file : *inspect())
        if (file.role == "device") devices.push_back(file.name);
    EXPECT_THAT(devices,
                testing::UnorderedElementsAre("nvram.bin", "5AD0F0D2-7c43-4a9d-9c4e-77b0d1f3a902.bin", "vm_VARS.fd"));
}

TEST_F(Inspect, TheStateThatTheDefinitionNamesIsPartOfTheBackup) {
    auto text = definition(uuid);
    text.replace(text.find("<devices>"), 9,
                 "<os><nvram template='x'>/var/lib/nvram/state.fd</nvram></os><devices><tpm><backend type='emulator'>"
                 "<source type='file' path='/var/lib/swtpm/chip.permall'/></backend></tpm>");
    write("vm.xml", text);
    for (auto const* name : {"state.fd", "chip.permall", "other.fd"}) write(name, "x");
    auto const files = inspect();
    ASSERT_TRUE(files) << files.error().context;
    EXPECT_EQ(files->size(), 4u) << "not other.fd";
}

TEST_F(Inspect, AnEmptyFileIsNoState) {
    expected_.disks.push_back({.uuid = DiskUuid("n"), .type = "NVRAM"});
    write("nvram.bin", "");
    EXPECT_EQ(inspect()->size(), 2u);
}

TEST_F(Inspect, FindsADiskWithAnotherNameByItsSerial) {
    fs::rename(dir_ / (uuid + ".qcow2"), dir_ / "template.qcow2");
    write("vm.xml", definition("template"));
    auto const files = inspect();
    ASSERT_TRUE(files) << files.error().context;
}

TEST_F(Inspect, NamesTheMissingFile) {
    fs::remove(dir_ / "vm.xml");
    expect(Errc::incomplete_backup, "'vm.xml' is missing");
    write("vm.xml", definition(uuid));
    fs::remove(dir_ / (uuid + ".qcow2"));
    expect(Errc::incomplete_backup, "'" + uuid + ".qcow2' is missing");
    write("vm.xml", definition("other", "00000000"));
    expect(Errc::incomplete_backup, uuid);
}

TEST_F(Inspect, ADiskThatIsMissingInTheDefinitionIsDamage) {
    write("vm.xml", "<domain><name>vm</name></domain>");
    expect(Errc::damaged_backup, "does not list the VM's disk " + uuid);
}

TEST_F(Inspect, EveryDiskOfTheDefinitionMustExist) {
    expected_.disks.clear();
    fs::remove(dir_ / (uuid + ".qcow2"));
    expect(Errc::incomplete_backup, uuid + ".qcow2");
}

TEST_F(Inspect, ATruncatedDiskIsIncompleteAndNamed) {
    fs::resize_file(dir_ / (uuid + ".qcow2"), 300000);
    expect(Errc::incomplete_backup, uuid + ".qcow2");
}

TEST_F(Inspect, TheVirtualSizeMustMatchTheCluster) {
    expected_.disks[0].capacity_bytes = (1 << 20) + 1;
    expect(Errc::damaged_backup, "1048577");
    for (std::uint64_t const odd : {(1U << 20) - 1, (1U << 20) - 511, (1U << 20) - 100000}) {
        expected_.disks[0].capacity_bytes = odd;  // the image is rounded up, at most to the next MiB
        EXPECT_TRUE(inspect()) << odd;
    }
    expected_.disks[0].capacity_bytes = 0;  // not known
    EXPECT_TRUE(inspect());
    expected_.disks[0].capacity_bytes = 1000;
    EXPECT_TRUE(inspect());
    write_image(uuid + ".qcow2", sb::test::SmallImage(3 << 20));
    expect(Errc::damaged_backup, "3145728");
}

TEST_F(Inspect, ADiskWithoutAUuidNeedsAnImageThatIsNotAnotherDisks) {
    expected_.disks.push_back({.type = "SCSI_DISK", .capacity_bytes = 5});
    expect(Errc::incomplete_backup, "a disk is missing");
    write("vm.xml", "<domain><name>vm</name><devices><disk><source name='scribe/" + uuid +
                        "'/></disk><disk><source name='scribe/second'/></disk></devices></domain>");
    expect(Errc::incomplete_backup, "'second.qcow2' is missing");
    write_image("second.qcow2", sb::test::SmallImage(1 << 20));
    auto const files = inspect();
    ASSERT_TRUE(files) << files.error().context;
    EXPECT_EQ(files->size(), 3U) << "it is listed like every image";
    expected_.disks.push_back({.type = "IDE_DISK"});
    expect(Errc::incomplete_backup, "a disk is missing");
}

TEST_F(Inspect, NoDiskTakesTheImageThatIsNamedAfterAnotherOne) {
    std::string const twin = "4ad0f0d2-0000-4a9d-9c4e-77b0d1f3a902";  // begins like the other one
    expected_.disks.push_back({.uuid = DiskUuid(twin), .type = "VIRTIO_DISK", .capacity_bytes = 1 << 20});
    expect(Errc::incomplete_backup, "'" + twin + ".qcow2' (VIRTIO_DISK) is missing");
}

TEST_F(Inspect, LinksAreNotFollowed) {
    fs::rename(dir_ / (uuid + ".qcow2"), dir_ / "elsewhere");
    fs::create_symlink("elsewhere", dir_ / (uuid + ".qcow2"));
    expect(Errc::damaged_backup, "is a link");
}

}  // namespace
}  // namespace sb::verify
