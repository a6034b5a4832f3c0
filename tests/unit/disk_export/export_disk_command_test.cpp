// The command export-disk: with the path of a folder it needs no daemon, with a name it asks one where the backup is.
#include "tests/support/temp_dir.hpp"
#include "tests/unit/ctl/fake_daemon.hpp"
#include "tests/unit/ctl/run_at.hpp"
#include "tests/unit/verify/image_builder.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include <sys/stat.h>

namespace sb::ctl {
namespace {

namespace fs = std::filesystem;
using sb::test::read_file;
using sb::test::SmallImage;
using sb::test::write_file;
using testing::HasSubstr;

class ExportDisk : public testing::Test {
protected:
    ExportDisk() {
        fs::create_directories(backup_);
        write_file(backup_ / "scale-backup.json",
                   R"({"files": [{"name": "a.qcow2", "role": "disk"}, {"name": "b.qcow2", "role": "disk"}]})");
        write_image("a.qcow2", 'a');
        write_image("b.qcow2", 'b');
    }

    void write_image(std::string const& name, char letter, SmallImage image = SmallImage(128 * 1024)) const {
        for (std::size_t i = 0; i < 2 * SmallImage::cluster; ++i)
            image.bytes[SmallImage::data + i] = static_cast<std::byte>(letter);
        write_file(backup_ / name, {reinterpret_cast<char const*>(image.bytes.data()), image.bytes.size()});
    }

    /// Without a daemon.
    Ran run(CommandWords words, How how = {}) const {
        words.insert(words.begin(), "export-disk");
        return run_at((dir_ / "no socket").string(), words, how);
    }
    std::string backup() const { return backup_.string() + "/"; }
    std::string out(std::string const& name = "out") const { return (dir_ / name).string(); }
    bool only_images_are_there() const {
        return std::distance(fs::directory_iterator(backup_), fs::directory_iterator()) == 3;
    }

