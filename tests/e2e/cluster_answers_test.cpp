// Whatever the cluster responds: the error reports it, an incomplete export never appears complete, and a lost response
// starts no second export.

#include "tests/e2e/fixture.hpp"

namespace sb::test {
namespace {

std::string first_vm(Fixture const& fixture) {
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    return listed.substr(0, listed.find('\n'));
}

struct Answer {
    char const* name;
    char const* fault;  ///< for the POST of the export
    int exit_code;
    char const* text;  ///< of the cluster's message, that must reach the user
};

void PrintTo(Answer const& answer, std::ostream* out) { *out << answer.name; }

class ExportAnswer : public ::testing::TestWithParam<Answer> {};

TEST_P(ExportAnswer, IsReportedAndLeavesNothing) {
    SB_NEEDS_SAMBA();
    // The daemon checks an ambiguous refusal for this long.
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.more = "[Timeouts]\nResolve = 1\n"; }});
    auto const vm = first_vm(fixture);
    fixture.simulator.faults(GetParam().fault);
    auto const backup = fixture.daemon.ctl({"backup", vm, "refused"});
    EXPECT_THAT(backup, EndedWith(GetParam().exit_code, GetParam().text));
    EXPECT_EQ((backup.out + backup.err).find("parse error"), std::string::npos) << backup.err;
    expect_no_backup(fixture, "refused");
    EXPECT_TRUE((fixture.folders() == 0));
    EXPECT_EQ(fixture.job_field("1", "state"), "failed");
}

INSTANTIATE_TEST_SUITE_P(
    Cluster, ExportAnswer,
    ::testing::Values(
        Answer{"Is401", R"({"kind":"status","status":401,"body":{"error":"Unauthorized"},"match":{"call":"export"}})",
               7, "401"},
        Answer{"Is403",
               R"({"kind":"status","status":403,"body":{"error":"lacks the role Export"},"match":{"call":"export"}})",
               7, "lacks the role Export"},
        Answer{"Is500Text",
               R"({"kind":"status","status":500,"body":"the scribe is upside down","content_type":"text/plain",
               "match":{"call":"export"}})",
               1, "the scribe is upside down"},
        Answer{"Is500Json", R"({"kind":"json_error","match":{"call":"export"}})", 1, "An internal error occurred"},
        Answer{"IsPlain400", R"({"kind":"plain_400","match":{"call":"export"}})", 1, "400"},
        Answer{"Is404", R"({"kind":"status","status":404,"body":{"error":"no such path"},"match":{"call":"export"}})",
               1, "no such path"}),
    [](auto const& test) { return test.param.name; });

class ListAnswer : public ::testing::TestWithParam<Answer> {};

TEST_P(ListAnswer, IsReportedAndTheNextOneIsUsed) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    fixture.simulator.faults(GetParam().fault);
    // For one second the daemon responds from its cached list.
    Finished listed;
    wait_until([&] { return (listed = fixture.daemon.ctl({"show-vms"})).code != 0; });
    EXPECT_THAT(listed, EndedWith(GetParam().exit_code, GetParam().text));
    fixture.simulator.request("DELETE", "/sim/faults");
    EXPECT_TRUE(wait_until([&] { return fixture.daemon.ctl({"show-vms"}).code == 0; }));
    EXPECT_TRUE(fixture.daemon.running());
}

INSTANTIATE_TEST_SUITE_P(
    Cluster, ListAnswer,
    ::testing::Values(
        Answer{
            "Is401",
            R"({"kind":"status","status":401,"body":{"error":"Unauthorized"},"match":{"path":"^/rest/v1/VirDomain$"}})",
            7, "401"},
        Answer{
            "Is403",
            R"({"kind":"status","status":403,"body":{"error":"not for you"},"match":{"path":"^/rest/v1/VirDomain$"}})",
            7, "not for you"},
        Answer{"Is500Text",
               R"({"kind":"status","status":500,"body":"the scribe is upside down","content_type":"text/plain",
               "match":{"path":"^/rest/v1/VirDomain$"}})",
               1, "the scribe is upside down"},
        Answer{"Is502Html", R"({"kind":"html_502","match":{"path":"^/rest/v1/VirDomain$"}})", 1, "502"},
        Answer{"IsGarbage", R"({"kind":"garbage","match":{"path":"^/rest/v1/VirDomain$"}})", 1, ""},
        Answer{"IsTruncatedJson", R"({"kind":"truncated_json","match":{"path":"^/rest/v1/VirDomain$"}})", 1, ""},
        Answer{"IsNotAnArray", R"({"kind":"wrong_types","match":{"path":"^/rest/v1/VirDomain$"}})", 1, ""},
        Answer{"IsCut", R"({"kind":"cut_body","match":{"path":"^/rest/v1/VirDomain$"}})", 1, ""},
        Answer{"IsClosing", R"({"kind":"close","match":{"path":"^/rest/v1/VirDomain$"}})", 1, ""}),
    [](auto const& test) { return test.param.name; });

