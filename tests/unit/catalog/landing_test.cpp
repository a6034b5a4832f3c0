// Landing folders: never backups, whatever they hold, and found whatever their case is.
#include "daemon/catalog/landing.hpp"

#include "daemon/catalog/manifest_codec.hpp"
#include "daemon/catalog/old_folders.hpp"
#include "daemon/catalog/verification_record.hpp"
#include "tests/support/temp_dir.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace sb::catalog {
namespace {

using testing::HasSubstr;

class Landing : public Catalog {
protected:
    core::Manifest manifest() const {
        auto manifest = sample("b");
        manifest.is_protected = false;
        manifest.attempt = attempt_;
        return manifest;
    }
    platform::Folder root() const { return std::move(*platform::Folder::open(share_)); }
};

TEST_F(Landing, AListingNeverShowsOneEvenWithAValidManifest) {
    for (auto const& folder : {landing_, std::string("C.EXPORTING-0A1B2C3E")}) {
        write_sample(folder);
        write(fs::path(folder) / core::manifest_file_name, encode_manifest(manifest()));
        EXPECT_EQ(wait(catalog_->find(folder)).error().code, Errc::not_found);
    }
    write_sample("d.exporting-00000000");
    EXPECT_TRUE(wait(catalog_->list())->empty());
    EXPECT_FALSE(wait(catalog_->storage_mark())->has_backups);
    EXPECT_TRUE(folders_without_manifest(root())->empty());
}

TEST_F(Landing, NoCommandOnABackupAcceptsOne) {
    write_sample(landing_);
    ASSERT_TRUE(wait(catalog_->write_manifest(landing_, manifest())));
    EXPECT_EQ(wait(catalog_->remove(landing_)).error().code, Errc::not_found);
    EXPECT_EQ(wait(catalog_->set_protected(landing_, true)).error().code, Errc::not_found);
    EXPECT_EQ(check_backup(root(), landing_, core::Level::structure).error().code, Errc::not_found);
    auto const to_adopt = inspect_old_folder(root(), landing_);
    ASSERT_TRUE(to_adopt);
    ASSERT_TRUE(to_adopt->problem);
    EXPECT_EQ(to_adopt->problem->context,
              "it is the folder of an export that did not become a backup: rename it first, for example to 'b', then "
              "adopt it under that name");
    EXPECT_TRUE(fs::exists(share_ / landing_ / "vm.xml"));
}

TEST_F(Landing, IsFoundIgnoringCase) {
    std::string const on_disk = "B.EXPORTING-0A1B2C3D";
    EXPECT_FALSE(*wait(catalog_->exists(landing_)));
    EXPECT_FALSE(wait(catalog_->folder_stats(landing_))->exists);
    EXPECT_EQ(wait(catalog_->inspect({landing_, "vm.xml", {}})).error().code, Errc::share_not_visible);
    write_sample(on_disk);
    EXPECT_TRUE(*wait(catalog_->exists(landing_)));
    EXPECT_EQ(wait(catalog_->folder_stats(landing_))->files, 2u);
    EXPECT_THAT(wait(catalog_->inspect({landing_, "vm.xml", {}})).error().context, HasSubstr("'vm.xml'"))
        << "its files are read";
    ASSERT_TRUE(wait(catalog_->write_manifest(landing_, manifest())));
    EXPECT_TRUE(fs::exists(share_ / on_disk / core::manifest_file_name));
    EXPECT_EQ(**wait(catalog_->find_manifest(landing_, "b")), manifest());
    EXPECT_EQ(*wait(catalog_->commit(landing_, "b")), "b");
    EXPECT_EQ(found("b").state, BackupState::complete);

    write(fs::path(on_disk) / "half.qcow2", "x");
    ASSERT_TRUE(wait(catalog_->discard(landing_)));
    EXPECT_FALSE(fs::exists(share_ / on_disk));
}

TEST_F(Landing, TheExactNameIsPreferred) {
    write("B.EXPORTING-0A1B2C3D/file", "x");
    write(fs::path(landing_) / "file", "longer");
    EXPECT_EQ(wait(catalog_->folder_stats(landing_))->bytes, 6u);
}

TEST_F(Landing, ALinkIsNotOne) {
    write_sample("elsewhere");
    write(fs::path("elsewhere") / core::manifest_file_name, encode_manifest(manifest()));
    fs::create_directory_symlink("elsewhere", share_ / landing_);
    EXPECT_EQ(*wait(catalog_->find_manifest(landing_, "b")), std::nullopt);
    EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::not_found);
    EXPECT_EQ(wait(catalog_->write_manifest(landing_, manifest())).error().code, Errc::refused);
    EXPECT_TRUE(wait(finish_commits(pool_, share_))->empty());
    EXPECT_TRUE(fs::is_symlink(share_ / landing_));
}

