// metrics --output FILE: the file is replaced as a whole, and nothing that another user put there is followed.
#include "tests/unit/ctl/metrics_facts.hpp"
#include "tests/unit/ctl/run_at.hpp"

#include <gmock/gmock.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

namespace sb::ctl {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::string text_in(fs::path const& file) {
    std::ostringstream text;
    text << std::ifstream(file).rdbuf();
    return text.str();
}

TEST(MetricsCommand, ReplacesAFileAsAWhole) {
    FakeDaemon daemon({serve});
    auto const folder = std::filesystem::path(daemon.socket()).parent_path();
    auto const file = folder / "scale-backup.prom";
    std::ofstream(file) << "old";
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", file.string()});
    EXPECT_EQ(ran.code, 0);
    EXPECT_EQ(ran.out + ran.err, "");
    EXPECT_EQ(text_in(file), text_of(everything()));
    auto const left = std::distance(fs::directory_iterator(folder), fs::directory_iterator());
    EXPECT_EQ(left, 1) << "nothing beside the file; the socket is gone";
}

TEST(MetricsCommand, ReplacesTheTargetOfALinkAndKeepsTheLink) {
    FakeDaemon daemon({serve, serve});
    auto const folder = fs::path(daemon.socket()).parent_path();
    fs::create_directory(folder / "real");
    fs::create_symlink("real/x.prom", folder / "link");
    fs::create_symlink("link", folder / "link to the link");
    for (auto const* name : {"link", "link to the link"}) {  // at first the target does not exist
        auto const ran = run_at(daemon.socket(), {"metrics", "--output", (folder / name).string()});
        EXPECT_EQ(ran.code, 0) << ran.err;
        EXPECT_TRUE(fs::is_symlink(folder / name));
        EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(folder / "real" / "x.prom")));
        EXPECT_EQ(text_in(folder / "real" / "x.prom"), text_of(everything()));
        std::ofstream(folder / "real" / "x.prom") << "old";
    }
}

/// node_exporter is another user, and cron or a service may have any umask.
TEST(MetricsCommand, TheFileIsReadableWhateverTheUmask) {
    FakeDaemon daemon({serve, serve});
    auto const file = fs::path(daemon.socket()).parent_path() / "backup.prom";
    for (mode_t const mask : {mode_t{077}, mode_t{0}}) {
        auto const before = ::umask(mask);
        EXPECT_EQ(run_at(daemon.socket(), {"metrics", "--output", file.string()}).code, 0);
        ::umask(before);
        struct stat about {};
        ASSERT_EQ(::stat(file.c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 0777, 0644u);
    }
}

TEST(MetricsCommand, WritesIntoADeviceAndLeavesItInItsPlace) {
    FakeDaemon daemon({serve});
    auto const link = fs::path(daemon.socket()).parent_path() / "null";
    fs::create_symlink("/dev/null", link);
    EXPECT_EQ(run_at(daemon.socket(), {"metrics", "--output", link.string()}).code, 0);
    EXPECT_TRUE(fs::is_symlink(link));
    EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST(MetricsCommand, FollowsTheUsersOwnLinkInAFolderOfAll) {
    FakeDaemon daemon({serve});
    auto const shared = fs::path(daemon.socket()).parent_path() / "shared";
    fs::create_directory(shared);
    fs::permissions(shared, fs::perms::all);
    fs::create_symlink("file", shared / "link");
    fs::create_symlink(shared / "link", shared / "second");
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", (shared / "second").string()});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_TRUE(fs::is_symlink(shared / "second"));
    EXPECT_TRUE(fs::is_symlink(shared / "link"));
    EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(shared / "file")));
}

