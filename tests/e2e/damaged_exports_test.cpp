// Exports that fail late, or that the cluster reports as complete although they are not.

#include "tests/e2e/fixture.hpp"

namespace sb::test {
namespace {

struct Damage {
    char const* name;
    char const* fault;
    char const* message;
};

void PrintTo(Damage const& damage, std::ostream* out) { *out << damage.name; }

class DamagedExport : public ::testing::TestWithParam<Damage> {};

TEST_P(DamagedExport, FailsTheJobAndNeverAppearsComplete) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const document = fixture.daemon.ctl_json({"show-vms"});
    auto const vms = document.root().elements();
    auto const uuid = vms[0]["uuid"].text();
    auto fault = std::string(GetParam().fault);
    fault.insert(fault.size() - 1, ",\"match\":{\"vm\":" + json_string(uuid) + "}");
    fixture.simulator.faults(fault);

    auto const backup = fixture.daemon.ctl({"backup", uuid, "bad"});
    EXPECT_THAT(backup, EndedWith(1, GetParam().message));
    expect_no_backup(fixture, "bad");
    EXPECT_EQ(fixture.job_field("1", "state"), "failed");
    EXPECT_EQ(fixture.daemon.ctl({"restore", "bad", "from bad"}).code == 0, false);

    // The failure of one VM affects only its job.
    EXPECT_EQ(fixture.daemon.ctl({"backup", vms[1]["uuid"].text(), "good"}).code, 0);
    expect_backup(fixture, "good");
}

INSTANTIATE_TEST_SUITE_P(
    Export, DamagedExport,
    ::testing::Values(
        Damage{"ErrorAt99Percent",
               R"({"kind":"task_error","percent":99,"text":"%@ went wrong","parameters":["The last percent"]})",
               "The last percent went wrong"},
        Damage{"WorkerKilled", R"({"kind":"worker_killed","percent":40})", ""},
        Damage{"TruncatedDisk", R"({"kind":"disk_truncated","disk":0})", ""},
        Damage{"MissingDisk", R"({"kind":"disk_missing","disk":0})", ".qcow2"},
        Damage{"WrongVirtualSize", R"({"kind":"disk_wrong_size","disk":0})", ""},
        Damage{"MissingDefinition", R"({"kind":"xml_missing"})", ".xml"},
        Damage{"GarbageDefinition", R"({"kind":"xml_garbage"})", ".xml"}),
    [](auto const& test) { return test.param.name; });

TEST(TaskThatIsGone, IsNeitherTakenForDoneNorPolledForever) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    // The tag expires immediately, but the export succeeds: the files on the share decide.
    fixture.simulator.faults(R"({"kind":"empty_list","match":{"call":"task_get"}})");
    auto const id = fixture.detach({"backup", listed.substr(0, listed.find('\n')), "tagless"});
    auto const state = fixture.wait_for_state(id, {"succeeded", "failed", "lost"});
    EXPECT_NE(state, "");
    if (state == "succeeded") expect_backup(fixture, "tagless");
    else expect_no_backup(fixture, "tagless");
}

}  // namespace
}  // namespace sb::test
