// The bundled hooks as run by the daemon: configured in config.toml, with its environment and its permissions.

#include "tests/support/simulator.hpp"
#include "tests/e2e/schedule_fixture.hpp"
#include "tests/support/tools.hpp"

#include <algorithm>
#include <cstdlib>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::string const vm = "Küche's \"Büro\" 01";

std::string hook(std::string const& name) { return std::string(SB_HOOKS) + "/" + name; }

std::vector<fs::path> vhdx_in(fs::path const& folder) {
    std::vector<fs::path> found;
    for (auto const& entry : fs::directory_iterator(folder))
        if (entry.path().extension() == ".vhdx") found.push_back(entry.path());
    return found;
}

void expect_same_guest_data(fs::path const& vhdx) {
    auto image = vhdx;
    image.replace_extension(".qcow2");
    auto const compared = run({{"qemu-img", "compare", "-f", "qcow2", "-F", "vhdx", image.string(), vhdx.string()}});
    EXPECT_EQ(compared.code, 0) << compared.out << compared.err;
}

/// A wrapper program that records its arguments; returns its folder for PATH.
std::string stand_in(fs::path const& folder, std::string const& name, fs::path const& record, std::string const& then) {
    fs::create_directories(folder);
    write_file(folder / name, "#!/bin/sh\nprintf '%s\\n' \"$*\" >> '" + record.string() + "'\n" + then + "\n");
    fs::permissions(folder / name, fs::perms::owner_all);
    return folder.string();
}

/// The built programs before those of this machine.
std::string path_with_ours() {
    return fs::path(built_program("scale-backupctl")).parent_path().string() + ":" + std::string(std::getenv("PATH"));
}

TEST(BundledHooks, RunAsConfiguredDuringARun) {
    SB_NEEDS_TOOLS("qemu-img", "restic");
    TempDir dir;
    auto const repository = (dir / "repository").string(), password = (dir / "password").string();
    auto const record = dir / "record";
    write_file(password, "correct horse battery\n");
    write_file(dir / "restic.conf", "RESTIC_REPOSITORY=" + repository + "\nRESTIC_PASSWORD_FILE=" + password + "\n");
    fs::permissions(dir / "restic.conf", fs::perms::owner_read | fs::perms::owner_write);
    ASSERT_EQ(run({{"restic", "--no-cache", "-r", repository, "-p", password, "init"}}).code, 0);
    auto const path =
        stand_in(dir / "bin", "zfs", record, "[ \"$1\" != list ] || echo tank/backups") + ":" + path_with_ours();
    auto const folder_of_backup = " {{VMName}} {{LocalPath}}/{{BackupName}}'\n";
    ScheduleFixture fixture({.vms = {vm},
                             .more = "[Hooks]\nPostBackup = '" + hook("restic-copy") + " --settings " +
                                     (dir / "restic.conf").string() + folder_of_backup + "PreSchedule = '" +
                                     hook("zfs-snapshot") + " --keep 7 {{LocalPath}}'\nPostSchedule = '" +
                                     hook("convert-to-vhdx") + " --all {{LocalPath}}'\n",
                             .environment = {{"PATH", path}, {"HOME", "/"}}});
    auto const ended = fixture.ended_run();
    EXPECT_EQ(ended.root()["succeeded"].integer(), 1) << ended.root().dump();
    EXPECT_EQ(ended.root()["problems"].size(), 0U) << ended.root().dump();

    auto const backup = fixture.only_backup_of(vm);
    auto const made = vhdx_in(fixture.share / backup);
    ASSERT_THAT(made, SizeIs(1));
    expect_same_guest_data(made.front());
    EXPECT_THAT(read_file(record), HasSubstr("snapshot tank/backups@scale-backup-"));
    auto const again = dir / "again";
    ASSERT_EQ(run({{"restic", "--no-cache", "-r", repository, "-p", password, "restore", "latest", "--path",
                    (fixture.share / backup).string(), "--target", again.string()}})
                  .code,
              0);
    auto const copy = again / fs::relative(fixture.share / backup, "/");
    EXPECT_EQ(read_file(copy / "scale-backup.json"), read_file(fixture.share / backup / "scale-backup.json"));
    ASSERT_THAT(images_in(copy), SizeIs(1));
    EXPECT_EQ(read_file(images_in(copy).front()), read_file(images_in(fixture.share / backup).front()));
}

TEST(BundledHooks, AVhdxAffectsNeitherListingNorRestore) {
    SB_NEEDS_TOOLS("qemu-img");
    ScheduleFixture fixture(
        {.vms = {vm},
         .schedule = window_text(120min, 240min) + "MaxAge = '3 days'\n",
         .more = "[Hooks]\nPostBackup = '" + hook("convert-to-vhdx") + " {{VMName}} {{LocalPath}}/{{BackupName}}'\n",
         .environment = {{"PATH", path_with_ours()}}});
    ASSERT_EQ(fixture.daemon.ctl({"backup", vm, "by hand"}).code, 0);
    auto const made = vhdx_in(fixture.share / "by hand");
    ASSERT_THAT(made, SizeIs(1));
    expect_same_guest_data(made.front());

    auto const listed = fixture.ask("backups.list");
    auto const backup = listed.root()["backups"].at(0);
    EXPECT_EQ(backup["state"].text(), "complete") << listed.root().dump();
    std::uint64_t own = 0;
    for (auto const& entry : fs::directory_iterator(fixture.share / "by hand"))
        if (entry.path().extension() != ".vhdx") own += entry.file_size();
    EXPECT_EQ(backup["size_bytes"].unsigned_integer(), own);
    EXPECT_THAT(read_file(fixture.share / "by hand" / "scale-backup.json"), ::testing::Not(HasSubstr("vhdx")));

    ASSERT_EQ(fixture.daemon.ctl({"restore", "by hand", "Again"}).code, 0);
    EXPECT_NE(fixture.vm_uuid("Again"), fixture.vm_uuid(vm));
    // Windows writes to an image that it mounts, and a user may delete it: the backup stays intact.
    write_file(made.front(), "changed");
    EXPECT_EQ(fixture.ask("backups.list").root()["backups"].at(0)["state"].text(), "complete");
}

TEST(BundledHooks, RetentionDeletesTheFolderIncludingTheVhdx) {
    ScheduleFixture fixture({.vms = {"A"}, .schedule = always_open("MaxBackups = 2\n")});
    fixture.ended_run();
    auto const newest = fixture.only_backup_of("A");
    std::vector<std::string> older;
    for (int age = 1; age <= 3; ++age) {
        older.push_back(fixture.copy_backup(newest, std::chrono::system_clock::now() - 24h * age));
        write_file(fixture.share / older.back() / "disk.vhdx", "image");
        write_file(fixture.share / older.back() / ".disk.vhdx.partial", "half an image");
    }
    ASSERT_EQ(fixture.daemon.ctl({"prune"}).code, 0);
    EXPECT_TRUE(fs::exists(fixture.share / older[0] / "disk.vhdx"));
    EXPECT_FALSE(fs::exists(fixture.share / older[1]));
    EXPECT_FALSE(fs::exists(fixture.share / older[2]));
    EXPECT_TRUE(wait_until([&] {
        for (auto const& entry : fs::recursive_directory_iterator(fixture.share))
            if (entry.path().string().find(older[2]) != std::string::npos) return false;
        return true;
    })) << "the trash is empty too";
}

}  // namespace
}  // namespace sb::test
