// Permanent deletion of backups.
#include "daemon/catalog/trash.hpp"
#include "tests/support/ordinary_user.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#include <iterator>
#include <map>
#include <utility>

namespace sb::catalog {
namespace {

using testing::HasSubstr;

class Removal : public Catalog {
protected:
    void make(std::string const& name, bool is_protected = false) {
        write_sample(name);
        auto manifest = sample(name);
        manifest.is_protected = is_protected;
        ASSERT_TRUE(wait(catalog_->write_manifest(name, manifest)));
    }
    Error refusal(std::string const& name) {
        auto const result = wait(catalog_->remove(name));
        EXPECT_FALSE(result) << name;
        return result ? Error{} : result.error();
    }
    /// Protects and deletes at the same time, on the two threads of the pool. Returns which of them succeeded.
    std::pair<bool, bool> race(std::string const& name) {
        asio::io_context io;
        std::pair<bool, bool> succeeded;
        asio::co_spawn(io, catalog_->set_protected(name, true),
                       [&](std::exception_ptr, Result<core::Backup> done) { succeeded.first = done.has_value(); });
        asio::co_spawn(io, catalog_->remove(name),
                       [&](std::exception_ptr, Result<ports::Removal> done) { succeeded.second = done.has_value(); });
        io.run();
        return succeeded;
    }
    /// Every path below the share, with the content of the files.
    std::map<std::string, std::string> content() const {
        std::map<std::string, std::string> all;
        for (auto const& entry : fs::recursive_directory_iterator(share_)) {
            std::string text;
            if (entry.is_regular_file()) {
                std::ifstream file(entry.path(), std::ios::binary);
                text.assign(std::istreambuf_iterator<char>(file), {});
            }
            all[entry.path().lexically_relative(share_).string()] = text;
        }
        return all;
    }
};

TEST_F(Removal, RemovesTheWholeBackupAndNothingElse) {
    make("keep");
    auto const before = content();
    make("b");
    fs::create_directory(top_ / "elsewhere");
    std::ofstream(top_ / "elsewhere/precious") << "x";
    fs::create_directory_symlink(top_ / "elsewhere", share_ / "b/link");
    fs::create_hard_link(top_ / "elsewhere/precious", share_ / "b/same");
    write("b/deep/deeper/file", "x");
    ASSERT_TRUE(wait(catalog_->remove("b")));
    auto after = content();
    EXPECT_EQ(after.erase(trash_name), 1u);
    EXPECT_EQ(after, before) << "the trash is empty too";
    EXPECT_EQ(fs::file_size(top_ / "elsewhere/precious"), 1u);
    EXPECT_EQ(refusal("b").code, Errc::not_found);
}

TEST_F(Removal, RefusesAProtectedBackupAndOneWhoseProtectionIsUnknown) {
    make("safe", true);
    write("broken/scale-backup.json", "{");
    write("newer/scale-backup.json", "{\"format\":\"scale-backup manifest\",\"version\":9}");
    fs::create_directories(share_ / "linked");
    fs::create_symlink(share_ / "safe/scale-backup.json", share_ / "linked/scale-backup.json");
    auto const before = content();
    EXPECT_EQ(refusal("safe").code, Errc::refused);
    EXPECT_THAT(refusal("safe").context, HasSubstr("protected"));
    EXPECT_EQ(refusal("broken").code, Errc::refused);
    EXPECT_EQ(refusal("newer").code, Errc::refused);
    EXPECT_THAT(refusal("newer").context, HasSubstr("version 9"));
    EXPECT_EQ(refusal("linked").code, Errc::refused);
    EXPECT_EQ(content(), before);
}

TEST_F(Removal, RefusesAFolderWithoutAManifest) {
    write("foreign/vm.xml", "<x>");
    write("a file", "x");
    fs::create_directory(top_ / "elsewhere");
    std::ofstream(top_ / "elsewhere/scale-backup.json") << "{}";
    fs::create_directory_symlink(top_ / "elsewhere", share_ / "link");
    auto const before = content();
    EXPECT_EQ(refusal("foreign").code, Errc::refused);
    EXPECT_THAT(refusal("foreign").context, HasSubstr("no manifest"));
    EXPECT_EQ(refusal("a file").code, Errc::refused);
    EXPECT_EQ(refusal("link").code, Errc::refused);
    for (std::string const name : {"missing", "", ".", "..", "../share/foreign", "/etc", ".hidden"})
        EXPECT_EQ(refusal(name).code, Errc::not_found) << name;
    EXPECT_EQ(refusal(trash_name).code, Errc::not_found);
    EXPECT_EQ(content(), before);
}

TEST_F(Removal, IncompleteBackupsCanBeDeleted) {
    make("b");
    fs::remove(share_ / "b/d1.qcow2");
    ASSERT_EQ(found("b").state, BackupState::incomplete);
    EXPECT_TRUE(wait(catalog_->remove("b")));
    EXPECT_FALSE(fs::exists(share_ / "b"));
}

TEST_F(Removal, ATrashThatIsALinkIsNotUsed) {
    make("b");
    fs::create_directory(top_ / "elsewhere");
    fs::create_directory_symlink(top_ / "elsewhere", share_ / trash_name);
    EXPECT_EQ(refusal("b").code, Errc::refused);
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(Removal, AHalfRemovedBackupIsInTheTrashAndGoesAtTheNextStart) {
    make("b");
    // As after a crash: part of a tree that is deeper than the limit of remove_tree remains.
    auto deep = share_ / "b";
    for (int i = 0; i < 70; ++i) deep /= "d";
    fs::create_directories(deep);
    auto const removal = wait(catalog_->remove("b"));
    ASSERT_TRUE(removal) << "it is deleted: " << removal.error().context;
    EXPECT_THAT(removal->remains, HasSubstr("some of its files could not be removed"));
    EXPECT_TRUE(wait(catalog_->list())->empty());
    EXPECT_EQ(wait(catalog_->find("b")).error().code, Errc::not_found);
    EXPECT_TRUE(wait(catalog_->check_new_name("b"))) << "its name is free again";
    for (auto const& entry : fs::directory_iterator(share_ / trash_name)) {
        fs::remove_all(entry.path() / "d/d/d/d/d/d/d/d");
        EXPECT_TRUE(fs::exists(entry.path()));
    }
    EXPECT_EQ(*wait(empty_trash(pool_, share_)), 1u);
    EXPECT_TRUE(fs::is_empty(share_ / trash_name));
}

TEST_F(Removal, NeverRemovesABackupThatWasProtectedInTime) {
    for (int round = 0; round < 50; ++round) {
        auto const name = "b" + std::to_string(round);
        make(name);
        auto const [is_protected, is_removed] = race(name);
        EXPECT_NE(is_protected, is_removed) << round;
        EXPECT_EQ(fs::exists(share_ / name), is_protected) << round;
    }
    EXPECT_TRUE(!fs::exists(share_ / trash_name) || fs::is_empty(share_ / trash_name));
}

TEST_F(Removal, RefusesAFolderWithACopiedManifest) {
    make("b");
    write("photos/holiday.jpg", "x");
    fs::copy_file(share_ / "b/scale-backup.json", share_ / "photos/scale-backup.json");
    auto const before = content();
    EXPECT_EQ(refusal("photos").code, Errc::refused);
    EXPECT_THAT(refusal("photos").context, HasSubstr("none of the files"));
    EXPECT_EQ(content(), before);
}

TEST_F(Removal, RefusesABackupThatContainsAnotherOne) {
    make("outer");
    make("inner");
    fs::create_directories(share_ / "outer/moved");
    fs::rename(share_ / "inner", share_ / "outer/moved/inner");
    auto const before = content();
    EXPECT_EQ(refusal("outer").code, Errc::refused);
    EXPECT_THAT(refusal("outer").context, HasSubstr("another backup"));
    EXPECT_EQ(content(), before);
    fs::rename(share_ / "outer/moved/inner", share_ / "inner");
    EXPECT_TRUE(wait(catalog_->remove("outer")));
    EXPECT_EQ(found("inner").state, BackupState::complete);
}

/// A NAS keeps folders and files with the names of the files that they describe.
TEST_F(Removal, FoldersOfANasInsideABackupDoNotPreventItsDeletion) {
    make("b");
    for (auto const* name : {"scale-backup.json", "vm.xml", "d1.qcow2"}) {
        write(fs::path("b/@eaDir") / name / "SYNOINDEX_MEDIA_INFO", "x");
        write(fs::path("b/.AppleDouble") / name, std::string("\0\5\x16\7 finder info", 16));
        write(fs::path("b/.@__thumb") / name, std::string(2 << 20, 'x'));
    }
    EXPECT_TRUE(wait(catalog_->remove("b")));
    EXPECT_FALSE(fs::exists(share_ / "b"));
}

/// Synology's indexer keeps it to root.
TEST_F(Removal, AnUnreadableFolderOfANasDoesNotPreventTheDeletionAndIsReported) {
    fs::permissions(top_, fs::perms{0755});
    fs::permissions(share_, fs::perms{0777});
    make("b");
    fs::permissions(share_ / "b", fs::perms{0777});
    write("b/@eaDir/file", "x");
    fs::create_directory(share_ / "b/.@__thumb");
    fs::permissions(share_ / "b/@eaDir", fs::perms{0000});
    fs::permissions(share_ / "b/.@__thumb", fs::perms{0000});
    auto const removal = [&] {
        test::OrdinaryUser const user;
        return wait(catalog_->remove("b"));
    }();
    ASSERT_TRUE(removal) << removal.error().context;
    EXPECT_FALSE(fs::exists(share_ / "b"));
    EXPECT_THAT(removal->remains, HasSubstr("@eaDir"));
    EXPECT_THAT(removal->remains, HasSubstr("rm -r " + (share_ / trash_name).string()));
    for (auto const& entry : fs::directory_iterator(share_ / trash_name)) {
        EXPECT_EQ(std::distance(fs::directory_iterator(entry.path()), {}), 1) << "everything else is gone";
        fs::permissions(entry.path() / "@eaDir", fs::perms{0755});
    }
}

TEST_F(Removal, AnUnreadableFolderThatMayHoldAnythingPreventsTheDeletion) {
    fs::permissions(top_, fs::perms{0755});
    fs::permissions(share_, fs::perms{0777});
    make("b");
    write("b/private/file", "x");
    fs::permissions(share_ / "b/private", fs::perms{0000});
    {
        test::OrdinaryUser const user;
        EXPECT_THAT(refusal("b").context, HasSubstr("move it elsewhere"));
    }
    EXPECT_EQ(found("b").state, BackupState::complete);
    fs::permissions(share_ / "b/private", fs::perms{0755});
}

TEST_F(Removal, RefusesABackupInsideAFolderOfANas) {
    for (std::string const content : {"", "{\"format\":\"scale-backup manifest\",\"version\":9}"}) {
        make("outer");
        make("inner");
        fs::create_directories(share_ / "outer/@eaDir");
        fs::rename(share_ / "inner", share_ / "outer/@eaDir/inner");
        if (!content.empty()) write("outer/@eaDir/inner/scale-backup.json", content);
        EXPECT_THAT(refusal("outer").context, HasSubstr("another backup")) << content;
        fs::remove_all(share_ / "outer");
    }
}

TEST_F(Removal, RefusesABackupThatContainsADamagedOne) {
    make("outer");
    write("outer/moved/scale-backup.json", std::string(100, '\0'));
    EXPECT_THAT(refusal("outer").context, HasSubstr("another backup"));
}

TEST_F(Removal, AFolderThatWasRenamedByHandIsStillABackup) {
    make("b");
    fs::rename(share_ / "b", share_ / "kept for the auditors");
    EXPECT_TRUE(wait(catalog_->remove("kept for the auditors")));
}

TEST_F(Removal, ForeignFilesInTheTrashStay) {
    auto const trash = fs::path(trash_name);
    write(trash / "removing-0123456789abcdef/file", "x");
    for (auto const* name : {"letters", "2025", "removing-7", "removing-0123456789ABCDEF"}) {
        write(trash / name / "file", "x");
        auto const emptied = wait(empty_trash(pool_, share_));
        ASSERT_FALSE(emptied) << name;
        EXPECT_THAT(emptied.error().context, HasSubstr("is not from scale-backupd")) << name;
        EXPECT_TRUE(fs::exists(share_ / trash / name / "file")) << name << " is a person's or another program's";
        EXPECT_FALSE(fs::exists(share_ / trash / "removing-0123456789abcdef")) << "one that stays does not block it";
        fs::remove_all(share_ / trash / name);
    }
}

TEST_F(Removal, LeftoversAreRemovedWithTheNextDeletion) {
    write(fs::path(trash_name) / "removing-0123456789abcdef/file", "x");
    make("b");
    ASSERT_TRUE(wait(catalog_->remove("b")));
    EXPECT_TRUE(fs::is_empty(share_ / trash_name));
}

TEST_F(Removal, AFolderThatReplacedTheBackupIsMovedBack) {
    make("b");
    auto const local_path = platform::Folder::open(share_);
    auto const checked = local_path->subfolder("b");
    fs::rename(share_ / "b", share_ / "elsewhere");
    write("b/precious", "x");
    auto const moved = move_to_trash(*local_path, "b", *checked);
    ASSERT_FALSE(moved);
    EXPECT_EQ(moved.error().code, Errc::refused);
    EXPECT_TRUE(fs::exists(share_ / "b/precious"));
    fs::rename(share_ / "b", top_ / "away");
    fs::create_directory_symlink(top_ / "away", share_ / "b");
    EXPECT_FALSE(move_to_trash(*local_path, "b", *checked));
    EXPECT_TRUE(fs::is_symlink(share_ / "b"));
    EXPECT_TRUE(fs::exists(top_ / "away/precious"));
}

}  // namespace
}  // namespace sb::catalog
