#include "daemon/platform/private_directory.hpp"
#include "daemon/platform/state_lock.hpp"

#include "tests/support/ordinary_user.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <optional>

namespace sb::platform {
namespace {

namespace fs = std::filesystem;

class StateLockTest : public testing::Test {
protected:
    void SetUp() override {
        std::string pattern = (fs::temp_directory_path() / "sb-lock-XXXXXX").string();
        ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
        top_ = pattern;
        state_ = top_ / "lib" / "scale-backup";
    }
    void TearDown() override { fs::remove_all(top_); }
    static unsigned mode_of(fs::path const& path) {
        struct stat about {};
        return ::stat(path.c_str(), &about) == 0 ? about.st_mode & 0777U : 0;
    }
    fs::path top_, state_;
};

TEST_F(StateLockTest, CreatesThePrivateDirectoryAndRecordsItsPid) {
    auto const lock = StateLock::take(state_);
    ASSERT_TRUE(lock) << lock.error().context;
    struct stat about {};
    ASSERT_EQ(::stat(state_.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777, 0700u);
    std::ifstream in(state_ / "lock");
    int pid = 0;
    in >> pid;
    EXPECT_EQ(pid, ::getpid());
}

/// The names of all VMs are in it. Packages and people create it with any mode.
TEST_F(StateLockTest, AnExistingDirectoryIsClosedToItsGroupAndToOtherUsers) {
    fs::create_directories(state_);
    for (mode_t const mode : {0755U, 0750U, 0777U, 0710U, 0701U}) {
        ASSERT_EQ(::chmod(state_.c_str(), mode), 0);
        ASSERT_TRUE(StateLock::take(state_));
        EXPECT_EQ(mode_of(state_), 0700U);
        EXPECT_EQ(who_else_reads(state_), "");
    }
}

TEST_F(StateLockTest, WhateverTheUmaskTheOwnerMayUseWhatIsMade) {
    auto const before = ::umask(0777);
    auto const lock = StateLock::take(state_);
    ::umask(before);
    ASSERT_TRUE(lock);
    EXPECT_EQ(mode_of(state_), 0700U);
    EXPECT_EQ(mode_of(state_ / "lock"), 0600U);
}

TEST_F(StateLockTest, FilesThatAnEarlierVersionLeftOpenAreClosed) {
    fs::create_directories(state_);
    std::ofstream(top_ / "elsewhere") << "x";
    ASSERT_EQ(::chmod((top_ / "elsewhere").c_str(), 0644), 0);
    for (auto const* name : {"journal.db", "journal.db-wal", "outbox.json", "own"}) {
        std::ofstream(state_ / name) << "x";
        ASSERT_EQ(::chmod((state_ / name).c_str(), 0664), 0);
    }
    fs::create_symlink(top_ / "elsewhere", state_ / "link");
    fs::create_hard_link(state_ / "own", top_ / "second name");
    ASSERT_EQ(::mkfifo((state_ / "pipe").c_str(), 0666), 0);
    ASSERT_TRUE(StateLock::take(state_));
    for (auto const* name : {"journal.db", "journal.db-wal", "outbox.json", "lock"})
        EXPECT_EQ(mode_of(state_ / name), 0600U) << name;
    EXPECT_EQ(mode_of(top_ / "elsewhere"), 0644U) << "a link is not followed";
    EXPECT_EQ(mode_of(top_ / "second name"), 0664U) << "it may be another program's file";
}

TEST_F(StateLockTest, ADirectoryOfAnotherUserThatItsGroupCanReadIsReportedWithTheRemedy) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can create another user's directory";
    fs::create_directories(state_);
    for (auto const& part : {top_, state_.parent_path()}) ASSERT_EQ(::chmod(part.c_str(), 0755), 0);
    ASSERT_EQ(::chmod(state_.c_str(), 0770), 0);  // the test keeps root's groups
    test::OrdinaryUser const user;
    ASSERT_TRUE(StateLock::take(state_));
    EXPECT_THAT(who_else_reads(state_), testing::HasSubstr("belongs to the user 'root'"));
    EXPECT_THAT(who_else_reads(state_), testing::HasSubstr("chmod 0700 " + state_.string()));
}

TEST_F(StateLockTest, AFileForThisUserAloneIsNoOneElsesWhateverTheUmask) {
    fs::create_directories(state_);
    auto const before = ::umask(0);
    create_private(state_ / "new");
    std::ofstream(state_ / "old") << "precious";
    create_private(state_ / "old");
    ::umask(before);
    EXPECT_EQ(mode_of(state_ / "new"), 0600U);
    EXPECT_EQ(fs::file_size(state_ / "old"), 8U);
}

TEST_F(StateLockTest, ADirectoryThatStaysOpenToOtherUsersIsRefused) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can create another user's directory";
    fs::create_directories(state_);
    for (auto const& part : {top_, state_.parent_path(), state_}) ASSERT_EQ(::chmod(part.c_str(), 0777), 0);
    test::OrdinaryUser const user;
    auto const lock = StateLock::take(state_);
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, Errc::refused);
    EXPECT_THAT(lock.error().context, testing::HasSubstr("chmod o= " + state_.string()));
}

TEST_F(StateLockTest, RootDoesNotTakeAnotherUsersDirectory) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    fs::create_directories(state_);
    ASSERT_EQ(::chown(state_.c_str(), 65534, 65534), 0);
    auto const lock = StateLock::take(state_);
    ASSERT_FALSE(lock);
    EXPECT_EQ(lock.error().code, Errc::refused);
    EXPECT_THAT(lock.error().context, testing::AllOf(testing::HasSubstr("as root"), testing::HasSubstr("su -m ")));
    EXPECT_FALSE(fs::exists(state_ / "lock")) << "it leaves no file that the user cannot open";
}

TEST_F(StateLockTest, ASecondOneIsRefusedAndTheErrorNamesTheHolder) {
    auto first = StateLock::take(state_);
    ASSERT_TRUE(first);
    auto const second = StateLock::take(state_);
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::refused);
    EXPECT_THAT(second.error().context, testing::HasSubstr("pid " + std::to_string(::getpid())));
    { auto const gone = std::move(*first); }
    EXPECT_TRUE(StateLock::take(state_));
}

TEST_F(StateLockTest, AKilledDaemonLeavesNoLock) {
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    pid_t const child = ::fork();
    if (child == 0) {
        auto const lock = StateLock::take(state_);
        char const answer = lock ? 'y' : 'n';
        (void)!::write(ready[1], &answer, 1);
        ::pause();
        ::_exit(0);
    }
    char answer = 0;
    ASSERT_EQ(::read(ready[0], &answer, 1), 1);
    ASSERT_EQ(answer, 'y');
    auto const refused = StateLock::take(state_);
    ASSERT_FALSE(refused);
    EXPECT_THAT(refused.error().context, testing::HasSubstr("pid " + std::to_string(child)));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_TRUE(StateLock::take(state_));
    ::close(ready[0]);
    ::close(ready[1]);
}

TEST_F(StateLockTest, ADirectoryThatCannotBeCreatedIsAnError) {
    std::ofstream(top_ / "file") << "x";
    EXPECT_EQ(StateLock::take(top_ / "file").error().code, Errc::io);
    EXPECT_EQ(StateLock::take(top_ / "file" / "below").error().code, Errc::io);
}

}  // namespace
}  // namespace sb::platform
