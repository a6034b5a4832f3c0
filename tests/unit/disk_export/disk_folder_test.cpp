// A folder that others may write to: what they swap in is neither read, nor written, nor given away.
#include "ctl/export/disk_folder.hpp"

#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <string>

namespace sb::ctl {
namespace {

namespace fs = std::filesystem;
using test::read_file;
using test::write_file;
using testing::HasSubstr;

constexpr auto real = DiskFolder::LastStep::must_be_real;

std::span<std::byte const> bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

mode_t mode_of(fs::path const& file) {
    struct stat about {};
    EXPECT_EQ(::lstat(file.c_str(), &about), 0) << file;
    return about.st_mode & 07777;
}

class DiskFolderTest : public testing::Test {
protected:
    DiskFolderTest() { fs::create_directory(share_); }

    DiskFolder open() const { return std::move(DiskFolder::open(share_, real).value()); }

    test::TempDir dir_;
    fs::path const share_ = dir_ / "share";
    fs::path const partial_ = share_ / ".disk.vhdx.partial", final_ = share_ / "disk.vhdx";
};

TEST_F(DiskFolderTest, AFileGetsItsNameWhenItIsCompleteAndIsForItsUserAloneUntilThen) {
    auto const folder = open();
    auto const file = std::move(folder.create("disk.vhdx").value());
    ASSERT_TRUE(file->resize(100));
    ASSERT_TRUE(file->write(10, bytes("data")));
    EXPECT_FALSE(fs::exists(final_));
    EXPECT_EQ(mode_of(partial_), 0600U);
    ASSERT_TRUE(file->publish());
    EXPECT_FALSE(fs::exists(partial_));
    EXPECT_EQ(read_file(final_), std::string(10, '\0') + "data" + std::string(86, '\0'));
    EXPECT_EQ(mode_of(final_), 0600U);
}

TEST_F(DiskFolderTest, AnUnfinishedFileIsRemoved) {
    auto const folder = open();
    { auto const file = std::move(folder.create("disk.vhdx").value()); }
    EXPECT_TRUE(fs::is_empty(share_));
}

TEST_F(DiskFolderTest, WhatAnEndedProcessLeftIsReplaced) {
    write_file(partial_, std::string(1000, 'x'));
    auto const folder = open();
    auto const file = std::move(folder.create("disk.vhdx").value());
    ASSERT_TRUE(file->write(0, bytes("new")));
    ASSERT_TRUE(file->publish());
    EXPECT_EQ(read_file(final_), "new");
}

TEST_F(DiskFolderTest, TwoProcessesDoNotWriteTheSameFile) {
    auto const folder = open();
    auto const file = std::move(folder.create("disk.vhdx").value());
    auto const other = open();
    EXPECT_EQ(other.create("disk.vhdx").error().code, Errc::name_in_use);
    EXPECT_TRUE(fs::exists(partial_));
    EXPECT_TRUE(file->publish());
}

TEST_F(DiskFolderTest, NothingIsReplaced) {
    auto const folder = open();
    auto const file = std::move(folder.create("disk.vhdx").value());
    write_file(final_, "of another");
    EXPECT_EQ(file->publish().error().code, Errc::name_in_use);
    EXPECT_EQ(folder.create("disk.vhdx").error().code, Errc::name_in_use);
    fs::remove(final_);
    fs::create_symlink("nowhere", final_);
    EXPECT_EQ(file->publish().error().code, Errc::name_in_use);
    EXPECT_EQ(folder.create("disk.vhdx").error().code, Errc::name_in_use);
    EXPECT_TRUE(fs::is_symlink(final_));
    EXPECT_FALSE(fs::exists(share_ / "nowhere"));
}

TEST_F(DiskFolderTest, ALinkInPlaceOfThePartialFileIsNotFollowed) {
    write_file(dir_ / "victim", "precious");
    fs::create_symlink(dir_ / "victim", partial_);
    auto const created = open().create("disk.vhdx");
    EXPECT_EQ(created.error().code, Errc::refused);
    EXPECT_THAT(created.error().context, HasSubstr("not a regular file"));
    EXPECT_EQ(read_file(dir_ / "victim"), "precious");
    fs::remove(partial_);
    ASSERT_EQ(::mkfifo(partial_.c_str(), 0600), 0);
    EXPECT_EQ(open().create("disk.vhdx").error().code, Errc::refused);
}

TEST_F(DiskFolderTest, RightsAreSetOnTheOpenFileWhateverHasItsName) {
    write_file(dir_ / "victim", "precious");
    fs::permissions(dir_ / "victim", fs::perms::owner_read);
    auto const folder = open();
    auto const file = std::move(folder.create("disk.vhdx").value());
    fs::rename(partial_, share_ / "moved");
    fs::create_symlink(dir_ / "victim", partial_);
    ASSERT_TRUE(file->share(0666));
    EXPECT_EQ(mode_of(dir_ / "victim"), 0400U);
    EXPECT_EQ(mode_of(share_ / "moved"), 0666U);
    auto const published = file->publish();
    EXPECT_EQ(published.error().code, Errc::io);
    EXPECT_THAT(published.error().context, HasSubstr("replaced by another program"));
    EXPECT_FALSE(fs::exists(fs::symlink_status(final_)));
}

TEST_F(DiskFolderTest, ASharedFileHasThePermissionsAndTheGroupOfItsFolder) {
    bool const is_root = ::geteuid() == 0;
    if (is_root) ASSERT_EQ(::chown(share_.c_str(), 12345, 23456), 0);
    auto const folder = open();
    auto const file = std::move(folder.create("disk.vhdx").value());
    auto const warning = file->share(0660);
    ASSERT_TRUE(warning);
    EXPECT_EQ(*warning, "");
    ASSERT_TRUE(file->publish());
    EXPECT_EQ(mode_of(final_), 0660U);
    struct stat of_file {
    }, of_folder{};
    ASSERT_EQ(::stat(final_.c_str(), &of_file), 0);
    ASSERT_EQ(::stat(share_.c_str(), &of_folder), 0);
    EXPECT_EQ(of_file.st_gid, of_folder.st_gid);
    if (is_root) EXPECT_EQ(of_file.st_uid, 12345U);
}

TEST_F(DiskFolderTest, OnlyRegularFilesOfTheFolderAreRead) {
    write_file(dir_ / "secret", "hush");
    write_file(share_ / "image", "data");
    fs::create_symlink(dir_ / "secret", share_ / "link");
    fs::create_directory(share_ / "folder");
    ASSERT_EQ(::mkfifo((share_ / "pipe").c_str(), 0600), 0);
    auto const folder = open();
    EXPECT_EQ(folder.read("image", 4).value(), "data");
    EXPECT_EQ(folder.read("image", 3).error().code, Errc::refused);
    for (auto const* name : {"link", "pipe", "folder"}) EXPECT_EQ(folder.open_file(name).error().code, Errc::refused);
    for (auto const* name : {"../secret", "", "."}) EXPECT_EQ(folder.open_file(name).error().code, Errc::invalid_name);
    EXPECT_EQ(folder.open_file("nothing").error().code, Errc::not_found);
}

TEST_F(DiskFolderTest, AFolderOfAShareMayNotBeALink) {
    fs::create_directory_symlink(share_, dir_ / "link");
    EXPECT_EQ(DiskFolder::open(dir_ / "link", real).error().code, Errc::refused);
    EXPECT_TRUE(DiskFolder::open(dir_ / "link", DiskFolder::LastStep::may_be_link));
    EXPECT_EQ(DiskFolder::open(dir_ / "nothing", real).error().code, Errc::not_found);
}

TEST_F(DiskFolderTest, AsRootAnotherUsersFileThatWasLinkedInIsNotRead) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    write_file(dir_ / "secret", "hush");
    ASSERT_EQ(::chown(share_.c_str(), 12345, 23456), 0);
    fs::create_hard_link(dir_ / "secret", share_ / "image");
    EXPECT_EQ(open().open_file("image").error().code, Errc::refused);
    ASSERT_EQ(::chown((dir_ / "secret").c_str(), 12345, 23456), 0);
    EXPECT_TRUE(open().open_file("image"));
}

TEST_F(DiskFolderTest, AsRootAnotherUsersFileThatWasMovedInIsNotRead) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(::chown(share_.c_str(), 12345, 23456), 0);
    write_file(share_ / "image", "hush");
    for (uid_t const owner : {0U, 34567U}) {
        ASSERT_EQ(::chown((share_ / "image").c_str(), owner, 23456), 0);
        auto const opened = open().open_file("image");
        ASSERT_FALSE(opened) << owner;
        EXPECT_EQ(opened.error().code, Errc::refused);
        EXPECT_THAT(opened.error().context, HasSubstr("belongs to another user than its folder"));
    }
    ASSERT_EQ(::chown((share_ / "image").c_str(), 12345, 23456), 0);
    EXPECT_TRUE(open().open_file("image"));
}

