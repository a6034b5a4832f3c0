#include "daemon/catalog/storage_mark.hpp"
#include "daemon/core/local_path_owner.hpp"
#include "daemon/core/storage_mark.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <set>
#include <string>

#include <sys/stat.h>

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

TEST_F(StorageMark, IsReadWithoutALookIntoFoldersThatMayHang) {
    write_sample("b");
    ASSERT_TRUE(wait(catalog_->write_manifest("b", sample("b"))));
    write(core::storage_mark_file, "abc");
    auto const found = *wait(catalog_->storage_mark());
    EXPECT_EQ(found.id, "abc");
    EXPECT_FALSE(found.has_backups) << "not looked for";
}

using OwnerFile = Catalog;

TEST_F(OwnerFile, IsReadBackAsWrittenAndListed) {
    EXPECT_EQ(*wait(catalog_->owner_file("b")), std::nullopt);
    ASSERT_TRUE(wait(catalog_->write_owner_file("b", "installation x\n")));
    ASSERT_TRUE(wait(catalog_->write_owner_file("a", "installation y\n")));
    EXPECT_EQ(*wait(catalog_->owner_file("b")), "installation x\n");
    EXPECT_EQ(*wait(catalog_->owner_files()), (std::vector<std::string>{"a", "b"}));
    EXPECT_TRUE(wait(catalog_->list())->empty());
}

TEST_F(OwnerFile, TwoThatWriteItAtTheSameMomentDoNotUseOneTemporaryFile) {
    // As if another installation's write of the same file was in progress.
    auto const name = std::string(core::owner_file_prefix) + "a";
    write("." + name + ".new", "of the other one");
    ASSERT_TRUE(wait(catalog_->write_owner_file("a", "installation x\nhost h\n")));
    EXPECT_TRUE(fs::exists(share_ / ("." + name + ".new")));
    std::set<std::string> claims;
    for (auto const* const text : {"installation x\nhost h\n", "installation y\nhost h\n", "installation x\nhost i\n",
                                   "installation x\nhost h\nseen 2026-01-01T00:00:00+00:00\nstopped yes\n"}) {
        auto const claim = claim_file("a", text);
        EXPECT_TRUE(claim.starts_with(core::claim_file_prefix));
        claims.insert(claim);
    }
    EXPECT_EQ(claims.size(), 3u) << "one for each installation, whatever it writes";
    EXPECT_EQ(*wait(catalog_->owner_files()), std::vector<std::string>{"a"});
}

TEST_F(OwnerFile, WhateverElseHasItsNameIsAnErrorAndNothingWaits) {
    auto const path = share_ / (std::string(core::owner_file_prefix) + "a");
    fs::create_directory(path);
    EXPECT_FALSE(wait(catalog_->owner_file("a")));
    fs::remove(path);
    ASSERT_EQ(::mkfifo(path.c_str(), 0600), 0);
    EXPECT_FALSE(wait(catalog_->owner_file("a")));
    fs::remove(path);
    fs::create_symlink("elsewhere", path);
    EXPECT_FALSE(wait(catalog_->owner_file("a")));
    fs::remove(path);
    write(path.filename(), std::string(10 << 20, 'x'));
    EXPECT_FALSE(wait(catalog_->owner_file("a")));
    EXPECT_EQ(*wait(catalog_->owner_files()), (std::vector<std::string>{"a"}));
}

TEST_F(OwnerFile, MoreThanAreReadIsAnError) {
    for (std::size_t i = 0; i <= core::max_owner_files; ++i)
        write(std::string(core::owner_file_prefix) + std::to_string(i), "x");
    EXPECT_FALSE(wait(catalog_->owner_files()));
}

}  // namespace
}  // namespace sb::catalog
