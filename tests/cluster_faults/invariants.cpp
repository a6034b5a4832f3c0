#include "tests/cluster_faults/invariants.hpp"

#include "tests/e2e/fixture.hpp"

#include <set>

namespace sb::test {
namespace fs = std::filesystem;
namespace {

std::set<std::string> folders_with_manifest(fs::path const& share) {
    std::set<std::string> names;
    for (auto const& entry : fs::directory_iterator(share))
        if (fs::exists(entry.path() / "scale-backup.json")) names.insert(entry.path().filename().string());
    return names;
}

/// The guest's disks in the simulator, by uuid; empty if the VM is gone.
std::map<std::string, std::string> raw_disks(FaultFixture const& fixture, std::string const& vm_uuid) {
    std::map<std::string, std::string> files;
    try {
        auto const disks = json::Document::parse(fixture.simulator.ask("/sim/vms/" + vm_uuid + "/disks")).value();
        for (auto const& disk : disks.root().elements()) files[disk["uuid"].text()] = disk["file"].text();
    } catch (std::exception const&) {
        files.clear();
    }
    return files;
}

/// A folder gets the backup's name only together with its manifest. `folder_elsewhere` is a fault of the cluster.
void expect_only_landing_folders_without_manifest(fs::path const& share) {
    for (auto const& entry : fs::directory_iterator(share)) {
        auto const name = entry.path().filename().string();
        if (!entry.is_directory() || name.starts_with('.') || fs::exists(entry.path() / "scale-backup.json")) continue;
        EXPECT_TRUE(is_landing_folder(name) || name.ends_with("-elsewhere")) << name;
    }
}

void expect_holds_the_vm(FaultFixture const& fixture, fs::path const& folder) {
    auto const manifest = json::Document::parse(read_file(folder / "scale-backup.json"));
    ASSERT_TRUE(manifest) << folder;
    auto uuid = manifest->root()["vm"]["uuid"].text();
    if (uuid.empty()) uuid = manifest->root()["vm_uuid"].text();
    ASSERT_NE(uuid, "") << folder;
    EXPECT_EQ(images_in(folder).size(), 2u) << folder;
    for (auto const& [disk, raw] : raw_disks(fixture, uuid)) {
        auto const image = folder / (disk + ".qcow2");
        auto const same = run({.argv = {"qemu-img", "compare", "-q", "-f", "raw", "-F", "qcow2", raw, image.string()}});
        EXPECT_EQ(same.code, 0) << image << " differs from the guest's disk: " << same.out << same.err;
    }
}

}  // namespace

void expect_only_complete_backups(FaultFixture const& fixture, std::vector<std::string> const& expected) {
    EXPECT_EQ(folders_with_manifest(fixture.share()), std::set<std::string>(expected.begin(), expected.end()));
    expect_only_landing_folders_without_manifest(fixture.share());
    expect_every_manifest_is_true(fixture.share());
    for (auto const& name : folders_with_manifest(fixture.share()))
        expect_holds_the_vm(fixture, fixture.share() / name);
    auto const listed = fixture.daemon.ctl_json({"show-backups"});
    for (auto const& backup : listed.root().elements()) {
        bool const has_manifest = fs::exists(fixture.share() / backup["name"].text() / "scale-backup.json");
        EXPECT_EQ(backup["state"].text() == "complete", has_manifest) << backup.dump();
        EXPECT_FALSE(is_landing_folder(backup["folder"].text())) << "no export is running: " << backup.dump();
    }
}

void expect_no_request_twice(FaultFixture const& fixture, std::map<std::string, int> const& exports_asked_for) {
    std::map<std::string, int> exports;
    std::map<std::string, int> imports;
    auto const tasks = json::Document::parse(fixture.simulator.ask("/rest/v1/TaskTag")).value();
    for (auto const& task : tasks.root().elements()) {
        auto const description = task["formattedDescription"].text();
        auto const about = task["descriptionParameters"].at(0).text();
        if (description.starts_with("Export")) ++exports[about];
        if (description.starts_with("Import")) ++imports[about];
    }
    for (auto const& [vm, count] : exports) {
        auto const asked = exports_asked_for.find(vm);
        EXPECT_LE(count, asked == exports_asked_for.end() ? 0 : asked->second) << "exports of " << vm;
    }
    for (auto const& [name, count] : imports) EXPECT_EQ(count, 1) << "imports as " << name;
}

void expect_no_secret_in_log(FaultFixture const& fixture) {
    auto const log = fixture.daemon.log();
    for (auto const* secret : {"P@ssword", "P%40ssword", "YWRtaW46UEBzc3dvcmQ=", "pa$$w0rd", "pa%24%24w0rd"})
        EXPECT_EQ(log.find(secret), std::string::npos) << secret;
}

void expect_still_working(FaultFixture& fixture, pid_t pid) {
    ASSERT_TRUE(fixture.daemon.running());
    EXPECT_EQ(fixture.daemon.pid(), pid);
    EXPECT_THAT(fixture.daemon.ctl({"backup", "VM-D", "afterwards"}), EndedWith(0, ""));
}

}  // namespace sb::test
