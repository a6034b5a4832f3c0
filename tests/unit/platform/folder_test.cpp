#include "daemon/platform/folder.hpp"
#include "daemon/platform/folder_posix.hpp"
#include "daemon/platform/os_error.hpp"
#include "daemon/platform/file_system.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <limits>
#include <utility>
#include <vector>

namespace sb::platform {
namespace {

namespace fs = std::filesystem;

class FolderTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sb-folder-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        dir_ = pattern;
    }
    void TearDown() override { fs::remove_all(dir_); }
    Folder folder() const { return std::move(*Folder::open(dir_)); }
    void write(std::string const& name, std::string const& text) const { std::ofstream(dir_ / name) << text; }
    fs::path dir_;
};

TEST_F(FolderTest, OnlyPlainNamesAreAccepted) {
    auto const here = folder();
    for (std::string const name : {"", ".", "..", "a/b", "/etc/passwd", "../x"}) {
        EXPECT_FALSE(is_plain_name(name));
        EXPECT_EQ(here.subfolder(name).error().code, Errc::invalid_name);
        EXPECT_EQ(here.info(name).error().code, Errc::invalid_name);
        EXPECT_EQ(here.read(name, 10).error().code, Errc::invalid_name);
        EXPECT_EQ(here.remove_tree(name).error().code, Errc::invalid_name);
        EXPECT_EQ(here.write_durably(name, "x").error().code, Errc::invalid_name);
    }
    EXPECT_FALSE(is_plain_name(std::string("a\0b", 3)));
}

TEST_F(FolderTest, LinksAndSpecialFilesAreNotOpened) {
    write("file", "text");
    fs::create_directory(dir_ / "real");
    fs::create_symlink("file", dir_ / "link");
    fs::create_directory_symlink("real", dir_ / "folder link");
    ASSERT_EQ(::mkfifo((dir_ / "fifo").c_str(), 0600), 0);
    auto const here = folder();
    EXPECT_EQ(*here.read("file", 10), "text");
    EXPECT_EQ(here.read("file", 3).error().code, Errc::refused);
    EXPECT_EQ(here.read("link", 10).error().code, Errc::refused);
    EXPECT_EQ(here.read("fifo", 10).error().code, Errc::refused) << "and it does not wait for a writer";
    EXPECT_EQ(here.read("nothing", 10).error().code, Errc::not_found);
    EXPECT_EQ(here.subfolder("folder link").error().code, Errc::refused);
    EXPECT_EQ(here.subfolder("file").error().code, Errc::refused);
    EXPECT_EQ(here.subfolder("nothing").error().code, Errc::not_found);
    EXPECT_EQ((*here.info("link"))->kind, EntryKind::link);
    EXPECT_FALSE(here.info("nothing")->has_value());
}

TEST_F(FolderTest, ListsSortedWithKindsAndAgain) {
    write("b", "");
    fs::create_directory(dir_ / "a");
    auto const here = folder();
    for (int round = 0; round < 2; ++round) {
        auto const entries = *here.entries();
        ASSERT_EQ(entries.size(), 2u);
        EXPECT_EQ(entries[0].name, "a");
        EXPECT_EQ(entries[0].kind, EntryKind::folder);
        EXPECT_EQ(entries[1].kind, EntryKind::file);
    }
}

TEST_F(FolderTest, ReadingBeyondTheEndIsAnError) {
    write("file", "0123456789");
    auto const file = *folder().open_file("file");
    std::array<std::byte, 4> part{};
    EXPECT_TRUE(file->read(6, part));
    EXPECT_EQ(part[3], std::byte{'9'});
    EXPECT_EQ(file->read(7, part).error().code, Errc::io);
    EXPECT_EQ(file->read(~0ull - 1, part).error().code, Errc::io);
}

/// The file server's users read what is written into LocalPath, as far as the administrator's umask lets them.
TEST_F(FolderTest, FilesHaveTheModeThatTheUmaskLeavesAndPrivateOnesNone) {
    auto const here = folder();
    auto const mode_of = [this](char const* name) {
        struct stat about {};
        return ::stat((dir_ / name).c_str(), &about) == 0 ? about.st_mode & 0777U : 0U;
    };
    for (auto const& [mask, expected] : {std::pair(0U, 0644U), std::pair(0027U, 0640U), std::pair(0077U, 0600U)}) {
        auto const before = ::umask(mask);
        EXPECT_TRUE(here.write_durably("shared", "x"));
        EXPECT_TRUE(here.write_privately("private", "x"));
        ::umask(before);
        EXPECT_EQ(mode_of("shared"), expected);
        EXPECT_EQ(mode_of("private"), 0600U);
    }
}