TEST_F(Landing, ItsManifestMayNotBeALinkEither) {
    write_sample(landing_);
    write("elsewhere", encode_manifest(manifest()));
    fs::create_symlink(share_ / "elsewhere", share_ / landing_ / core::manifest_file_name);
    EXPECT_EQ(*wait(catalog_->find_manifest(landing_, "b")), std::nullopt);
    EXPECT_TRUE(wait(finish_commits(pool_, share_))->empty());
}

TEST_F(Landing, WhatWasPlantedInPlaceOfItsManifestIsReplacedAndNotFollowed) {
    for (std::string const kind : {"file", "link", "fifo", "temporary link"}) {
        SCOPED_TRACE(kind);
        fs::remove_all(share_ / landing_);
        write_sample(landing_);
        write("elsewhere", "theirs");
        auto const place = share_ / landing_ / core::manifest_file_name;
        if (kind == "file") write(fs::path(landing_) / core::manifest_file_name, "{}");
        if (kind == "link") fs::create_symlink(share_ / "elsewhere", place);
        if (kind == "fifo") ASSERT_EQ(::mkfifo(place.c_str(), 0666), 0);
        if (kind == "temporary link")
            fs::create_symlink(share_ / "elsewhere", share_ / landing_ / ".scale-backup.json.new");
        EXPECT_EQ(*wait(catalog_->find_manifest(landing_, "b")), std::nullopt);
        ASSERT_TRUE(wait(catalog_->write_manifest(landing_, manifest())));
        EXPECT_EQ(**wait(catalog_->find_manifest(landing_, "b")), manifest());
        EXPECT_EQ(test::read_file(share_ / "elsewhere"), "theirs");
    }
}

TEST_F(Landing, AFolderThatWasPlantedInPlaceOfItsManifestMakesItNoBackup) {
    for (std::string const name : {"scale-backup.json", ".scale-backup.json.new"}) {
        SCOPED_TRACE(name);
        fs::remove_all(share_ / landing_);
        write_sample(landing_);
        fs::create_directory(share_ / landing_ / name);
        EXPECT_FALSE(wait(catalog_->write_manifest(landing_, manifest())));
        EXPECT_EQ(*wait(catalog_->find_manifest(landing_, "b")), std::nullopt);
        EXPECT_FALSE(wait(catalog_->commit(landing_, "b")));
        EXPECT_FALSE(fs::exists(share_ / "b"));
    }
}

TEST_F(Landing, WhatElseIsInItIsNoPartOfTheBackup) {
    write_sample(landing_);
    write(fs::path(landing_) / "planted.qcow2", "x");
    ASSERT_TRUE(wait(catalog_->write_manifest(landing_, manifest())));
    ASSERT_TRUE(wait(catalog_->commit(landing_, "b")));
    EXPECT_EQ(wait(catalog_->find("b")).value().manifest->files, manifest().files);
}

