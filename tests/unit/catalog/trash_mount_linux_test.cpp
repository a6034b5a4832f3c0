// A file system that is mounted over the trash folder hides what waits there: it is not gone.
#include "daemon/catalog/trash.hpp"
#include "daemon/catalog/trash_entries.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sched.h>
#include <sys/mount.h>

#include <mutex>

namespace sb::catalog {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char const* hidden_entry = "deleted-0123456789abcdef";

class MountedOverTrash : public testing::Test {
protected:
    void SetUp() override {
        std::filesystem::create_directories(top_ / "share" / trash_name / hidden_entry);
        std::filesystem::create_directories(top_ / "other");
        ASSERT_THAT(*trash_entries(share()), ElementsAre(hidden_entry));
        // Mounts in our own namespace: no other process sees them, and they end with this one.
        bool const alone =
            ::unshare(CLONE_NEWNS) == 0 && ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0;
        auto const source = (top_ / "other").string();
        if (!alone || ::mount(source.c_str(), target().c_str(), nullptr, MS_BIND, nullptr) != 0)
            GTEST_SKIP() << "mounting is not permitted here";
    }
    void TearDown() override { ::umount2(target().c_str(), MNT_DETACH); }
    std::string target() const { return (top_ / "share" / trash_name).string(); }
    platform::Folder share() const { return std::move(*platform::Folder::open(top_ / "share")); }

    test::TempDir top_;
    std::mutex mutex_;
};

TEST_F(MountedOverTrash, NothingCountsAsGone) {
    auto const listed = trash_entries(share());
    ASSERT_FALSE(listed);
    EXPECT_EQ(listed.error().code, Errc::refused);
    EXPECT_THAT(listed.error().context, HasSubstr("a file system is mounted at"));
    EXPECT_EQ(take_from_trash(share(), hidden_entry, "b", "", mutex_).error().code, Errc::refused) << "not: not_found";
    EXPECT_EQ(empty_trash_entry(share(), hidden_entry).error().code, Errc::refused) << "not: removed";
    EXPECT_FALSE(new_trash_entry(share()));
    EXPECT_FALSE(empty_trash(share()));
}

}  // namespace
}  // namespace sb::catalog
