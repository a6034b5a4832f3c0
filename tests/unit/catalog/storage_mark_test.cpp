#include "daemon/core/storage_mark.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

namespace sb::catalog {
namespace {

using StorageMark = Catalog;

TEST_F(StorageMark, IsReadBackAsWrittenAndIsNotABackup) {
    EXPECT_EQ(wait(catalog_->storage_mark())->id, "");
    auto const made = *wait(catalog_->mark_storage());
    EXPECT_EQ(made.size(), 32u);
    auto const found = *wait(catalog_->storage_mark());
    EXPECT_EQ(found.id, made);
    EXPECT_EQ(found.path, share_.string());
    EXPECT_FALSE(found.has_backups);
    EXPECT_TRUE(wait(catalog_->list())->empty());
}

TEST_F(StorageMark, MayBeWrittenByHand) {
    write(core::storage_mark_file, "  abc \r\n");
    EXPECT_EQ(wait(catalog_->storage_mark())->id, "abc");
    write(core::storage_mark_file, "");
    EXPECT_EQ(wait(catalog_->storage_mark())->id, "");
}

TEST_F(StorageMark, LinksAreNotFollowedAndHugeFilesAreNotRead) {
    std::ofstream(top_ / "elsewhere") << "abc";
    fs::create_symlink(top_ / "elsewhere", share_ / core::storage_mark_file);
    EXPECT_FALSE(wait(catalog_->storage_mark()));
    fs::remove(share_ / core::storage_mark_file);
    write(core::storage_mark_file, std::string(5000, 'x'));
    EXPECT_FALSE(wait(catalog_->storage_mark()));
}

TEST_F(StorageMark, ReportsWhetherLocalPathHasAnyManifest) {
    write("foreign/file", "x");
    EXPECT_FALSE(wait(catalog_->storage_mark())->has_backups);
    write_sample("b");
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    EXPECT_TRUE(wait(catalog_->storage_mark())->has_backups);
}

}  // namespace
}  // namespace sb::catalog