TEST_F(Landing, TheManifestIsFoundBeforeAndAfterTheRename) {
    write_sample(landing_);
    EXPECT_EQ(*wait(catalog_->find_manifest(landing_, "b")), std::nullopt);
    ASSERT_TRUE(wait(catalog_->write_manifest(landing_, manifest())));
    EXPECT_EQ(**wait(catalog_->find_manifest(landing_, "b")), manifest());
    ASSERT_TRUE(wait(catalog_->commit(landing_, "b")));
    EXPECT_EQ(**wait(catalog_->find_manifest(landing_, "b")), manifest());
    EXPECT_EQ(*wait(catalog_->find_manifest("b.exporting-ffffffff", "b")), std::nullopt) << "another attempt";
    EXPECT_EQ(*wait(catalog_->find_manifest(landing_, "c")), std::nullopt) << "another backup";
    EXPECT_FALSE(wait(catalog_->find_manifest("b", "b")));
}

TEST_F(Landing, WhatAPersonPutIntoOneIsNotDeletedWithIt) {
    for (std::string const foreign : {"old papers.pdf", "photos", "another program's.xml", "readme"}) {
        auto const path = share_ / landing_ / foreign;
        write_sample(landing_);
        fs::rename(share_ / landing_ / "vm.xml", share_ / landing_ / "b.xml");
        for (auto const* known : {"Thumbs.db", ".DS_Store", "._b.xml", ".scale-backup.json.new", "@eaDir/b.xml/x"})
            write(fs::path(landing_) / known, "x");
        EXPECT_EQ(wait(catalog_->folder_stats(landing_))->foreign_entry, "");
        if (foreign == "photos") fs::create_directory(path);
        else write(fs::path(landing_) / foreign, "x");
        EXPECT_EQ(wait(catalog_->folder_stats(landing_))->foreign_entry, foreign);
        auto const refused = wait(catalog_->discard(landing_));
        ASSERT_FALSE(refused) << foreign;
        EXPECT_EQ(refused.error().code, Errc::refused);
        EXPECT_THAT(refused.error().context, HasSubstr("'" + foreign + "'"));
        EXPECT_TRUE(fs::exists(path));
        fs::remove(path);
        ASSERT_TRUE(wait(catalog_->discard(landing_)));
        EXPECT_FALSE(fs::exists(share_ / landing_));
    }
}

/// Its definition has the whole name, which its own may not hold.
TEST_F(Landing, TheDefinitionOfALongNameIsNotForeign) {
    std::string const backup(236, 'n');
    auto const landing = core::landing_folder(backup, attempt_);
    write(fs::path(landing) / (backup + ".xml"), "<x>");
    EXPECT_EQ(wait(catalog_->folder_stats(landing))->foreign_entry, "");
}

TEST_F(Landing, AFileWithAnOldTimeThatIsPutIntoOneShowsInTheFoldersOwnTime) {
    auto const long_ago = fs::file_time_type::clock::now() - std::chrono::hours(1000);
    write_sample(landing_);
    for (auto const& entry : fs::directory_iterator(share_ / landing_)) fs::last_write_time(entry.path(), long_ago);
    fs::last_write_time(share_ / landing_, long_ago);
    auto const before = wait(catalog_->folder_stats(landing_))->folder_changed;
    write("old.qcow2", "x");
    fs::last_write_time(share_ / "old.qcow2", long_ago);
    fs::rename(share_ / "old.qcow2", share_ / landing_ / "old.qcow2");
    EXPECT_GT(wait(catalog_->folder_stats(landing_))->folder_changed, before + std::chrono::hours(900));
}

TEST_F(Landing, EachAttemptHasItsOwnName) {
    auto const first = *wait(catalog_->new_attempt("b")), second = *wait(catalog_->new_attempt("b"));
    EXPECT_NE(first, second);
    EXPECT_EQ(core::attempt_of(core::landing_folder("b", first)), first);
    fs::remove_all(share_);
    EXPECT_EQ(wait(catalog_->new_attempt("b")).error().code, Errc::io);
}

}  // namespace
}  // namespace sb::catalog
