// A local user floods the control endpoint with everything that it may send: the daemon stays small, an administrator
// is answered, and it stops when it is asked to.

#include "tests/e2e/figure.hpp"
#include "tests/e2e/fixture.hpp"
#include "tests/support/json_rpc.hpp"
#include "tests/support/sanitized.hpp"

#include <algorithm>
#include <fstream>
#include <string_view>

#include <grp.h>
#include <unistd.h>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::string group_id(char const* name) {
    auto const* entry = ::getgrnam(name);
    return entry == nullptr ? "" : std::to_string(entry->gr_gid);
}

/// Peak memory of a process in MiB; 0 if the system does not report it.
double peak_mebibytes(pid_t pid) {
    std::ifstream status("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(status, line);)
        if (line.starts_with("VmHWM:")) return std::stod(line.substr(6)) / 1024;
    return 0;
}

struct Flooded {
    std::vector<double> status;  ///< milliseconds of an administrator's calls, sorted
    double requests_per_second = 0;
    double log_bytes_per_second = 0;
    double peak_memory = 0;
    double stop_seconds = 0;
    int stop_code = -1;

    double quantile(double part) const {
        auto const last = static_cast<double>(status.size() - 1);
        return status.at(static_cast<std::size_t>(part * last));
    }
};

class Attack {
public:
    Attack()
        : fixture({.adjust = [](DaemonSettings& settings) {
              settings.more +=
                  "[Daemon]\nSocketGroup = 'staff'\nSocketReadGroup = 'games'\n"
                  "[Schedule]\nStartTime = '20:00'\nEndTime = '06:00'\n";
          }}) {
        fs::copy_file(SB_FLOOD, fixture.dir / "flood.py");
        for (auto folder = fixture.daemon.socket().parent_path(); folder != fs::temp_directory_path() && folder != "/";
             folder = folder.parent_path())
            fs::permissions(folder, fs::perms{0711}, fs::perm_options::add);
        fs::permissions(fixture.dir / "flood.py", fs::perms{0755});
    }

    /// `group`: that the flooding user is a member of. A stranger meets the readers' socket as it is where the daemon
    /// may not give it to SocketReadGroup: open to every user.
    Flooded flood(char const* group, std::chrono::seconds duration) {
        Flooded flooded;
        auto const readers_socket = fixture.daemon.socket().parent_path() / "control-read.sock";
        if (group != std::string_view("games")) fs::permissions(readers_socket, fs::perms{0666});
        auto const log_before = fixture.daemon.log().size();
        // One in a home directory cannot be run by another user.
        std::string const python = fs::exists("/usr/bin/python3") ? "/usr/bin/python3" : "python3";
        // It goes on during the stop, and holds on to what it has sent.
        auto const seconds = std::to_string((duration + std::chrono::seconds(30)).count());
        Process flooding(
            {.argv = {"setpriv", "--reuid", "54321", "--regid", "54321", "--groups", group_id(group), python, "-B",
                      (fixture.dir / "flood.py").string(), readers_socket.string(), seconds, "200", "7000"}});
        auto const begin = Clock::now();
        while (Clock::now() - begin < duration) {
            auto const asked = Clock::now();
            auto const answer = json_rpc(fixture.daemon.socket(), "status");
            EXPECT_TRUE(answer.root()["result"].exists()) << answer.root().dump();
            flooded.status.push_back(std::chrono::duration<double, std::milli>(Clock::now() - asked).count());
            if (!flooding.wait(std::chrono::milliseconds{10})) continue;
            ADD_FAILURE() << "the flood ended before the test: " << flooding.out() << flooding.err();
            break;
        }
        std::ranges::sort(flooded.status);
        flooded.peak_memory = peak_mebibytes(fixture.daemon.pid());
        auto const stopping = Clock::now();
        flooded.stop_code = fixture.daemon.stop();
        flooded.stop_seconds = std::chrono::duration<double>(Clock::now() - stopping).count();
        auto const passed = std::chrono::duration<double>(Clock::now() - begin).count();
        auto const written = static_cast<double>(fixture.daemon.log().size() - log_before);
        flooded.log_bytes_per_second = written / passed;
        EXPECT_TRUE(flooding.wait()) << "it ends when the daemon is gone";
        auto const sent = json::Document::parse(flooding.out());
        if (!sent) ADD_FAILURE() << flooding.out() << flooding.err();
        else
            flooded.requests_per_second = sent->root()["requests"].number().value_or(0) /
                                          std::max(sent->root()["seconds"].number().value_or(1), 1.0);
        std::printf("  %s\n", flooding.out().c_str());
        return flooded;
    }

    Fixture fixture;
};

#define SB_NEEDS_TWO_GROUPS()                                                                                   \
    SB_NEEDS_SAMBA();                                                                                           \
    if (::geteuid() != 0 || !find_program("setpriv") || group_id("staff").empty() || group_id("games").empty()) \
    GTEST_SKIP() << "needs root, setpriv and the groups staff and games"

void expect_unharmed(Flooded const& flooded) {
    EXPECT_EQ(flooded.stop_code, 0);
    EXPECT_LT(flooded.stop_seconds, 10);
    EXPECT_LT(flooded.log_bytes_per_second, 20'000) << "400 MB in 10 s, once";
    if (!sanitized && flooded.peak_memory > 0) {
        EXPECT_LT(flooded.peak_memory, 64);
    }
}

// Other tests run at the same time, so these two have no tight limits on time.

TEST(Flood, ByAReaderHarmsNoOtherUser) {
    SB_NEEDS_TWO_GROUPS();
    Attack attack;
    auto const flooded = attack.flood("games", std::chrono::seconds{4});
    expect_unharmed(flooded);
    EXPECT_LT(flooded.quantile(0.5), sanitized ? 2000 : 500);
}

TEST(Flood, ByAStrangerHarmsNoOtherUser) {
    SB_NEEDS_TWO_GROUPS();
    Attack attack;
    auto const flooded = attack.flood("nogroup", std::chrono::seconds{4});
    expect_unharmed(flooded);
    EXPECT_LT(flooded.quantile(0.5), sanitized ? 2000 : 500);
}

class FloodOfAMinute : public testing::TestWithParam<char const*> {};

TEST_P(FloodOfAMinute, LeavesAnAdministratorAnsweredWithin100Milliseconds) {
    SB_NEEDS_TWO_GROUPS();
    Attack attack;
    auto const flooded = attack.flood(GetParam(), std::chrono::seconds{60});
    std::string const by = std::string("flood by a user of '") + GetParam() + "': ";
    print_figure(by + "requests a second", flooded.requests_per_second, "at least 5000");
    print_figure(by + "status of an administrator, p50, in ms", flooded.quantile(0.5), "");
    print_figure(by + "status of an administrator, p99, in ms", flooded.quantile(0.99), "below 100");
    print_figure(by + "status of an administrator, the slowest, in ms", flooded.status.back(), "");
    print_figure(by + "peak memory in MiB", flooded.peak_memory, "below 64");
    print_figure(by + "log, bytes a second", flooded.log_bytes_per_second, "below 20000");
    print_figure(by + "seconds of the stop", flooded.stop_seconds, "below 10");
    expect_unharmed(flooded);
    if (sanitized) return;
    EXPECT_GE(flooded.requests_per_second, 5000);
    EXPECT_LT(flooded.quantile(0.99), 100);
}

INSTANTIATE_TEST_SUITE_P(By, FloodOfAMinute, testing::Values("games", "nogroup"),
                         [](auto const& group) { return std::string(group.param); });

}  // namespace
}  // namespace sb::test
