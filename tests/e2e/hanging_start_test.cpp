// The daemon starts while LocalPath, or one backup in it, hangs: calls to open files do not return.

#include "tests/e2e/schedule_fixture.hpp"
#include "tests/support/sanitized.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <vector>

namespace sb::test {
namespace {

using ::testing::HasSubstr;

#ifdef SB_HANGING_READS
constexpr auto hanging_reads = SB_HANGING_READS;
#else
constexpr auto hanging_reads = "";
#endif

/// What the library of hanging_reads_linux.cpp waits for.
class Hang {
public:
    Hang() : handle_(::open(file().c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {}
    Hang(Hang const&) = delete;
    Hang& operator=(Hang const&) = delete;
    ~Hang() { ::close(handle_); }

    void begin(std::string const& path) const {
        ASSERT_EQ(::flock(handle_, LOCK_EX), 0);
        ASSERT_EQ(::pwrite(handle_, path.data(), path.size(), 0), static_cast<ssize_t>(path.size()));
    }
    void end() const { ASSERT_EQ(::flock(handle_, LOCK_UN), 0); }
    std::vector<std::pair<std::string, std::string>> environment() const {
        return {{"LD_PRELOAD", hanging_reads}, {"SB_HANGING_READS", file()}};
    }

private:
    std::string file() const { return (dir_ / "hangs").string(); }

    TempDir dir_;
    int handle_;
};

TEST(AHangingStart, ClientsAreAnsweredAndWhatNeedsLocalPathWaitsUntilItHasBeenRead) {
    if (std::string(hanging_reads).empty() || sanitized) GTEST_SKIP() << "needs Linux, and no sanitizer";
    Hang const hang;
    ScheduleFixture fixture({.vms = {"A"}, .environment = hang.environment()});
    fixture.ended_run();
    auto const backup = fixture.only_backup_of("A");
    fixture.daemon.stop();
    auto const exports = fixture.exports();
    hang.begin(fixture.share.string() + "/");
    fixture.daemon.start();  // `jobs` is answered

    auto const ctl = [&](std::vector<std::string> const& command) { return fixture.daemon.ctl(command); };
    EXPECT_EQ(ctl({"status"}).code, 0);
    EXPECT_EQ(ctl({"show-vms"}).code, 0);
    EXPECT_EQ(ctl({"pause"}).code, 0);
    EXPECT_THAT(ctl({"backup", "A", "by hand"}), EndedWith(4, "has been reading LocalPath since its start"));
    EXPECT_THAT(ctl({"delete", backup}), EndedWith(4, "nothing is ordered or deleted"));
    EXPECT_EQ(fixture.exports(), exports);

    hang.end();
    EXPECT_TRUE(wait_until([&] { return ctl({"show-backups"}).code == 0; })) << fixture.daemon.log();
    EXPECT_EQ(ctl({"backup", "A", "by hand"}).code, 0);
    EXPECT_THAT(fixture.daemon.log(), HasSubstr("LocalPath has been read"));
}

TEST(AHangingBackup, HoldsUpNoOtherOne) {
    if (std::string(hanging_reads).empty() || sanitized) GTEST_SKIP() << "needs Linux, and no sanitizer";
    Hang const hang;
    ScheduleFixture fixture({.vms = {"A"}, .environment = hang.environment()});
    fixture.ended_run();
    auto const backup = fixture.only_backup_of("A");
    fixture.daemon.stop();
    hang.begin(backup + "/scale-backup.json");
    fixture.daemon.start();

    auto const ctl = [&](std::vector<std::string> const& command) { return fixture.daemon.ctl(command); };
    EXPECT_EQ(ctl({"pause"}).code, 0);
    EXPECT_EQ(ctl({"backup", "A", "by hand"}).code, 0);
    EXPECT_THAT(ctl({"delete", backup}), EndedWith(1, "it does not answer"));
    EXPECT_THAT(ctl({"show-backups"}).out, HasSubstr("by hand"));
    EXPECT_TRUE(wait_until([&] { return ctl({"status"}).out.find(backup) != std::string::npos; }));
    EXPECT_EQ(ctl({"delete", "by hand", "--yes"}).code, 0);

    hang.end();
    EXPECT_TRUE(wait_until([&] { return ctl({"protect", backup}).code == 0; })) << fixture.daemon.log();
}

/// The phase of the newest job that restores this VM; empty if there is none.
std::string phase_of(ScheduleFixture const& fixture, std::string const& vm) {
    auto const jobs = fixture.ask("jobs.list");
    for (auto const& job : jobs.root()["jobs"].elements())
        if (job["kind"].text() == "restore" && job["vm"].text() == vm) return job["phase"].text();
    return {};
}

std::string image_in(std::filesystem::path const& folder) {
    for (auto const& entry : std::filesystem::directory_iterator(folder))
        if (entry.path().extension() == ".qcow2") return entry.path().filename().string();
    return "no image";
}

TEST(AHangingImage, HoldsUpNeitherARestoreOfAnotherBackupNorAnExportAndACancelledRestoreEnds) {
    if (std::string(hanging_reads).empty() || sanitized) GTEST_SKIP() << "needs Linux, and no sanitizer";
    Hang const hang;
    ScheduleFixture fixture({.vms = {"A", "B"}, .environment = hang.environment()});
    fixture.ended_run();
    auto const bad = fixture.only_backup_of("A");
    auto const good = fixture.only_backup_of("B");
    auto const ctl = [&](std::vector<std::string> const& command) { return fixture.daemon.ctl(command); };
    EXPECT_EQ(ctl({"pause"}).code, 0);
    hang.begin(bad + "/" + image_in(fixture.share / bad));
    EXPECT_EQ(ctl({"restore", bad, "R1", "--detach"}).code, 0);
    EXPECT_EQ(ctl({"restore", bad, "R2", "--detach"}).code, 0);
    EXPECT_TRUE(wait_until([&] { return phase_of(fixture, "R2") == "preparing"; }));

    EXPECT_EQ(ctl({"restore", good, "R3"}).code, 0) << fixture.daemon.log();
    EXPECT_EQ(ctl({"backup", "B", "by hand"}).code, 0) << fixture.daemon.log();
    EXPECT_EQ(phase_of(fixture, "R1"), "preparing");
    auto const jobs = fixture.ask("jobs.list");
    for (auto const& job : jobs.root()["jobs"].elements())
        if (job["vm"].text() == "R1")
            EXPECT_EQ(ctl({"cancel", std::to_string(job["id"].integer().value_or(0))}).code, 0);
    EXPECT_TRUE(wait_until([&] { return phase_of(fixture, "R1") == "finished"; })) << "its check hangs";

    hang.end();
    EXPECT_TRUE(wait_until([&] { return phase_of(fixture, "R2") == "finished"; })) << fixture.daemon.log();
    auto const vms = ctl({"show-vms"}).out;
    EXPECT_THAT(vms, HasSubstr("R2"));
    EXPECT_THAT(vms, ::testing::Not(HasSubstr("R1")));
}

TEST(AHangingBackup, IsNoReasonToExportItsVmAgainNorIsItsVmForgotten) {
    if (std::string(hanging_reads).empty() || sanitized) GTEST_SKIP() << "needs Linux, and no sanitizer";
    Hang const hang;
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open(), .environment = hang.environment()});
    fixture.ended_run();
    auto const backup = fixture.only_backup_of("A");
    auto const exports = fixture.exports();
    fixture.daemon.stop();
    hang.begin(backup + "/scale-backup.json");
    fixture.daemon.start();

