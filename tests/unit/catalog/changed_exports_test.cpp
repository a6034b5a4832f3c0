// What a person or a program does to an export between its inspection and its commit, and copies of it.
#include "tests/unit/catalog/commit_fixture.hpp"

#include <gmock/gmock.h>

namespace sb::catalog {
namespace {

using testing::HasSubstr;

using ChangedExports = Commit;

/// While a commit waits for its name, a person or a program may change the files.
TEST_F(ChangedExports, FilesThatChangedAfterTheInspectionNeverGetTheName) {
    land("b");
    fs::resize_file(share_ / landing_ / "d1.qcow2", 1);
    EXPECT_EQ(wait(catalog_->find_manifest(landing_, "b")).error().code, Errc::damaged_backup);
    auto const truncated = wait(catalog_->commit(landing_, "b"));
    ASSERT_FALSE(truncated);
    EXPECT_EQ(truncated.error().code, Errc::damaged_backup);
    EXPECT_THAT(truncated.error().context, HasSubstr("'d1.qcow2' has 1 bytes instead of 4"));
    EXPECT_EQ(finish(), 0u);
    fs::remove(share_ / landing_ / "d1.qcow2");
    EXPECT_EQ(wait(catalog_->find_manifest(landing_, "b")).error().code, Errc::incomplete_backup);
    EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::incomplete_backup);
    EXPECT_EQ(finish(), 0u);
    EXPECT_TRUE(wait(catalog_->list())->empty());
    EXPECT_TRUE(fs::exists(share_ / landing_ / "vm.xml"));
}

TEST_F(ChangedExports, ABackupThatWasDamagedBeforeItsJobKnewOfItIsReported) {
    land("b");
    EXPECT_EQ(commit(), "b");
    fs::resize_file(share_ / "b/d1.qcow2", 1);
    EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::damaged_backup);
    EXPECT_EQ(wait(catalog_->find_manifest(landing_, "b")).error().code, Errc::damaged_backup);
}

class CopiesByHand : public Commit {
protected:
    /// Without its disks.
    void copy_small_files(std::string const& from, std::string const& to) {
        fs::create_directory(share_ / to);
        for (auto const* name : {"vm.xml", core::manifest_file_name})
            fs::copy_file(share_ / from / name, share_ / to / name);
    }
    void copy(std::string const& from, std::string const& to) {
        fs::copy(share_ / from, share_ / to, fs::copy_options::recursive);
    }
};

TEST_F(CopiesByHand, OfALandingFolderAreNotCommitted) {
    land("b");
    copy_small_files(landing_, "a copy of " + landing_);
    copy(landing_, "another " + landing_);
    copy(landing_, "B.EXPORTING-0A1B2C3D");
    EXPECT_EQ(finish(), 1u);
    expect_backup("b");
    EXPECT_EQ(wait(catalog_->list())->size(), 1u);
    copy("b", "late " + landing_);
    EXPECT_EQ(finish(), 0u);
    EXPECT_EQ(wait(catalog_->list())->size(), 1u);
}

TEST_F(CopiesByHand, OfABackupUnderItsLandingFoldersNameAreNotCommitted) {
    for (bool const whole : {true, false}) {
        land("b");
        EXPECT_EQ(commit(), "b");
        if (whole) copy("b", landing_);
        else copy_small_files("b", landing_);
        EXPECT_EQ(finish(), 0u);
        EXPECT_EQ(commit(), "b") << "it has its name already";
        EXPECT_EQ(wait(catalog_->list())->size(), 1u);
        fs::remove_all(share_ / landing_);
        fs::rename(share_ / "b", share_ / "renamed");
        copy("renamed", landing_);
        EXPECT_EQ(finish(), 0u) << "whatever its name is now";
        fs::remove_all(share_ / "renamed");
        fs::remove_all(share_ / landing_);
    }
}

TEST_F(CopiesByHand, AreNotTakenForTheBackup) {
    make_backup("b");
    land("b");
    EXPECT_EQ(commit(), "b (2)");
    fs::remove_all(share_ / "b");
    copy_small_files("b (2)", "b");
    EXPECT_EQ(commit(), "b (2)") << "the copy is not whole";
    EXPECT_EQ((*wait(catalog_->find_manifest(landing_, "b")))->backup, "b (2)");
    fs::remove_all(share_ / "b");
    copy("b (2)", "b");
    EXPECT_EQ(commit(), "b (2)") << "the copy's manifest has another name";
    fs::remove_all(share_ / "b (2)");
    fs::remove(share_ / "b/d1.qcow2");
    EXPECT_EQ(wait(catalog_->commit(landing_, "b")).error().code, Errc::not_found) << "an incomplete copy is nothing";
}

}  // namespace
}  // namespace sb::catalog
