// Deletions on a disk that is full, or has no inodes left, before there is a trash folder: they make the room that is
// missing, and whatever fails on the way, nothing half-deleted looks good. The system's calls fail here on request.
#include "daemon/catalog/trash.hpp"
#include "tests/unit/catalog/catalog_fixture.hpp"

#include <gmock/gmock.h>

#ifdef __GLIBC__

#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <set>

namespace {

/// What fails now, and what was removed.
struct DiskFaults {
    bool mkdirat = false;
    bool renames = false;
    int fsyncs = 0;                  ///< the next ones
    std::set<std::string> unlinked;  ///< names that cannot be removed
    std::vector<std::string> removed;
};

DiskFaults& faults() {
    static DiskFaults now;
    return now;
}

template <class F>
F real(char const* name) {
    return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

int no_space() {
    errno = ENOSPC;
    return -1;
}

}  // namespace

// These take the place of the C library's in this program.
extern "C" {

int mkdirat(int folder, char const* name, mode_t mode) noexcept {
    if (faults().mkdirat) return no_space();
    return real<int (*)(int, char const*, mode_t)>("mkdirat")(folder, name, mode);
}

int renameat(int from, char const* name, int to, char const* new_name) noexcept {
    if (faults().renames) return no_space();
    return real<int (*)(int, char const*, int, char const*)>("renameat")(from, name, to, new_name);
}

int renameat2(int from, char const* name, int to, char const* new_name, unsigned flags) noexcept {
    if (faults().renames) return no_space();
    return real<int (*)(int, char const*, int, char const*, unsigned)>("renameat2")(from, name, to, new_name, flags);
}

int unlinkat(int folder, char const* name, int flags) noexcept {
    if (faults().unlinked.contains(name)) {
        errno = EIO;
        return -1;
    }
    int const done = real<int (*)(int, char const*, int)>("unlinkat")(folder, name, flags);
    if (done == 0) faults().removed.emplace_back(name);
    return done;
}

int fsync(int file) {
    if (faults().fsyncs > 0) {
        --faults().fsyncs;
        errno = EIO;
        return -1;
    }
    return real<int (*)(int)>("fsync")(file);
}
}

namespace sb::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FullDisk : public Catalog {
protected:
    void SetUp() override {
        Catalog::SetUp();
        write_sample("b");
        auto manifest = sample("b");
        manifest.is_protected = false;
        ASSERT_TRUE(wait(catalog_->write_manifest("b", manifest)));
        faults() = {};
    }
    void TearDown() override {
        faults() = {};
        Catalog::TearDown();
    }
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (auto const& entry : fs::directory_iterator(share_)) all.push_back(entry.path().filename().string());
        return all;
    }
    std::string const entry_ = "deleted-0123456789abcdef";
};

TEST_F(FullDisk, ABackupIsDeletedBeforeThereIsATrash) {
    faults().mkdirat = true;
    auto const removal = wait(catalog_->remove("b"));
    ASSERT_TRUE(removal) << removal.error().context;
    EXPECT_EQ(removal->remains, "");
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FullDisk, WhatSuchADeletionLeavesIsHiddenAndGoesAtTheNextStart) {
    faults().mkdirat = true;
    faults().unlinked = {"d1.qcow2"};
    auto const removal = wait(catalog_->remove("b"));
    ASSERT_TRUE(removal) << removal.error().context;
    EXPECT_THAT(removal->remains, HasSubstr("d1.qcow2"));
    EXPECT_TRUE(wait(catalog_->list())->empty());
    EXPECT_EQ(names().size(), 1u);
    faults() = {};
    EXPECT_EQ(*wait(empty_trash(pool_, share_)), 1u);
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FullDisk, WhereNothingCanBeRenamedTheDefinitionGoesFirstAndTheManifestLast) {
    faults().mkdirat = faults().renames = true;
    auto const removal = wait(catalog_->remove("b"));
    ASSERT_TRUE(removal) << removal.error().context;
    EXPECT_THAT(faults().removed, ElementsAre("vm.xml", "d1.qcow2", core::manifest_file_name, "b"));
    EXPECT_THAT(names(), IsEmpty());
}

TEST_F(FullDisk, AHalfDeletedBackupIsIncompleteAndCanBeDeletedAgain) {
    faults().mkdirat = faults().renames = true;
    faults().unlinked = {"d1.qcow2"};
    auto const removal = wait(catalog_->remove("b"));
    ASSERT_TRUE(removal) << removal.error().context;
    EXPECT_THAT(removal->remains, HasSubstr("delete it again"));
    EXPECT_EQ(found("b").state, BackupState::incomplete);
    EXPECT_TRUE(found("b").manifest);
    faults() = {};
    EXPECT_TRUE(wait(catalog_->remove("b")));
    EXPECT_FALSE(fs::exists(share_ / "b"));
}

