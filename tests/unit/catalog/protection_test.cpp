// Backups that retention must not delete.
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#include <sys/stat.h>

namespace sb::catalog {
namespace {

using testing::HasSubstr;

struct Identity {
    ino_t inode = 0;
    timespec changed{};
};

Identity identity_of(fs::path const& path) {
    struct stat about {};
    EXPECT_EQ(::stat(path.c_str(), &about), 0) << path;
    return {about.st_ino, about.st_mtim};
}

bool same(Identity const& a, Identity const& b) {
    return a.inode == b.inode && a.changed.tv_sec == b.changed.tv_sec && a.changed.tv_nsec == b.changed.tv_nsec;
}

class Protection : public Catalog {
protected:
    void make(std::string const& name) {
        write_sample(name);
        auto manifest = sample(name);
        manifest.is_protected = false;
        ASSERT_TRUE(wait(catalog_->write_manifest(name, manifest)));
    }
    fs::path manifest_of(std::string const& name) const { return share_ / name / core::manifest_file_name; }
};

TEST_F(Protection, CanBeSetAndClearedAndTheBackupStaysComplete) {
    make("b");
    auto const definition = identity_of(share_ / "b/vm.xml"), disk = identity_of(share_ / "b/d1.qcow2");
    for (bool const wanted : {true, false, true}) {
        auto const backup = wait(catalog_->set_protected("b", wanted));
        ASSERT_TRUE(backup) << backup.error().context;
        EXPECT_EQ(backup->name, "b");
        EXPECT_EQ(backup->state, BackupState::complete);
        EXPECT_EQ(backup->manifest->is_protected, wanted);
        auto expected = sample("b");
        expected.is_protected = wanted;
        EXPECT_EQ(found("b").manifest, expected);
    }
    EXPECT_TRUE(same(identity_of(share_ / "b/vm.xml"), definition));
    EXPECT_TRUE(same(identity_of(share_ / "b/d1.qcow2"), disk));
    EXPECT_EQ(std::distance(fs::directory_iterator(share_ / "b"), {}), 3) << "no temporary file remains";
    ASSERT_TRUE(wait(catalog_->set_protected("b", false)));
    EXPECT_TRUE(wait(catalog_->remove("b")));
}

TEST_F(Protection, AnUnchangedProtectionIsNotWrittenAgain) {
    make("b");
    ASSERT_TRUE(wait(catalog_->set_protected("b", true)));
    auto const before = identity_of(manifest_of("b"));
    EXPECT_TRUE(wait(catalog_->set_protected("b", true))->manifest->is_protected);
    EXPECT_TRUE(same(identity_of(manifest_of("b")), before));
}

TEST_F(Protection, ADamagedBackupCanBeProtectedAndStaysDamaged) {
    make("b");
    write("b/d1.qcow2", "QF");
    auto const backup = wait(catalog_->set_protected("b", true));
    ASSERT_TRUE(backup);
    EXPECT_EQ(backup->state, BackupState::damaged);
    EXPECT_TRUE(backup->manifest->is_protected);
}

TEST_F(Protection, NeedsAReadableManifest) {
    write_sample("foreign");
    write("broken/scale-backup.json", "{");
    write("newer/scale-backup.json", "{\"format\":\"scale-backup manifest\",\"version\":9}");
    make("b");
    fs::create_directory_symlink(share_ / "b", share_ / "link");
    fs::create_directory(share_ / "linked");
    fs::create_symlink(manifest_of("b"), manifest_of("linked"));
    auto const before = identity_of(manifest_of("b"));
    EXPECT_EQ(wait(catalog_->set_protected("foreign", true)).error().code, Errc::refused);
    EXPECT_THAT(wait(catalog_->set_protected("foreign", true)).error().context, HasSubstr("no manifest"));
    EXPECT_FALSE(fs::exists(manifest_of("foreign")));
    EXPECT_EQ(wait(catalog_->set_protected("broken", true)).error().code, Errc::damaged_backup);
    EXPECT_EQ(wait(catalog_->set_protected("newer", true)).error().code, Errc::refused);
    EXPECT_EQ(wait(catalog_->set_protected("link", true)).error().code, Errc::refused);
    EXPECT_EQ(wait(catalog_->set_protected("linked", true)).error().code, Errc::refused);
    for (std::string const name : {"missing", "", "..", "../share/b"})
        EXPECT_EQ(wait(catalog_->set_protected(name, true)).error().code, Errc::not_found) << name;
    EXPECT_TRUE(same(identity_of(manifest_of("b")), before));
}

}  // namespace
}  // namespace sb::catalog
