// Cancelling, and jobs that go on without the daemon.

#include "tests/e2e/rig.hpp"

#include <csignal>

namespace sb::test {
namespace {

TEST(Cancel, EndsAQueuedJobBeforeAnythingIsSent) {
    SB_NEEDS_SAMBA();
    Rig rig({.simulator = {.options = {"--vms", "4", "--export-seconds", "3"}}});
    auto const document = rig.daemon.ctl_json({"show-vms"});
    std::vector<std::string> jobs;
    for (auto const& vm : document.root().elements())
        jobs.push_back(rig.detach({"backup", vm["uuid"].text(), "of " + vm["name"].text()}));
    ASSERT_EQ(jobs.size(), 4U);
    // Three run, so the fourth waits.
    ASSERT_EQ(rig.wait_for_state(jobs[3], {"queued", "failed"}), "queued");
    EXPECT_EQ(rig.daemon.ctl({"cancel", jobs[3]}).code, 0);
    EXPECT_EQ(rig.wait_for_state(jobs[3], {"cancelled", "succeeded", "failed"}), "cancelled");
    for (int i = 0; i < 3; ++i)
        EXPECT_EQ(rig.wait_for_state(jobs[static_cast<std::size_t>(i)], {"succeeded", "failed"}), "succeeded");
    EXPECT_EQ(rig.folders(), 3);
}

TEST(Cancel, OfARunningExportSaysThatItCannotBeStoppedAndDiscardsIt) {
    SB_NEEDS_SAMBA();
    Rig rig({.simulator = {.options = {"--export-seconds", "2"}}});
    auto const listed = rig.daemon.ctl({"show-vms"}).out;
    auto const id = rig.detach({"backup", listed.substr(0, listed.find('\n')), "unwanted"});
    ASSERT_TRUE(rig.wait_until_exporting(id));
    EXPECT_THAT(rig.daemon.ctl({"cancel", id}), EndedWith(0, "cannot"));
    EXPECT_EQ(rig.wait_for_state(id, {"cancelled", "succeeded", "failed"}), "cancelled");
    EXPECT_FALSE(std::filesystem::exists(rig.folder("unwanted")));
}

TEST(Cancel, OfWhatIsNotThereOrHasEndedIsSaid) {
    SB_NEEDS_SAMBA();
    Rig rig;
    EXPECT_EQ(rig.daemon.ctl({"cancel", "4711"}).code, 3);
    EXPECT_EQ(rig.daemon.ctl({"cancel", "banana"}).code, 2);
    auto const listed = rig.daemon.ctl({"show-vms"}).out;
    auto const id = rig.detach({"backup", listed.substr(0, listed.find('\n')), "done"});
    ASSERT_EQ(rig.wait_for_state(id, {"succeeded", "failed"}), "succeeded");
    EXPECT_NE(rig.daemon.ctl({"cancel", id}).code, 0);
    expect_backup(rig, "done");
}

class Restart : public ::testing::TestWithParam<int> {};

TEST_P(Restart, AdoptsTheExportThatRuns) {
    SB_NEEDS_SAMBA();
    Rig rig({.simulator = {.options = {"--export-seconds", "2"}}});
    auto const listed = rig.daemon.ctl({"show-vms"}).out;
    auto const id = rig.detach({"backup", listed.substr(0, listed.find('\n')), "adopted"});
    ASSERT_TRUE(rig.wait_until_exporting(id));
    if (GetParam() == SIGTERM)
        EXPECT_EQ(rig.daemon.stop(), 0) << rig.daemon.log();
    else
        rig.daemon.kill();
    EXPECT_FALSE(std::filesystem::exists(rig.folder("adopted") / "scale-backup.json"));

    rig.daemon.start();
    EXPECT_EQ(rig.wait_for_state(id, {"succeeded", "failed", "lost"}), "succeeded") << rig.job_field(id, "error");
    expect_backup(rig, "adopted");
    EXPECT_EQ(rig.simulator.stats().root()["by_route"]["POST /rest/v1/VirDomain/{}/export"].unsigned_integer(), 1U);
}

TEST_P(Restart, CompletesTheExportThatEndedMeanwhile) {
    SB_NEEDS_SAMBA();
    Rig rig({.simulator = {.options = {"--export-seconds", "1"}}});
    auto const listed = rig.daemon.ctl({"show-vms"}).out;
    auto const id = rig.detach({"backup", listed.substr(0, listed.find('\n')), "alone"});
    ASSERT_TRUE(rig.wait_until_exporting(id));
    auto const task = "/rest/v1/TaskTag/" + rig.job_field(id, "task_tag");
    rig.daemon.signal(GetParam());
    ASSERT_TRUE(wait_until([&] { return !rig.daemon.running(); }));
    ASSERT_TRUE(wait_until([&] {
        return json::Document::parse(rig.simulator.get(task)).value().root().at(0)["state"].text() == "COMPLETE";
    }));
    rig.daemon.start();
    EXPECT_EQ(rig.wait_for_state(id, {"succeeded", "failed", "lost"}), "succeeded") << rig.job_field(id, "error");
    expect_backup(rig, "alone");
}

INSTANTIATE_TEST_SUITE_P(After, Restart, ::testing::Values(SIGTERM, SIGKILL),
                         [](auto const& test) { return test.param == SIGTERM ? "Sigterm" : "Sigkill"; });

TEST(Watch, FollowsOneJobToItsEndAndTellsHowItEnded) {
    SB_NEEDS_SAMBA();
    Rig rig({.simulator = {.options = {"--export-seconds", "1"}}});
    auto const listed = rig.daemon.ctl({"show-vms"}).out;
    auto const id = rig.detach({"backup", listed.substr(0, listed.find('\n')), "watched"});
    EXPECT_EQ(rig.daemon.ctl({"watch", id}).code, 0);
    EXPECT_EQ(rig.job_field(id, "state"), "succeeded");
    EXPECT_EQ(rig.daemon.ctl({"watch", "4711"}).code, 3);
}

}  // namespace
}  // namespace sb::test
