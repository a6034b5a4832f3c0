#include "tests/e2e/fixture.hpp"

#include "common/json/writer.hpp"

#include <algorithm>
#include <regex>
#include <stdexcept>

namespace sb::test {
namespace fs = std::filesystem;
namespace {

// Small disks and short exports: the tests check behaviour, not throughput. A test's own options come first.
Simulator::Settings with_small_vms(Simulator::Settings settings) {
    auto const add = [&](std::string const& name, std::string const& value) {
        if (std::ranges::find(settings.options, name) != settings.options.end()) return;
        settings.options.insert(settings.options.end(), {name, value});
    };
    add("--vms", "3");
    add("--disk-size", "16M");
    add("--export-seconds", "0.4");
    add("--task-ms", "50");
    return settings;
}

DaemonSettings fitting(SambaServer const& samba, Simulator const& simulator) {
    DaemonSettings settings;
    settings.smb_domain = samba.settings().domain;
    settings.smb_user = samba.settings().user;
    settings.smb_password = samba.settings().password;
    settings.smb_host = samba.host();
    settings.share = samba.settings().share;
    settings.local_path = samba.folder();
    settings.cluster_user = simulator.settings().username;
    settings.cluster_password = simulator.settings().password;
    settings.cluster_host = simulator.host();
    settings.fingerprint = simulator.fingerprint();
    return settings;
}

}  // namespace

bool is_landing_folder(std::string const& name) {
    static std::regex const form(".+\\.exporting-[0-9a-f]{8}", std::regex::icase);
    return std::regex_match(name, form);
}

std::string landing_folder_of(fs::path const& share, std::string const& backup) {
    std::vector<std::string> found;
    for (auto const& entry : fs::directory_iterator(share)) {
        auto const name = entry.path().filename().string();
        if (is_landing_folder(name) && name.starts_with(backup + ".exporting-")) found.push_back(name);
    }
    EXPECT_LE(found.size(), 1U) << found[0] << " and " << found[1];
    return found.empty() ? "" : found[0];
}

Fixture::Fixture(FixtureSettings settings)
    : samba(settings.samba),
      simulator(with_small_vms(settings.simulator)),
      daemon(dir.path(), fitting(samba, simulator)) {
    if (settings.adjust) settings.adjust(daemon.settings);
    daemon.write_config();
    if (settings.start_daemon) daemon.start();
}

Fixture::~Fixture() {
    if (!::testing::Test::HasFailure()) return;
    auto const tail = [](std::string const& text) {
        return text.substr(text.size() - std::min<std::size_t>(text.size(), 6000));
    };
    std::cerr << "---- scale-backupd ----\n"
              << tail(daemon.log()) << "---- hypercore-sim ----\n"
              << tail(simulator.log());
}

std::string Fixture::vm_uuid(std::string const& name) const {
    auto const document = json::Document::parse(simulator.get("/rest/v1/VirDomain")).value();
    std::vector<std::string> found;
    for (auto const& vm : document.root().elements())
        if (vm["name"].text() == name) found.push_back(vm["uuid"].text());
    if (found.size() != 1) throw std::runtime_error(std::to_string(found.size()) + " VMs are named '" + name + "'");
    return found[0];
}

void Fixture::rename_vm(std::string const& name, std::string const& new_name) const {
    auto const uuid = vm_uuid(name);
    simulator.request("PATCH", "/rest/v1/VirDomain/" + uuid, "{\"name\":" + json_string(new_name) + "}");
    auto const seen = wait_until([&] {
        auto const document = daemon.ctl_json({"show-vms"});
        return std::ranges::any_of(document.root().elements(), [&](json::View vm) {
            return vm["uuid"].text() == uuid && vm["name"].text() == new_name;
        });
    });
    EXPECT_TRUE(seen) << new_name;
}

std::string Fixture::detach(std::vector<std::string> arguments) const {
    arguments.push_back("--detach");
    auto const done = daemon.ctl(arguments);
    EXPECT_EQ(done.code, 0) << done.out << done.err;
    auto const begin = done.out.find_first_of("0123456789");
    if (begin == std::string::npos) return "0";
    return done.out.substr(begin, done.out.find_first_not_of("0123456789", begin) - begin);
}

std::string Fixture::job_field(std::string const& id, std::string_view field) const {
    auto const document = daemon.ctl_json({"jobs"});
    for (auto const& job : document.root().elements()) {
        if (job["id"].dump() != id) continue;
        auto const value = job[field];
        return value.is_string() ? value.text() : value.is_null() ? "" : value.dump();
    }
    return "";
}

std::string Fixture::wait_for_state(std::string const& id, std::vector<std::string> const& states) const {
    std::string state;
    wait_until([&] {
        state = job_field(id, "state");
        return std::ranges::find(states, state) != states.end();
    });
    return state;
}

bool Fixture::wait_until_exporting(std::string const& id) const {
    return wait_until([&] { return !job_field(id, "task_tag").empty() || job_field(id, "state") == "failed"; }) &&
           job_field(id, "state") == "running";
}

std::vector<fs::path> images_in(fs::path const& folder) {
    std::vector<fs::path> images;
    if (!fs::is_directory(folder)) return images;
    for (auto const& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".qcow2") images.push_back(entry.path());
    std::ranges::sort(images);
    return images;
}

std::string json_string(std::string_view text) { return json::Writer().string(text).take(); }

void expect_every_manifest_is_true(fs::path const& share) {
    for (auto const& folder : fs::directory_iterator(share)) {
        if (!fs::exists(folder.path() / "scale-backup.json")) continue;
        EXPECT_FALSE(images_in(folder).empty()) << folder;
        for (auto const& image : images_in(folder)) {
            auto const check = run({.argv = {"qemu-img", "check", "-q", image.string()}});
            EXPECT_EQ(check.code, 0) << image << check.out << check.err;
        }
        int definitions = 0;
        for (auto const& entry : fs::directory_iterator(folder.path())) {
            if (entry.path().extension() != ".xml") continue;
            ++definitions;
            auto text = read_file(entry.path());
            text.resize(std::min(text.find('\0'), text.size()));  // the cluster pads with NULs
            auto const lint = run({.argv = {"xmllint", "--noout", "-"}, .input = text});
            EXPECT_EQ(lint.code, 0) << entry.path() << lint.err;
        }
        EXPECT_EQ(definitions, 1) << folder;
    }
}

void expect_no_backup(Fixture const& fixture, std::string const& backup) {
    EXPECT_FALSE(fs::exists(fixture.folder(backup))) << backup;
    auto const document = fixture.daemon.ctl_json({"show-backups"});
    for (auto const& entry : document.root().elements()) {
        bool const taken_for_whole = entry["name"].text() == backup && entry["state"].text() == "complete";
        EXPECT_FALSE(taken_for_whole) << entry.dump();
    }
    expect_every_manifest_is_true(fixture.share());
}

void expect_backup(Fixture const& fixture, std::string const& backup) {
    EXPECT_TRUE(fs::exists(fixture.folder(backup) / "scale-backup.json")) << backup;
    EXPECT_EQ(fixture.landing_folder_of(backup), "");
    auto const document = fixture.daemon.ctl_json({"show-backups"});
    int found = 0;
    for (auto const& entry : document.root().elements()) {
        if (entry["name"].text() != backup) continue;
        ++found;
        EXPECT_EQ(entry["state"].text(), "complete") << entry.dump();
        EXPECT_EQ(entry["folder"].text(), backup);
    }
    EXPECT_EQ(found, 1) << backup;
    expect_every_manifest_is_true(fixture.share());
}

void expect_same_disks(Fixture const& fixture, std::string const& backup, std::string const& other) {
    auto const here = images_in(fixture.folder(backup));
    auto there = images_in(fixture.folder(other));
    ASSERT_FALSE(here.empty());
    ASSERT_EQ(here.size(), there.size());
    // The disks of a restored VM have new uuids, so the files may be in any order.
    for (auto const& image : here) {
        auto const same = std::ranges::find_if(there, [&](fs::path const& candidate) {
            return run({.argv = {"qemu-img", "compare", "-q", image.string(), candidate.string()}}).code == 0;
        });
        EXPECT_NE(same, there.end()) << image << " has no equal in " << other;
        if (same != there.end()) there.erase(same);
    }
}

}  // namespace sb::test