TEST_F(FolderTest, WritesReplaceTheWholeFile) {
    auto const here = folder();
    ASSERT_TRUE(here.write_durably("f", "a longer text"));
    ASSERT_TRUE(here.write_durably("f", "short"));
    EXPECT_EQ(*here.read("f", 100), "short");
    EXPECT_EQ(here.entries()->size(), 1u);
    fs::create_directory(dir_ / "taken");
    EXPECT_FALSE(here.write_durably("taken", "x"));
    EXPECT_EQ(here.entries()->size(), 2u) << "no temporary file stays";
}

/// Nanoseconds since 1970 end in the year 2262; what is later must not look as if it were old.
TEST_F(FolderTest, ATimeOfAnyCenturyIsKept) {
    using namespace std::chrono;
    EXPECT_EQ(file_time(1763874000, 123'456'789), UtcTime(Milliseconds(1763874000123)));
    EXPECT_EQ(file_time(-1, 999'999'999), UtcTime(Milliseconds(-1)));
    EXPECT_EQ(file_time(20'000'000'000, 0), UtcTime(seconds(20'000'000'000))) << "the year 2603";
    for (auto const far : {std::numeric_limits<std::int64_t>::max(), std::int64_t{1} << 40})
        EXPECT_EQ(file_time(far, 0), UtcTime(sys_days{year{9999} / December / 31}));
    EXPECT_EQ(file_time(std::numeric_limits<std::int64_t>::min(), 0), UtcTime(sys_days{year{1} / January / 1}));

    write("file", "x");
    std::array<timespec, 2> const times{timespec{20'000'000'000, 0}, timespec{20'000'000'000, 0}};
    ASSERT_EQ(::utimensat(AT_FDCWD, (dir_ / "file").c_str(), times.data(), 0), 0);
    auto const modified = (*folder().info("file"))->modified;
    EXPECT_GT(modified, UtcTime(sys_days{year{2200} / January / 1})) << "a file system may know fewer years";
}

/// A hard link to a file of someone else, which only some systems forbid.
TEST_F(FolderTest, AFileWithAnotherNameIsNeverWritten) {
    write("of another", "content of another");
    auto const here = folder();
    fs::create_hard_link(dir_ / "of another", dir_ / "planted");
    EXPECT_EQ(here.append_to("planted", 4).error().code, Errc::refused);
    auto const appender = here.append_to("planted", 0);
    ASSERT_TRUE(appender) << appender.error().context;
    ASSERT_TRUE((*appender)->write("ours"));
    EXPECT_EQ(*here.read("planted", 100), "ours");
    EXPECT_EQ(*here.read("of another", 100), "content of another");
}

TEST_F(FolderTest, AppendingKeepsWhatIsToBeKept) {
    write("file", "0123456789");
    auto const appender = folder().append_to("file", 4);
    ASSERT_TRUE(appender) << appender.error().context;
    ASSERT_TRUE((*appender)->write("x"));
    EXPECT_EQ(*folder().read("file", 100), "0123x");
}

TEST_F(FolderTest, ATreeThatIsTooDeepIsRefusedAndNotFollowed) {
    fs::path deep = dir_ / "top";
    for (int i = 0; i < 100; ++i) deep /= "d";
    fs::create_directories(deep);
    EXPECT_EQ(folder().remove_tree("top").error().code, Errc::refused);
    EXPECT_TRUE(folder().remove_tree("nothing"));
}

TEST_F(FolderTest, WhatCannotBeRemovedDoesNotKeepTheRestOfATree) {
    fs::path deep = dir_ / "top" / "a";
    for (int i = 0; i < 100; ++i) deep /= "d";
    fs::create_directories(deep);
    std::ofstream(dir_ / "top/b") << "x";
    EXPECT_FALSE(folder().remove_tree("top"));
    EXPECT_FALSE(fs::exists(dir_ / "top/b"));
    EXPECT_TRUE(fs::exists(dir_ / "top/a"));
}

