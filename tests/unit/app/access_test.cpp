// The sockets that [Daemon] asks for: who may connect to which.
#include "daemon/app/access.hpp"

#include "common/config/defaults.hpp"
#include "common/ipc/endpoint.hpp"
#include "tests/support/ordinary_user.hpp"
#include "tests/support/temp_dir.hpp"

#include <gmock/gmock.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <boost/asio/io_context.hpp>

#include <grp.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

namespace sb::app {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

std::vector<gid_t> own_groups() {
    std::vector<gid_t> groups(static_cast<std::size_t>(std::max(::getgroups(0, nullptr), 0)));
    if (::getgroups(static_cast<int>(groups.size()), groups.data()) < 0) groups.clear();
    groups.push_back(::getegid());
    return groups;
}

/// The name of a group that this process is in, or not in; empty if the test knows none.
std::string some_group(bool own) {
    auto const groups = own_groups();
    for (auto const* name : {"root", "games", "staff", "users", "daemon", "bin"}) {
        auto const* entry = ::getgrnam(name);
        if (entry != nullptr && (std::ranges::find(groups, entry->gr_gid) != groups.end()) == own) return name;
    }
    auto const* entry = own ? ::getgrgid(::getegid()) : nullptr;
    return entry == nullptr ? "" : entry->gr_name;
}

class Sockets : public testing::Test {
protected:
    Sockets() {
        daemon.socket = folder / "control.sock";
        spdlog::set_default_logger(
            std::make_shared<spdlog::logger>("sockets", std::make_shared<spdlog::sinks::ostream_sink_mt>(log)));
    }
    ~Sockets() override { spdlog::set_default_logger(before); }

    static unsigned mode_of(fs::path const& file) {
        struct stat about {};
        return ::lstat(file.c_str(), &about) == 0 && S_ISSOCK(about.st_mode) ? about.st_mode & 07777U : 0;
    }
    static gid_t group_of(fs::path const& file) {
        struct stat about {};
        return ::lstat(file.c_str(), &about) == 0 ? about.st_gid : gid_t(-1);
    }
    fs::path readers_socket() const { return ipc::readers_endpoint(daemon.socket); }

    asio::io_context io{1};
    test::TempDir folder;
    std::ostringstream log;
    std::shared_ptr<spdlog::logger> before = spdlog::default_logger();
    config::Daemon daemon;
};

TEST_F(Sockets, WithoutAReadGroupThereIsOne) {
    auto const listeners = listen_to_clients(io.get_executor(), daemon);
    ASSERT_TRUE(listeners) << listeners.error().context;
    EXPECT_EQ(mode_of(daemon.socket), 0660U);
    EXPECT_EQ(listeners->readers, nullptr);
    EXPECT_FALSE(fs::exists(readers_socket()));
}

TEST_F(Sockets, WithAReadGroupNeitherIsOpenToEveryUser) {
    auto const group = some_group(true);
    if (group.empty()) GTEST_SKIP() << "this process is in no group with a name";
    daemon.socket_read_group = group;
    daemon.socket_group = group;
    {
        auto const listeners = listen_to_clients(io.get_executor(), daemon);
        ASSERT_TRUE(listeners) << listeners.error().context;
        EXPECT_EQ(mode_of(daemon.socket), 0660U);
        EXPECT_EQ(mode_of(readers_socket()), 0660U);
        EXPECT_EQ(group_of(readers_socket()), ::getgrnam(group.c_str())->gr_gid);
        EXPECT_EQ(log.str(), "");
    }
    EXPECT_FALSE(fs::exists(daemon.socket));
    EXPECT_FALSE(fs::exists(readers_socket()));
}

TEST_F(Sockets, WithoutASocketGroupOnlyTheDaemonsUserAndRootUseTheControlSocket) {
    auto const group = some_group(true);
    if (group.empty()) GTEST_SKIP() << "this process is in no group with a name";
    daemon.socket_read_group = group;
    auto const listeners = listen_to_clients(io.get_executor(), daemon);
    ASSERT_TRUE(listeners) << listeners.error().context;
    EXPECT_EQ(mode_of(daemon.socket), 0600U);
}

TEST_F(Sockets, AReadersSocketThatMayNotBeGivenToItsGroupAdmitsEveryUserAndTheLogSaysSo) {
    auto const group = some_group(false);
    if (group.empty()) GTEST_SKIP() << "this process is in every group";
    daemon.socket_read_group = group;
    if (::geteuid() == 0) ASSERT_EQ(::chown(folder.path().c_str(), 65534, gid_t(-1)), 0);
    {
        test::OrdinaryUser const user;
        auto const listeners = listen_to_clients(io.get_executor(), daemon);
        ASSERT_TRUE(listeners) << listeners.error().context;
        EXPECT_EQ(mode_of(readers_socket()), 0666U);
        EXPECT_EQ(mode_of(daemon.socket), 0600U) << "no other user gets anywhere near this one";
    }
    EXPECT_THAT(log.str(), HasSubstr("SupplementaryGroups=" + group));
    EXPECT_THAT(log.str(), HasSubstr(ipc::join_group_command(group)));
    EXPECT_FALSE(fs::exists(readers_socket()));
}

TEST_F(Sockets, IfTheSecondCannotBeMadeTheFirstIsGone) {
    auto const group = some_group(true);
    if (group.empty()) GTEST_SKIP() << "this process is in no group with a name";
    daemon.socket_read_group = group;
    std::ofstream(daemon.socket) << "precious";
    auto const listeners = listen_to_clients(io.get_executor(), daemon);
    ASSERT_FALSE(listeners);
    EXPECT_EQ(listeners.error().code, Errc::refused);
    EXPECT_FALSE(fs::exists(readers_socket()));
    EXPECT_TRUE(fs::exists(daemon.socket));
}

TEST(SocketPaths, BothMustFitIntoAnAddress) {
    auto const longest = config::system_defaults().max_socket_path;
    config::Daemon daemon;
    daemon.socket = '/' + std::string(longest - 1, 'x');
    EXPECT_EQ(problem_with_sockets(daemon), "");
    daemon.socket_read_group = "viewers";
    EXPECT_THAT(problem_with_sockets(daemon), HasSubstr("at most " + std::to_string(longest) + " bytes"));
    daemon.socket = '/' + std::string(longest - 6, 'x');
    EXPECT_EQ(problem_with_sockets(daemon), "");
}

}  // namespace
}  // namespace sb::app
