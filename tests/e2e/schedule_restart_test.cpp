// A daemon that is stopped or killed in the middle of a run, and the behaviour after a restart.

#include "tests/e2e/schedule_fixture.hpp"

#include <algorithm>
#include <csignal>

namespace sb::test {
namespace {

class ScheduledRestart : public ::testing::TestWithParam<int> {
protected:
    static void end(Daemon& daemon) {
        daemon.signal(GetParam());
        bool const ended = wait_until([&] { return !daemon.running(); }, std::chrono::seconds(15));
        ASSERT_TRUE(ended) << daemon.log();
    }
};

TEST_P(ScheduledRestart, ContinuesTheRunAndDoesNothingTwice) {
    TempDir hooks;
    auto const record = hooks / "record";
    auto const program = recording_hook(hooks.path(), record);
    ScheduleFixture fixture({.vms = {"A", "B", "C", "D"},
                             .export_seconds = "1.2",
                             .schedule = always_open("Concurrency = 2\nMaxBackups = 3\n"),
                             .more = "[Hooks]\nPreBackup = '" + program + " pre {{VMName}}'\nPostBackup = '" + program +
                                     " post {{VMName}}'\nPreSchedule = '" + program + " begin'\nPostSchedule = '" +
                                     program + " end'\n"});
    ASSERT_TRUE(fixture.wait_for_exports(2));
    ASSERT_NO_FATAL_FAILURE(end(fixture.daemon));
    EXPECT_EQ(fixture.exports(), 2U);
    fixture.daemon.start();
    auto const run = fixture.ended_run();
    EXPECT_EQ(run.root()["id"].integer(), 1) << "the same run";
    EXPECT_EQ(run.root()["succeeded"].integer(), 4) << run.root().dump();
    EXPECT_EQ(run.root()["failed"].integer(), 0);
    EXPECT_EQ(fixture.exports(), 4U);
    EXPECT_EQ(fixture.backups().size(), 4U);
    expect_every_manifest_is_true(fixture.share);

    auto const lines = lines_of(record);
    ASSERT_EQ(lines.size(), 10U) << read_file(record);
    EXPECT_EQ(lines.front(), "[begin]");
    EXPECT_EQ(lines.back(), "[end]");
    for (std::string const when : {"[pre]", "[post]"})
        for (std::string const vm : {"[A]", "[B]", "[C]", "[D]"})
            EXPECT_EQ(std::ranges::count(lines, when + vm), 1) << when << vm;
}

TEST_P(ScheduledRestart, DuringThePostScheduleHookDoesNotExportAgain) {
    TempDir hooks;
    auto const waiting = "cd '" + hooks.path().string() + "'; : > waits; i=0\n" +
                         "while [ ! -e go ] && [ $i -lt 300 ]; do sleep 0.1; i=$((i+1)); done";
    auto const program = recording_hook(hooks.path(), hooks / "record", waiting);
    ScheduleFixture fixture({.vms = {"A", "B"}, .more = "[Hooks]\nPostSchedule = '" + program + " end'\n"});
    ASSERT_TRUE(wait_until([&] { return std::filesystem::exists(hooks / "waits"); }));
    ASSERT_NO_FATAL_FAILURE(end(fixture.daemon));
    write_file(hooks / "go", "");
    fixture.daemon.start();
    EXPECT_EQ(fixture.ended_run().root()["succeeded"].integer(), 2);
    EXPECT_EQ(fixture.exports(), 2U);
    EXPECT_EQ(fixture.ask("runs.list").root()["runs"].size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(After, ScheduledRestart, ::testing::Values(SIGTERM, SIGKILL),
                         [](auto const& test) { return test.param == SIGTERM ? "Sigterm" : "Sigkill"; });

}  // namespace
}  // namespace sb::test