TEST_F(FolderTest, MovingNeverReplaces) {
    fs::create_directories(dir_ / "a");
    fs::create_directories(dir_ / "b");
    auto const here = folder();
    EXPECT_FALSE(here.move_to("a", here, "b"));
    ASSERT_TRUE(here.move_to("a", here, "c"));
    EXPECT_TRUE(fs::exists(dir_ / "c"));
}

/// Every kind of thing that may have the name.
class TakenName : public FolderTest {
protected:
    void SetUp() override {
        FolderTest::SetUp();
        fs::create_directory(dir_ / "a");
        write("a/content", "a");
        fs::create_directory(dir_ / "empty");
        fs::create_directory(dir_ / "full");
        write("full/content", "full");
        write("file", "file");
        fs::create_symlink("nowhere", dir_ / "dangling");
        fs::create_directory_symlink("empty", dir_ / "link");
    }
    std::vector<std::string> const taken_{"empty", "full", "file", "dangling", "link"};
};

TEST_F(TakenName, IsNeverReplacedByAnExclusiveRename) {
    auto const here = folder();
    auto const before = here.entries()->size();
    for (auto const& name : taken_)
        EXPECT_EQ(here.rename_exclusively("a", name).error().code, Errc::name_in_use) << name;
    EXPECT_EQ(here.rename_exclusively("file", "empty").error().code, Errc::name_in_use);
    EXPECT_EQ(here.entries()->size(), before);
    EXPECT_EQ(here.subfolder("a")->entries()->size(), 1u);
    ASSERT_TRUE(here.rename_exclusively("a", "free"));
    EXPECT_TRUE(fs::exists(dir_ / "free/content"));
    EXPECT_EQ(here.rename_exclusively("a", "b").error().code, Errc::not_found);
    for (std::string const name : {"", "..", "a/b"}) {
        EXPECT_EQ(here.rename_exclusively(name, "b").error().code, Errc::invalid_name);
        EXPECT_EQ(here.rename_exclusively("free", name).error().code, Errc::invalid_name);
    }
}

TEST_F(TakenName, IsNotReplacedOnSystemsWithoutAnExclusiveRenameEither) {
    FileDescriptor const here(::open(dir_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (auto const& name : taken_) EXPECT_EQ(rename_after_check(here.get(), "a", name.c_str()), EEXIST) << name;
    EXPECT_EQ(rename_after_check(here.get(), "a", "free"), 0);
    EXPECT_TRUE(fs::exists(dir_ / "free/content"));
    EXPECT_EQ(rename_after_check(here.get(), "a", "b"), ENOENT);
}

TEST_F(FolderTest, ARenamedLinkStaysALink) {
    fs::create_directory(dir_ / "target");
    fs::create_directory_symlink("target", dir_ / "link");
    ASSERT_TRUE(folder().rename_exclusively("link", "new name"));
    EXPECT_TRUE(fs::is_symlink(dir_ / "new name"));
    EXPECT_TRUE(fs::is_directory(dir_ / "target"));
}

TEST(OsError, OnlyAFlushThatTheFileSystemDoesNotOfferCountsAsDone) {
    for (int const code : {EINVAL, ENOTSUP, EOPNOTSUPP, ENOTTY}) EXPECT_TRUE(is_unsupported(code)) << code;
    for (int const code : {EIO, ENOSPC, EDQUOT, EACCES, EROFS, EBADF}) EXPECT_FALSE(is_unsupported(code)) << code;
}

TEST(OsError, DistinguishesAFullDisk) {
    EXPECT_EQ(os_error(ENOSPC, "writing", "f").code, Errc::no_space);
    EXPECT_EQ(os_error(ENOENT, "opening", "f").code, Errc::not_found);
    EXPECT_EQ(os_error(EIO, "reading", "f").code, Errc::io);
    EXPECT_EQ(os_error(ENOSPC, "writing", "f").context, "writing 'f': No space left on device");
}

TEST(Space, IsReportedOrTheErrorIs) {
    EXPECT_GT(space_of("/")->total_bytes, 0u);
    EXPECT_FALSE(space_of("/no such folder"));
}

}  // namespace
}  // namespace sb::platform
