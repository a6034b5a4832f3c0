#include "tests/faults/invariants.hpp"

#include "tests/e2e/rig.hpp"

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

/// The guest's disks as the simulator keeps them, by uuid; empty if the VM is gone.
std::map<std::string, std::string> raw_disks(FaultRig const& rig, std::string const& vm_uuid) {
    std::map<std::string, std::string> files;
    try {
        auto const disks = json::Document::parse(rig.simulator.ask("/sim/vms/" + vm_uuid + "/disks")).value();
        for (auto const& disk : disks.root().elements()) files[disk["uuid"].text()] = disk["file"].text();
    } catch (std::exception const&) {
        files.clear();
    }
    return files;
}

void expect_holds_the_vm(FaultRig const& rig, fs::path const& folder) {
    auto const manifest = json::Document::parse(read_file(folder / "scale-backup.json"));
    ASSERT_TRUE(manifest) << folder;
    auto uuid = manifest->root()["vm"]["uuid"].text();
    if (uuid.empty()) uuid = manifest->root()["vm_uuid"].text();
    ASSERT_NE(uuid, "") << folder;
    EXPECT_EQ(images_in(folder).size(), 2u) << folder;
    for (auto const& [disk, raw] : raw_disks(rig, uuid)) {
        auto const image = folder / (disk + ".qcow2");
        auto const same = run({.argv = {"qemu-img", "compare", "-q", "-f", "raw", "-F", "qcow2", raw, image.string()}});
        EXPECT_EQ(same.code, 0) << image << " is not what the guest's disk holds: " << same.out << same.err;
    }
}

}  // namespace

void expect_only_whole_backups(FaultRig const& rig, std::vector<std::string> const& expected) {
    EXPECT_EQ(folders_with_manifest(rig.share()), std::set<std::string>(expected.begin(), expected.end()));
    expect_every_manifest_is_true(rig.share());
    for (auto const& name : folders_with_manifest(rig.share())) expect_holds_the_vm(rig, rig.share() / name);
    auto const listed = rig.daemon.ctl_json({"show-backups"});
    for (auto const& backup : listed.root().elements()) {
        bool const has_manifest = fs::exists(rig.share() / backup["name"].text() / "scale-backup.json");
        EXPECT_EQ(backup["state"].text() == "complete", has_manifest) << backup.dump();
    }
}

void expect_no_order_twice(FaultRig const& rig, std::map<std::string, int> const& exports_asked_for) {
    std::map<std::string, int> exports;
    std::map<std::string, int> imports;
    auto const tasks = json::Document::parse(rig.simulator.ask("/rest/v1/TaskTag")).value();
    for (auto const& task : tasks.root().elements()) {
        auto const words = task["formattedDescription"].text();
        auto const about = task["descriptionParameters"].at(0).text();
        if (words.starts_with("Export")) ++exports[about];
        if (words.starts_with("Import")) ++imports[about];
    }
    for (auto const& [vm, count] : exports) {
        auto const asked = exports_asked_for.find(vm);
        EXPECT_LE(count, asked == exports_asked_for.end() ? 0 : asked->second) << "exports of " << vm;
    }
    for (auto const& [name, count] : imports) EXPECT_EQ(count, 1) << "imports as " << name;
}

void expect_no_secret_in_log(FaultRig const& rig) {
    auto const log = rig.daemon.log();
    for (auto const* secret : {"P@ssword", "P%40ssword", "YWRtaW46UEBzc3dvcmQ=", "pa$$w0rd", "pa%24%24w0rd"})
        EXPECT_EQ(log.find(secret), std::string::npos) << secret;
}

void expect_ready_for_more(FaultRig& rig, pid_t pid) {
    ASSERT_TRUE(rig.daemon.running());
    EXPECT_EQ(rig.daemon.pid(), pid);
    EXPECT_THAT(rig.daemon.ctl({"backup", "VM-D", "afterwards"}), EndedWith(0, ""));
}

}  // namespace sb::test