/// Linux refuses that itself with fs.protected_symlinks, but only in folders as /tmp, and not everywhere.
TEST(MetricsCommand, DoesNotFollowALinkThatAnotherUserPlanted) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to act as another user";
    for (bool const owns_the_folder : {false, true}) {
        FakeDaemon daemon({serve, serve, serve});
        auto const place = fs::path(daemon.socket()).parent_path();
        auto const folder = place / "shared", secret = place / "secret", link = folder / "x.prom";
        fs::create_directory(folder);
        if (owns_the_folder) ASSERT_EQ(::chown(folder.c_str(), 12345, 12345), 0);
        else fs::permissions(folder, fs::perms::all);
        std::ofstream(secret) << "precious";
        ASSERT_EQ(::mkfifo((place / "pipe").c_str(), 0600), 0);
        fs::permissions(secret, fs::perms::owner_read);
        for (auto const& target : {secret, place / "new", place / "pipe"}) {
            fs::remove(link);
            fs::create_symlink(target, link);
            ASSERT_EQ(::lchown(link.c_str(), 12345, 12345), 0);
            auto const ran = run_at(daemon.socket(), {"metrics", "--output", link.string()});
            EXPECT_EQ(ran.code, 1);
            EXPECT_THAT(ran.err, HasSubstr("is a link of another user in a folder that others can write to"));
        }
        EXPECT_FALSE(fs::exists(place / "new"));
        struct stat about {};
        ASSERT_EQ(::stat(secret.c_str(), &about), 0);
        EXPECT_EQ(about.st_mode & 0777, 0400U);
        EXPECT_EQ(about.st_size, 8);
    }
}

TEST(MetricsCommand, WritesIntoANamedPipe) {
    FakeDaemon daemon({serve});
    auto const pipe = fs::path(daemon.socket()).parent_path() / "pipe";
    ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
    int const reader = ::open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ASSERT_GE(reader, 0);
    EXPECT_EQ(run_at(daemon.socket(), {"metrics", "--output", pipe.string()}).code, 0);
    std::string arrived(64 * 1024, '\0');
    arrived.resize(static_cast<std::size_t>(std::max<ssize_t>(0, ::read(reader, arrived.data(), arrived.size()))));
    ::close(reader);
    EXPECT_EQ(arrived, text_of(everything()));
    EXPECT_TRUE(fs::is_fifo(pipe));
}

TEST(MetricsCommand, ReportsADeviceThatIsFull) {
    struct stat device {};
    if (::stat("/dev/full", &device) != 0) GTEST_SKIP() << "this system has no /dev/full";
    FakeDaemon daemon({serve});
    // As root a mistake would replace the system's device, so root tests with a private one.
    auto const full = ::geteuid() == 0 ? fs::path(daemon.socket()).parent_path() / "full" : fs::path("/dev/full");
    if (::geteuid() == 0) ASSERT_EQ(::mknod(full.c_str(), device.st_mode, device.st_rdev), 0);
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", full.string()});
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.err, "scale-backupctl: writing '" + full.string() + "': No space left on device\n");
    EXPECT_TRUE(fs::is_character_file(full));
}

TEST(MetricsCommand, RefusesAFolder) {
    FakeDaemon daemon({serve});
    auto const folder = fs::path(daemon.socket()).parent_path() / "folder";
    fs::create_directory(folder);
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", folder.string()});
    EXPECT_EQ(ran.code, 1);
    EXPECT_EQ(ran.err, "scale-backupctl: writing '" + folder.string() + "': it is a folder\n");
    EXPECT_TRUE(fs::is_directory(folder));
}

TEST(MetricsCommand, ReportsAFileThatCannotBeWritten) {
    FakeDaemon daemon({serve});
    auto const ran = run_at(daemon.socket(), {"metrics", "--output", "/nonexistent/x.prom"});
    EXPECT_EQ(ran.code, 1);
    EXPECT_THAT(ran.err, HasSubstr("writing '/nonexistent/x.prom'"));
}

TEST(MetricsCommand, WithAFilePrintsItsErrorAsJson) {
    FakeDaemon daemon({serve});
    auto const code_in = [](std::string const& out) {
        return std::string(json::Document::parse(out)->root()["error"]["code"].text());
    };
    auto const unwritable = run_at(daemon.socket(), {"metrics", "--output", "/nonexistent/x.prom"}, {.json = true});
    EXPECT_EQ(code_in(unwritable.out), "io");
    auto const absent = run_at(daemon.socket() + ".absent", {"metrics", "--output", "/dev/null"}, {.json = true});
    EXPECT_EQ(code_in(absent.out), "daemon_unreachable");
    EXPECT_EQ(absent.code, 5);
}

}  // namespace
}  // namespace sb::ctl
