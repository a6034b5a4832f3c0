// A folder that is mounted into another one may have the same device, and must not count as a part of it.
#include "daemon/platform/file_system.hpp"
#include "daemon/platform/folder.hpp"
#include "tests/support/temp_dir.hpp"

#include <gtest/gtest.h>

#include <sched.h>
#include <sys/mount.h>

namespace sb::platform {
namespace {

class BindMount : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(top_ / "precious");
        std::filesystem::create_directories(top_ / "tree/inside");
        test::write_file(top_ / "precious/file", "x");
        // Mounts in our own namespace: no other process sees them, and they end with this one.
        bool const alone =
            ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        auto const source = (top_ / "precious").string();
        auto const target = (top_ / "tree/inside").string();
        if (!alone || ::mount(source.c_str(), target.c_str(), nullptr, MS_BIND, nullptr) != 0)
            GTEST_SKIP() << "mounting is not permitted here";
    }
    void TearDown() override { ::umount2((top_ / "tree/inside").c_str(), MNT_DETACH); }

    test::TempDir top_;
};

TEST_F(BindMount, IsDistinguishedFromAPlainFolder) {
    auto const top = *Folder::open(top_.path());
    auto const tree = *top.subfolder("tree");
    EXPECT_TRUE(*top.is_on_same_mount(tree));
    EXPECT_FALSE(*tree.is_on_same_mount(*tree.subfolder("inside")));
}

TEST_F(BindMount, NothingInItIsRemoved) {
    auto const top = *Folder::open(top_.path());
    auto const removed = top.remove_tree("tree");
    ASSERT_FALSE(removed);
    EXPECT_EQ(removed.error().code, Errc::refused);
    EXPECT_NE(removed.error().context.find("a file system is mounted at"), std::string::npos)
        << removed.error().context;
    EXPECT_TRUE(std::filesystem::exists(top_ / "precious/file"));
}

TEST(FileSystem, OneThatCannotFlushFoldersIsNotAnError) {
    auto const flushed = Folder::open("/proc")->sync();
    EXPECT_TRUE(flushed) << flushed.error().context;
}

TEST(FileSystem, LocalFoldersAreNotOnAnotherMachine) {
    test::TempDir here;
    EXPECT_FALSE(is_on_another_machine(here.path()));
    EXPECT_FALSE(is_on_another_machine(here.path() / "nothing there"));
}

}  // namespace
}  // namespace sb::platform