    auto const ctl = [&](std::vector<std::string> const& command) { return fixture.daemon.ctl(command); };
    auto const is_shown = [&] { return ctl({"why", "A"}).out.find("does not answer") != std::string::npos; };
    EXPECT_TRUE(wait_until(is_shown, std::chrono::seconds{60})) << ctl({"why", "A"}).out << fixture.daemon.log();
    auto const listed = fixture.ask("backups.list");
    auto const silent = listed.root()["backups"].at(0);
    EXPECT_EQ(silent["vm"].text(), "A");
    EXPECT_EQ(silent["unanswered"].boolean(), true);
    EXPECT_THAT(ctl({"prune", "--dry-run"}).out, HasSubstr("does not answer"));
    EXPECT_EQ(fixture.exports(), exports);
    hang.end();
}

/// With more than four, LocalPath is not listed: then no figure may pretend that it is, nor that the cluster is gone.
TEST(FiveHangingBackups, CostNoExportAndMakeNoFigureFalse) {
    if (std::string(hanging_reads).empty() || sanitized) GTEST_SKIP() << "needs Linux, and no sanitizer";
    Hang const hang;
    ScheduleFixture fixture(
        {.vms = {"A"}, .schedule = always_open("MaxBackups = 9\n"), .environment = hang.environment()});
    fixture.ended_run();
    auto const backup = fixture.only_backup_of("A");
    for (int hours = 1; hours <= 4; ++hours)
        fixture.copy_backup(backup, ScheduleFixture::Clock::now() - std::chrono::hours{24 * hours});
    auto const exports = fixture.exports();
    hang.begin("/scale-backup.json");
    auto const metrics = [&] { return fixture.daemon.ctl({"metrics"}).out; };
    auto const shows = [&](char const* text) {
        auto const is_shown = [&] { return metrics().find(text) != std::string::npos; };
        return wait_until(is_shown, std::chrono::seconds{180});
    };
    EXPECT_TRUE(shows("scale_backup_missing{part=\"backups\"} 1\n")) << metrics();
    EXPECT_TRUE(shows("scale_backup_problems 1\n")) << metrics();
    auto const begin = std::chrono::steady_clock::now();
    auto const text = metrics();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds{10});
    EXPECT_THAT(text, HasSubstr("scale_backup_up 1\n"));
    EXPECT_THAT(text, HasSubstr("scale_backup_cluster_up 1\n"));
    EXPECT_EQ(fixture.exports(), exports);
    hang.end();
    EXPECT_TRUE(shows("scale_backup_backups{state=\"complete\"} 5\n")) << metrics();
    EXPECT_TRUE(shows("scale_backup_problems 0\n")) << metrics();
    EXPECT_EQ(fixture.exports(), exports);
}

}  // namespace
}  // namespace sb::test
