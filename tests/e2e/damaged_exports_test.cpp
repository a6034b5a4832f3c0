// Exports that fail late, or that the cluster reports as complete although they are not; and good ones that must not be
// taken for such.

#include "tests/e2e/fixture.hpp"
#include "tests/support/wait_until.hpp"

#include <filesystem>
#include <fstream>

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
    EXPECT_EQ(fixture.daemon.ctl({"restore", "bad", "from bad"}).code, 3);
    auto const landing = fixture.landing_folder_of("bad");
    EXPECT_NE(landing, "") << "what arrived stays until the next clean-up";
    EXPECT_NE(fixture.daemon.ctl({"restore", landing, "from bad"}).code, 0);

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

std::string vm_to_export(Fixture const& fixture) {
    auto const listed = fixture.daemon.ctl({"show-vms"}).out;
    return listed.substr(0, listed.find('\n'));
}

void put_file(std::filesystem::path const& file, std::string const& text) {
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
}

TEST(GoodExport, OfADiskWithAnOddCapacityIsABackup) {
    SB_NEEDS_SAMBA();
    for (std::string const capacity : {"8100101", "8388609", "8388607"}) {
        Fixture fixture({.simulator = {.options = {"--disk-size", capacity, "--vms", "1"}}});
        auto const backup = fixture.daemon.ctl({"backup", vm_to_export(fixture), "odd"});
        EXPECT_EQ(backup.code, 0) << capacity << ": " << backup.out << backup.err;
        expect_backup(fixture, "odd");
        auto const verified = fixture.daemon.ctl({"verify", "odd"});
        EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
    }
}

/// Windows, macOS, a NAS and a virus scanner put files into folders while they are written and afterwards.
TEST(GoodExport, StaysOneWhateverOthersPutIntoItsFolder) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "2"}}});
    auto const id = fixture.detach({"backup", vm_to_export(fixture), "shared"});
    ASSERT_TRUE(fixture.wait_until_exporting(id));
    ASSERT_TRUE(wait_until([&] { return !fixture.landing_folder_of("shared").empty(); }));
    auto const landing = fixture.folder(fixture.landing_folder_of("shared"));
    for (auto const* name : {"Thumbs.db", "desktop.ini", ".DS_Store", "notes.txt", "@eaDir/scale-backup.json/x"})
        put_file(landing / name, "x");
    ASSERT_EQ(fixture.wait_for_state(id, {"succeeded", "failed", "lost"}), "succeeded");
    expect_backup(fixture, "shared");

    put_file(fixture.folder("shared") / "Thumbs.db", "another size");
    std::filesystem::remove(fixture.folder("shared") / "notes.txt");
    expect_backup(fixture, "shared");
    for (int reading = 0; reading < 2; ++reading) {
        auto const verified = fixture.daemon.ctl({"verify", "shared"});
        EXPECT_EQ(verified.code, 0) << verified.out << verified.err;
    }
    EXPECT_THAT(fixture.daemon.ctl({"restore", "shared/", "from a path"}), EndedWith(3, "without a path: 'shared'"));
    auto const restored = fixture.daemon.ctl({"restore", "shared", "restored"});
    EXPECT_EQ(restored.code, 0) << restored.out << restored.err;
}

}  // namespace
}  // namespace sb::test