    test::TempDir dir_;
    fs::path const backup_ = dir_ / "share" / "nightly of FILE01";
};

std::string disk_of(char letter) { return std::string(128 * 1024, letter); }

TEST_F(ExportDisk, NeedsNoDaemonForTheFolderOfABackup) {
    auto const ran = run({backup(), "2", "--format", "raw", out()});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_EQ(ran.out, "'" + out() + "' was created: the disk 'b.qcow2', 128 KiB.\n");
    EXPECT_EQ(ran.err, "out: exporting 100 %\n");
    EXPECT_TRUE(read_file(out()) == disk_of('b'));
    struct stat about {};
    ASSERT_EQ(::stat(out().c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 0777U, 0600U) << "a disk holds everything of a VM";
}

TEST_F(ExportDisk, AsksTheDaemonWhereABackupIs) {
    FakeDaemon daemon({[&](FakePeer& peer) {
        rpc::Status::Reply status;
        status.storage.path = (dir_ / "share").string();
        peer.answer<rpc::Status>(status);
        rpc::BackupInfo backup;
        backup.name = "nightly";
        backup.folder = "nightly of FILE01";
        peer.answer<rpc::ListBackups>({{backup}});
    }});
    auto const ran = run_at(daemon.socket(), {"export-disk", "nightly", "a", out(), "--format", "raw"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_TRUE(read_file(out()) == disk_of('a'));
}

TEST_F(ExportDisk, ANameThatTheDaemonDoesNotKnowIsNotFound) {
    FakeDaemon daemon({[](FakePeer& peer) {
        peer.answer<rpc::Status>({});
        peer.answer<rpc::ListBackups>({});
    }});
    auto const ran = run_at(daemon.socket(), {"export-disk", "nothing", "1", out()});
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("there is no backup 'nothing'"));
    EXPECT_EQ(run({"nothing", "1", out()}).code, 5) << "no daemon";
}

TEST_F(ExportDisk, MakesAVhdxBesideTheImageForAllWhoMayUseTheFolder) {
    auto const ran = run({backup(), "a.qcow2", "--beside-image", "--compare", "--mode", "0664"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    auto const made = backup_ / "a.vhdx";
    EXPECT_EQ(read_file(made).substr(0, 8), "vhdxfile");
    struct stat about {};
    ASSERT_EQ(::stat(made.c_str(), &about), 0);
    EXPECT_EQ(about.st_mode & 07777U, 0664U);
    EXPECT_THAT(ran.err, HasSubstr("a.vhdx: comparing 100 %"));
    EXPECT_EQ(run({backup(), "1", "--beside-image"}).code, exit_code_of(Errc::name_in_use));
}

TEST_F(ExportDisk, ReplacesNothing) {
    write_file(out(), "precious");
    auto const ran = run({backup(), "1", out()});
    EXPECT_EQ(ran.code, exit_code_of(Errc::name_in_use));
    EXPECT_THAT(ran.err, HasSubstr("it is not replaced"));
    EXPECT_EQ(read_file(out()), "precious");
}

TEST_F(ExportDisk, ADamagedImageIsRefusedAndLeavesNothing) {
    SmallImage broken(128 * 1024);
    broken.put(SmallImage::refcount_block + 10, 0, 2);
    write_image("a.qcow2", 'a', broken);
    auto const ran = run({backup(), "1", "--beside-image"});
    EXPECT_EQ(ran.code, exit_code_of(Errc::damaged_backup));
    EXPECT_THAT(ran.err, HasSubstr("a.qcow2': the cluster at 0x50000 is used 1 times, but its refcount is 0"));
    EXPECT_TRUE(only_images_are_there());
}

TEST_F(ExportDisk, AnImageThatChangesWhileItIsReadFailsAndLeavesNothing) {
    for (CommandWords const& options : std::vector<CommandWords>{{}, {"--compare"}}) {
        write_image("a.qcow2", 'a');
        How how;
        how.terminal = true;
        how.before_a_drawing = [&] {
            std::fstream image(backup_ / "a.qcow2", std::ios::in | std::ios::out);
            image.seekp(SmallImage::data);
            image << "new";
            image.seekp(0, std::ios::end);
            image << 'x';
        };
        CommandWords words{backup(), "a.qcow2", "--beside-image"};
        words.insert(words.end(), options.begin(), options.end());
        auto const ran = run(words, how);
        EXPECT_EQ(ran.code, exit_code_of(Errc::io));
        EXPECT_THAT(ran.err, HasSubstr("a.qcow2' was changed while it was being read"));
        EXPECT_TRUE(only_images_are_there());
    }
}

TEST_F(ExportDisk, WhatIsNotAFinishedBackupIsRefused) {
    auto const landing = dir_ / "share" / "nightly.exporting-1a2b3c4d";
    fs::create_directory(landing);
    fs::copy_file(backup_ / "scale-backup.json", landing / "scale-backup.json");
    EXPECT_THAT(run({landing.string(), "1", out()}).err, HasSubstr("is not finished"));
    fs::create_directory_symlink(backup_, dir_ / "link");
    EXPECT_THAT(run({(dir_ / "link").string(), "1", out()}).err, HasSubstr("is a link"));
    fs::remove(backup_ / "scale-backup.json");
    auto const ran = run({backup(), "a.qcow2", out()});
    EXPECT_EQ(ran.code, exit_code_of(Errc::incomplete_backup));
    EXPECT_THAT(ran.err, HasSubstr("it has no scale-backup.json"));
    EXPECT_FALSE(fs::exists(out()));
}

TEST_F(ExportDisk, ADiskThatIsNotThereShowsThoseThatAre) {
    auto const ran = run({backup(), "3", out()});
    EXPECT_EQ(ran.code, 3);
    EXPECT_THAT(ran.err, HasSubstr("there is no disk 3. The disks of this backup: 1 = a.qcow2, 2 = b.qcow2"));
    EXPECT_EQ(run({backup(), "c", out()}).code, 3);
    EXPECT_NE(run({backup(), "../nightly of FILE01/a", out()}).code, 0);
}

TEST_F(ExportDisk, SaysWhatItMadeAsJson) {
    How how;
    how.json = true;
    auto const ran = run({backup(), "1", out(), "--format", "vhdx-dynamic"}, how);
    EXPECT_EQ(ran.out, R"({"file":")" + out() +
                           R"(","image":"a.qcow2","format":"vhdx-dynamic","disk_bytes":131072})"
                           "\n");
}

TEST_F(ExportDisk, ShowsItsProgressOnATerminal) {
    How how;
    how.terminal = true;
    auto const ran = run({backup(), "1", out()}, how);
    EXPECT_EQ(ran.code, 0);
    EXPECT_THAT(ran.err, HasSubstr("out: exporting 100 %  128 KiB of 128 KiB"));
}

TEST_F(ExportDisk, OptionsThatContradictEachOtherAreUsageErrors) {
    for (CommandWords const& words : std::vector<CommandWords>{{"1"},
                                                               {"1", "out", "--beside-image"},
                                                               {"1", "folder/"},
                                                               {"1", "out", "--format", "vmdk"},
                                                               {"1", "out", "--mode", "rw"},
                                                               {"1", "out", "--mode", "04755"},
                                                               {"1", "out", "--mode", "1777"}}) {
        CommandWords whole{"export-disk", backup()};
        whole.insert(whole.end(), words.begin(), words.end());
        EXPECT_FALSE(parse_command_line(whole, {std::nullopt, "socket"})) << words.back();
    }
}

}  // namespace
}  // namespace sb::ctl
