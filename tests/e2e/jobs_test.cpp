// Cancellation, and jobs that continue without the daemon.

#include "tests/e2e/fixture.hpp"

#include <csignal>

namespace sb::test {
namespace {

TEST(Cancel, OfAQueuedJobSendsNothing) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--vms", "4", "--export-seconds", "3"}}});
    auto const document = fixture.daemon.ctl_json({"show-vms"});
    std::vector<std::string> jobs;
    for (auto const& vm : document.root().elements())
        jobs.push_back(fixture.detach({"backup", vm["uuid"].text(), "of " + vm["name"].text()}));
    ASSERT_EQ(jobs.size(), 4U);
    // Three run, so the fourth waits.
    ASSERT_EQ(fixture.wait_for_state(jobs[3], {"queued", "failed"}), "queued");
    EXPECT_EQ(fixture.daemon.ctl({"cancel", jobs[3]}).code, 0);
    EXPECT_EQ(fixture.wait_for_state(jobs[3], {"cancelled", "succeeded", "failed"}), "cancelled");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(fixture.wait_for_state(jobs[static_cast<std::size_t>(i)], {"succeeded", "failed"}), "succeeded");
    EXPECT_EQ(fixture.folders(), 3);
}

TEST(Cancel, OfARunningExportReportsThatItCannotBeStoppedAndDiscardsIt) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "2"}}});
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const id = fixture.detach({"backup", listed.substr(0, listed.find('\n')), "unwanted"});
    ASSERT_TRUE(fixture.wait_until_exporting(id));
    EXPECT_THAT(fixture.daemon.ctl({"cancel", id}), EndedWith(0, "cannot"));
    EXPECT_EQ(fixture.wait_for_state(id, {"cancelled", "succeeded", "failed"}), "cancelled");
    EXPECT_FALSE(std::filesystem::exists(fixture.folder("unwanted")));
    EXPECT_EQ(fixture.landing_folder_of("unwanted"), "");
}

TEST(Cancel, OfAMissingOrFinishedJobIsReported) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    EXPECT_EQ(fixture.daemon.ctl({"cancel", "4711"}).code, 3);
    EXPECT_EQ(fixture.daemon.ctl({"cancel", "banana"}).code, 2);
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const id = fixture.detach({"backup", listed.substr(0, listed.find('\n')), "done"});
    ASSERT_EQ(fixture.wait_for_state(id, {"succeeded", "failed"}), "succeeded");
    EXPECT_NE(fixture.daemon.ctl({"cancel", id}).code, 0);
    expect_backup(fixture, "done");
}

class Restart : public ::testing::TestWithParam<int> {};

TEST_P(Restart, ResumesTheRunningExport) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "2"}}});
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const id = fixture.detach({"backup", listed.substr(0, listed.find('\n')), "adopted"});
    ASSERT_TRUE(fixture.wait_until_exporting(id));
    if (GetParam() == SIGTERM) EXPECT_EQ(fixture.daemon.stop(), 0) << fixture.daemon.log();
    else fixture.daemon.kill();
    EXPECT_FALSE(std::filesystem::exists(fixture.folder("adopted")));

    fixture.daemon.start();
    EXPECT_EQ(fixture.wait_for_state(id, {"succeeded", "failed", "lost"}), "succeeded")
        << fixture.job_field(id, "error");
    expect_backup(fixture, "adopted");
    EXPECT_EQ(fixture.simulator.stats().root()["by_route"]["POST /rest/v1/VirDomain/{}/export"].unsigned_integer(), 1U);
}

TEST_P(Restart, CompletesTheExportThatFinishedMeanwhile) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "1"}}});
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const id = fixture.detach({"backup", listed.substr(0, listed.find('\n')), "alone"});
    ASSERT_TRUE(fixture.wait_until_exporting(id));
    auto const task = "/rest/v1/TaskTag/" + fixture.job_field(id, "task_tag");
    fixture.daemon.signal(GetParam());
    ASSERT_TRUE(wait_until([&] { return !fixture.daemon.running(); }));
    ASSERT_TRUE(wait_until([&] {
        return json::Document::parse(fixture.simulator.get(task)).value().root().at(0)["state"].text() == "COMPLETE";
    }));
    fixture.daemon.start();
    EXPECT_EQ(fixture.wait_for_state(id, {"succeeded", "failed", "lost"}), "succeeded")
        << fixture.job_field(id, "error");
    expect_backup(fixture, "alone");
}

INSTANTIATE_TEST_SUITE_P(After, Restart, ::testing::Values(SIGTERM, SIGKILL),
                         [](auto const& test) { return test.param == SIGTERM ? "Sigterm" : "Sigkill"; });

TEST(Watch, FollowsAJobToItsEndAndReportsTheResult) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "1"}}});
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    auto const id = fixture.detach({"backup", listed.substr(0, listed.find('\n')), "watched"});
    EXPECT_EQ(fixture.daemon.ctl({"watch", id}).code, 0);
    EXPECT_EQ(fixture.job_field(id, "state"), "succeeded");
    EXPECT_EQ(fixture.daemon.ctl({"watch", "4711"}).code, 3);
}

}  // namespace
}  // namespace sb::test