TEST_F(DiskFolderTest, AsRootAManifestOfTheDaemonIsReadButNoLinkToAnotherUsersFile) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    ASSERT_EQ(::chown(share_.c_str(), 12345, 23456), 0);
    write_file(share_ / "manifest", "{}");
    EXPECT_EQ(open().read("manifest", 10).value(), "{}");
    fs::create_hard_link(share_ / "manifest", dir_ / "other name");
    EXPECT_EQ(open().read("manifest", 10).error().code, Errc::refused);
}

TEST_F(DiskFolderTest, AnImageThatIsWrittenToIsNoLongerWhatWasOpened) {
    auto const path = share_ / "image";
    write_file(path, "old data");
    auto const image = std::move(open().open_file("image").value());
    EXPECT_TRUE(image->check_unchanged());
    struct stat before {
    }, after{};
    ASSERT_EQ(::stat(path.c_str(), &before), 0);
    // In place, of the same length, and with its mtime set back: only the ctime shows it, once the clock has ticked.
    do {
        write_file(path, "new data");
        std::array const times{before.st_atim, before.st_mtim};
        ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times.data(), 0), 0);
        ASSERT_EQ(::stat(path.c_str(), &after), 0);
    } while (after.st_ctim.tv_sec == before.st_ctim.tv_sec && after.st_ctim.tv_nsec == before.st_ctim.tv_nsec);
    auto const same = image->check_unchanged();
    ASSERT_FALSE(same);
    EXPECT_EQ(same.error().code, Errc::io);
    EXPECT_THAT(same.error().context, HasSubstr("was changed while it was being read"));
}

TEST_F(DiskFolderTest, WithoutRootAFileOfAForeignGroupIsSharedWithAWarning) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to become another user";
    ASSERT_EQ(::chown(share_.c_str(), 12345, 23456), 0);
    fs::permissions(share_, fs::perms::all);
    fs::permissions(dir_.path(), fs::perms::all);
    pid_t const child = ::fork();
    if (child == 0) {
        if (::setgid(34567) != 0 || ::setuid(34567) != 0) ::_exit(2);
        auto const folder = open();
        auto const file = std::move(folder.create("disk.vhdx").value());
        auto const warning = file->share(0660);
        bool const good = warning && warning->find("keeps its group") != std::string::npos && file->publish();
        ::_exit(good ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    EXPECT_EQ(mode_of(final_), 0660U);
}

}  // namespace
}  // namespace sb::ctl