TEST(ClusterAnswer, ThatNeverArrivesEndsInATimeLimit) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.adjust = [](DaemonSettings& settings) { settings.more = "[Timeouts]\nRequest = 5\n"; }});
    fixture.simulator.faults(R"({"kind":"hang","match":{"path":"^/rest/v1/VirDomain$"}})");
    // A VM that is not in the cached list makes the daemon request a new one.
    auto asking = fixture.daemon.start_ctl({"backup", "not in the list", "x"});
    ASSERT_TRUE(wait_until([&] { return fixture.simulator.stat("requests") >= 2; }));
    // Meanwhile the daemon serves others.
    EXPECT_EQ(fixture.daemon.ctl({"status"}).code, 0);
    EXPECT_EQ(fixture.daemon.ctl({"jobs"}).code, 0);
    EXPECT_TRUE(asking->running());
    auto const exit = asking->wait(std::chrono::seconds{150});
    ASSERT_TRUE(exit) << "no time limit";
    EXPECT_EQ(exit->code, 1) << asking->err();
}

TEST(ClusterAnswer, IsWaitedForAfterABriefOutage) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const vm = first_vm(fixture);
    fixture.simulator.faults(R"({"kind":"html_502","match":{"call":"task_get","count":2}})");
    EXPECT_EQ(fixture.daemon.ctl({"backup", vm, "through the outage"}).code, 0);
    expect_backup(fixture, "through the outage");
}

TEST(LostAnswer, ToARunningExportStartsNoSecondOne) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "1"}}});
    auto const vm = first_vm(fixture);
    fixture.simulator.faults(R"({"kind":"lose_answer","match":{"call":"export","count":1}})");
    auto const backup = fixture.daemon.ctl({"backup", vm, "lost and found"});
    EXPECT_EQ(backup.code, 0) << backup.out << backup.err;
    expect_backup(fixture, "lost and found");
    EXPECT_EQ(fixture.simulator.stats().root()["by_route"]["POST /rest/v1/VirDomain/{}/export"].unsigned_integer(), 1U)
        << fixture.simulator.stats().root().dump();
}

TEST(LostAnswer, ToAnExportThatNeverStartedFailsTheJobAndSendsNoSecondRequest) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const vm = first_vm(fixture);
    fixture.simulator.faults(R"({"kind":"close","match":{"call":"export"}})");
    auto const id = fixture.detach({"backup", vm, "never began"});
    // Resolving it may take long: the cluster does not report that a request was not executed. What matters is that it
    // is not sent again.
    ASSERT_TRUE(wait_until(
        [&] { return fixture.job_field(id, "phase") != "posting" && fixture.job_field(id, "phase") != "preparing"; }));
    EXPECT_EQ(fixture.simulator.stats().root()["by_route"]["POST /rest/v1/VirDomain/{}/export"].unsigned_integer(), 1U)
        << fixture.simulator.stats().root().dump();
    expect_no_backup(fixture, "never began");
}

TEST(SlowAnswer, ToAnExportDoesNotDelayOtherJobs) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const document = fixture.daemon.ctl_json({"show-vms"});
    auto const vms = document.root().elements();
    fixture.simulator.faults(R"({"kind":"delay_answer","seconds":12,"match":{"call":"export","vm":)" +
                             json_string(vms[0]["uuid"].text()) + "}}");
    auto const slow = fixture.detach({"backup", vms[0]["uuid"].text(), "slow answer"});
    EXPECT_EQ(fixture.daemon.ctl({"backup", vms[1]["uuid"].text(), "quick"}).code, 0);
    EXPECT_EQ(fixture.job_field(slow, "state"), "running") << "the quick job should have overtaken it";
    EXPECT_EQ(fixture.wait_for_state(slow, {"succeeded", "failed"}), "succeeded");
    expect_backup(fixture, "slow answer");
    EXPECT_EQ(fixture.simulator.stats().root()["by_route"]["POST /rest/v1/VirDomain/{}/export"].unsigned_integer(), 2U);
}

}  // namespace
}  // namespace sb::test
