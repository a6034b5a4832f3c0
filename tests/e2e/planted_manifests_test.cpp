// The built daemon with a share into which someone has put hundreds of manifests as large as they may be: its memory
// stays small, and the genuine backup is listed, restored and deleted.

#include "tests/e2e/peak_memory.hpp"
#include "tests/e2e/schedule_fixture.hpp"
#include "tests/support/sanitized.hpp"

#include <fstream>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::AnyOf;

constexpr int planted = sanitized ? 50 : 700;

std::string list_of(int entries, std::string const& entry) {
    std::string list = "[" + entry;
    for (int i = 1; i < entries; ++i) list += "," + entry;
    return list + "]";
}

std::string text_of(int bytes, char letter) {
    return json_string(std::string(static_cast<std::size_t>(bytes), letter));
}

/// Every list and text at its limit; its files are there, with their sizes.
std::string largest_manifest(std::string const& vm_uuid, std::string const& definition) {
    constexpr int most = 500;
    auto const time = R"("2026-11-23T05:04:01Z")";
    std::string text = R"({"format": "scale-backup manifest", "version": 1, "backup": "planted", "vm": )";
    text += text_of(4096, 'v') + R"(, "vm_uuid": )" + json_string(vm_uuid);
    text += R"(, "vm_tags": )" + list_of(most, text_of(480, 't'));
    text += R"(, "scheduled": true, "protected": false, "cluster": )" + text_of(512, 'c');
    text += R"(, "cluster_uuid": )" + text_of(512, 'u') + R"(, "cluster_name": )" + text_of(4096, 'n');
    text += R"(, "task_tag": )" + text_of(512, '9') + R"(, "job": 4711, "definition": "vm.xml")";
    text += std::string(R"(, "started": )") + time + R"(, "completed": )" + time;
    text +=
        R"(, "disks": )" + list_of(most, R"({"uuid": )" + text_of(400, 'd') + R"(, "type": )" + text_of(80, 'D') + "}");
    text += R"(, "files": )" +
            list_of(most, R"({"name": "vm.xml", "role": "definition", "structure": )" + text_of(300, 's') +
                              R"(, "size_bytes": )" + std::to_string(definition.size()) + "}");
    text += R"(, "verified": {"level": )" + text_of(4096, 'l') + R"(, "at": )" + time + "}";
    text += std::string(R"(, "adopted": {"at": )") + time + R"(, "notes": )" + list_of(most, text_of(480, 'n')) + "}";
    text += R"(, "program": )" + text_of(4096, 'p') + "}\n";
    return text;
}

/// The same files in every folder: hard links, so that the test takes little of the disk.
void plant(fs::path const& share, std::string const& vm_uuid) {
    std::string const definition = "<domain/>";
    auto const manifest = largest_manifest(vm_uuid, definition);
    ASSERT_LT(manifest.size(), std::size_t{1} << 20);
    ASSERT_GT(manifest.size(), std::size_t{900} << 10);
    for (int i = 0; i < planted; ++i) {
        auto const folder = share / ("planted " + std::to_string(i));
        fs::create_directory(folder);
        for (auto const& [name, text] : {std::pair("scale-backup.json", &manifest), std::pair("vm.xml", &definition)}) {
            if (i == 0) std::ofstream(folder / name, std::ios::binary) << *text;
            else fs::create_hard_link(share / "planted 0" / name, folder / name);
        }
    }
}

TEST(PlantedManifests, HundredsAtTheirLimitsFillNoMemoryAndHideNoBackup) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = window_text(120min, 240min)});
    EXPECT_THAT(fixture.daemon.ctl({"backup", "A", "genuine"}), EndedWith(0, ""));
    double const before = peak_mebibytes_of(fixture.daemon.pid());
    plant(fixture.share, fixture.vm_uuid("A"));

    auto const backups = fixture.backups();
    EXPECT_EQ(backups.size(), static_cast<std::size_t>(planted) + 1);
    for (auto const& backup : backups) {
        if (backup.name == "genuine") EXPECT_EQ(backup.state, "complete");
        else EXPECT_THAT(backup.state, AnyOf("complete", "unverified")) << backup.name;
    }
    EXPECT_EQ(fixture.daemon.ctl({"status"}).code, 0);
    EXPECT_THAT(fixture.daemon.ctl({"restore", "genuine", "B"}), EndedWith(0, ""));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "genuine", "--yes"}), EndedWith(0, ""));
    EXPECT_FALSE(fs::exists(fixture.share / "genuine"));

    double const after = peak_mebibytes_of(fixture.daemon.pid());
    if (!sanitized) EXPECT_LT(after - before, 64) << "of " << before;
}

}  // namespace
}  // namespace sb::test