TEST_F(FullDisk, ABackupWhoseDefinitionCannotBeRemovedIsNotDeleted) {
    faults().mkdirat = faults().renames = true;
    faults().unlinked = {"vm.xml"};
    EXPECT_FALSE(wait(catalog_->remove("b")));
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(FullDisk, AFailedExportIsDiscarded) {
    for (bool const renames : {false, true}) {
        write(fs::path(landing_) / "disk.qcow2", "x");
        faults().mkdirat = true;
        faults().renames = renames;
        auto const removal = wait(catalog_->discard(landing_));
        ASSERT_TRUE(removal) << removal.error().context;
        EXPECT_THAT(names(), ElementsAre("b"));
        faults() = {};
    }
}

TEST_F(FullDisk, ABackupThatCannotBeMovedToTheTrashStaysWhereItWas) {
    faults().mkdirat = true;
    EXPECT_EQ(wait(catalog_->move_to_trash("b", entry_)).error().code, Errc::no_space);
    EXPECT_EQ(found("b").state, BackupState::complete);
    faults() = {};
    fs::create_directory(share_ / trash_name);
    faults().renames = true;
    EXPECT_EQ(wait(catalog_->move_to_trash("b", entry_)).error().code, Errc::no_space);
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(FullDisk, ABackupWhoseMoveCannotBeFlushedStaysWhereItWas) {
    fs::create_directory(share_ / trash_name);
    for (int const failing : {1, 2, 100}) {
        faults().fsyncs = failing;
        EXPECT_EQ(wait(catalog_->move_to_trash("b", entry_)).error().code, Errc::io) << failing;
        EXPECT_EQ(found("b").state, BackupState::complete) << failing;
        EXPECT_TRUE(fs::is_empty(share_ / trash_name)) << failing;
        faults().fsyncs = failing;
        EXPECT_EQ(wait(catalog_->remove("b")).error().code, Errc::io) << failing;
        EXPECT_EQ(found("b").state, BackupState::complete) << failing;
        faults() = {};
    }
}

TEST_F(FullDisk, ABackupThatCannotComeBackStaysInTheTrash) {
    ASSERT_TRUE(wait(catalog_->move_to_trash("b", entry_)));
    faults().renames = true;
    EXPECT_EQ(wait(catalog_->take_from_trash(entry_, "b", "")).error().code, Errc::no_space);
    EXPECT_THAT(*wait(catalog_->trash_entries()), ElementsAre(entry_));
    faults() = {};
    EXPECT_TRUE(wait(catalog_->take_from_trash(entry_, "b", "")));
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(FullDisk, AnEntryThatCannotBeRenamedLosesItsManifestFirst) {
    ASSERT_TRUE(wait(catalog_->move_to_trash("b", entry_)));
    faults().renames = true;
    auto const removal = wait(catalog_->empty_trash_entry(entry_));
    ASSERT_TRUE(removal) << removal.error().context;
    ASSERT_FALSE(faults().removed.empty());
    EXPECT_EQ(faults().removed.front(), core::manifest_file_name);
    EXPECT_THAT(*wait(catalog_->trash_entries()), IsEmpty());
}

TEST_F(FullDisk, AnEntryWhoseNewNameCannotBeFlushedStaysOne) {
    ASSERT_TRUE(wait(catalog_->move_to_trash("b", entry_)));
    faults().fsyncs = 1;
    EXPECT_EQ(wait(catalog_->empty_trash_entry(entry_)).error().code, Errc::io);
    EXPECT_THAT(*wait(catalog_->trash_entries()), ElementsAre(entry_));
    EXPECT_TRUE(wait(catalog_->take_from_trash(entry_, "b", "")));
    EXPECT_EQ(found("b").state, BackupState::complete);
}

TEST_F(FullDisk, AProbeFailsAndLeavesNothing) {
    faults().mkdirat = true;
    EXPECT_EQ(wait(catalog_->probe()).error().code, Errc::no_space);
    faults() = {};
    faults().renames = true;
    EXPECT_EQ(wait(catalog_->probe()).error().code, Errc::no_space);
    faults() = {};
    faults().fsyncs = 1;
    EXPECT_EQ(wait(catalog_->probe()).error().code, Errc::io);
    faults() = {};
    EXPECT_THAT(names(), ElementsAre("b"));
    EXPECT_TRUE(wait(catalog_->probe()));
}

}  // namespace
}  // namespace sb::catalog

#endif
