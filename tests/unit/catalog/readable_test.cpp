#include "daemon/catalog/readable.hpp"

#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/verify/inspect.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"
#include "tests/unit/verify/image_builder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace sb::catalog {
namespace {

using ::testing::HasSubstr;

class Readable : public Catalog {
protected:
    void SetUp() override {
        Catalog::SetUp();
        write("b/vm.xml", "<domain><name>x</name><devices><disk><source name='scribe/d1'/></disk></devices></domain>");
        test::SmallImage const image;
        write("b/d1.qcow2", {reinterpret_cast<char const*>(image.bytes.data()), image.bytes.size()});
        auto manifest = sample("b");
        manifest.disks = {{.uuid = DiskUuid("d1"), .type = "VIRTIO_DISK", .capacity_bytes = 1 << 20}};
        auto const files = verify::inspect_folder(*root().subfolder("b"), {"b", "vm.xml", manifest.disks});
        ASSERT_TRUE(files) << files.error().context;
        manifest.files = *files;
        write("b/scale-backup.json", encode_manifest(manifest));
    }
    platform::Folder root() const { return std::move(*platform::Folder::open(share_)); }
    Error problem() const {
        auto const checked = check_readable(root(), "b");
        EXPECT_FALSE(checked);
        return checked ? Error{} : checked.error();
    }
    void overwrite(std::uint64_t offset, char byte) const {
        std::fstream file(share_ / "b" / "d1.qcow2", std::ios::binary | std::ios::in | std::ios::out);
        file.seekp(static_cast<std::streamoff>(offset));
        file.put(byte);
    }
};

TEST_F(Readable, AGoodBackupIsReadable) {
    auto const checked = check_readable(root(), "b");
    EXPECT_TRUE(checked) << checked.error().context;
}

TEST_F(Readable, ReadingShowsNothingAboutTheContent) {
    overwrite(test::SmallImage::data + 7, 'x');
    EXPECT_TRUE(check_readable(root(), "b")) << "only a verification of the content knows what was there";
}

TEST_F(Readable, ChangedTablesAreDamage) {
    overwrite(test::SmallImage::l2 + 15, 'x');
    auto const found = problem();
    EXPECT_EQ(found.code, Errc::damaged_backup);
    EXPECT_THAT(found.context, HasSubstr("'b': "));
    EXPECT_THAT(found.context, HasSubstr("d1.qcow2"));
}

TEST_F(Readable, AChangedDefinitionIsDamage) {
    write("b/vm.xml", "<domain><name>y</name><devices><disk><source name='scribe/d1'/></disk></devices></domain>");
    EXPECT_EQ(problem().code, Errc::damaged_backup);
}

TEST_F(Readable, AMissingFileMakesItIncompleteAndATruncatedOneDamaged) {
    fs::resize_file(share_ / "b" / "d1.qcow2", 6 * test::SmallImage::cluster);
    EXPECT_EQ(problem().code, Errc::damaged_backup);
    fs::remove(share_ / "b" / "d1.qcow2");
    EXPECT_EQ(problem().code, Errc::incomplete_backup);
}

TEST_F(Readable, WhatCannotBeOpenedIsNotReadable) {
    fs::remove(share_ / "b" / "d1.qcow2");
    fs::create_directory(share_ / "b" / "d1.qcow2");
    EXPECT_TRUE(problem().code == Errc::damaged_backup);
    fs::remove(share_ / "b" / "scale-backup.json");
    EXPECT_EQ(problem().code, Errc::refused) << "without a manifest it is not a backup";
    fs::remove_all(share_ / "b");
    EXPECT_EQ(problem().code, Errc::not_found);
}

}  // namespace
}  // namespace sb::catalog
