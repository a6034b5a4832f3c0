// The built programs: a person deletes backups, takes them back, and accepts an export whose end the cluster never
// reported.

#include "tests/e2e/schedule_fixture.hpp"
#include "tests/support/pty_process.hpp"

#include <fstream>
#include <iterator>
#include <regex>

namespace sb::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

/// A fixture whose schedule exports nothing, with these backups of one VM.
struct DeletingFixture : ScheduleFixture {
    explicit DeletingFixture(std::vector<std::string> const& backups, std::string const& more = {})
        : ScheduleFixture({.vms = {"A"}, .schedule = window_text(120min, 240min) + more}) {
        for (auto const& name : backups) EXPECT_THAT(daemon.ctl({"backup", "A", name}), EndedWith(0, ""));
    }

    std::vector<std::string> deleted() const {
        std::vector<std::string> names;
        auto const list = daemon.ctl_json({"show-backups", "--deleted"});
        for (auto const& one : list.root().elements()) names.push_back(one["name"].text());
        return names;
    }
    /// The backup in show-backups, as JSON; "" if it is not there.
    std::string shown(std::string const& name) const {
        auto const list = daemon.ctl_json({"show-backups"});
        for (auto const& one : list.root().elements())
            if (one["name"].text() == name) return one.dump();
        return {};
    }
    std::vector<std::string> trash() const {
        std::vector<std::string> names;
        std::error_code none;
        for (auto const& entry : fs::directory_iterator(share / ".scale-backup-trash", none))
            names.push_back(entry.path().filename());
        return names;
    }
    bool has(std::string const& backup) const { return fs::exists(share / backup / "scale-backup.json"); }
    Command on_terminal(std::vector<std::string> const& words) const {
        std::vector<std::string> argv{built_program("scale-backupctl"), "--socket", daemon.socket().string()};
        argv.insert(argv.end(), words.begin(), words.end());
        return {.argv = argv};
    }
};

TEST(Deleting, ABackupWaitsInTheTrashAcrossARestartAndComesBackProtected) {
    DeletingFixture fixture({"first", "second"});
    EXPECT_THAT(fixture.daemon.ctl({"delete", "first"}), EndedWith(0, "'undelete' takes it back until"));
    EXPECT_FALSE(fs::exists(fixture.share / "first"));
    EXPECT_THAT(fixture.names_of_backups(), ElementsAre("second"));
    EXPECT_THAT(fixture.deleted(), ElementsAre("first"));
    auto const status = fixture.daemon.ctl_json({"status"});
    EXPECT_GT(status.root()["storage"]["reclaimable_bytes"].unsigned_integer(), 0u);
    EXPECT_EQ(status.root()["backups"]["deleted_count"].unsigned_integer(), 1u);

    fixture.daemon.stop();
    fixture.daemon.start();
    EXPECT_THAT(fixture.deleted(), ElementsAre("first"));
    EXPECT_THAT(fixture.daemon.ctl({"undelete", "first"}), EndedWith(0, "protected"));
    EXPECT_THAT(fixture.deleted(), IsEmpty());
    EXPECT_THAT(fixture.names_of_backups(), UnorderedElementsAre("first", "second"));
    EXPECT_THAT(fixture.shown("first"), HasSubstr(R"("protected":true)"));
    expect_every_manifest_is_true(fixture.share);
    EXPECT_THAT(fixture.daemon.ctl({"delete", "first", "--yes"}), EndedWith(4, "protected"));
    EXPECT_TRUE(fixture.has("first"));
}

TEST(Deleting, TheLastGoodBackupOfAVmThatExistsNeedsAConfirmation) {
    DeletingFixture fixture({"only"});
    EXPECT_THAT(fixture.daemon.ctl({"delete", "only"}), EndedWith(4, "last good backup of VM 'A'"));
    EXPECT_TRUE(fixture.has("only"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "only", "--yes"}), EndedWith(0, ""));
    EXPECT_THAT(fixture.deleted(), ElementsAre("only"));
}

TEST(Deleting, ADamagedCopyIsNotReliedOn) {
    DeletingFixture fixture({"good", "bad"});
    auto const images = images_in(fixture.share / "bad");
    ASSERT_FALSE(images.empty());
    fs::resize_file(images.front(), fs::file_size(images.front()) / 2);
    EXPECT_THAT(fixture.daemon.ctl({"delete", "good"}), EndedWith(4, "last good backup"));
    EXPECT_TRUE(fixture.has("good"));
}

TEST(Deleting, ImmediatelyLeavesNothingToTakeBack) {
    DeletingFixture fixture({"first", "second"});
    EXPECT_THAT(fixture.daemon.ctl({"delete", "first", "--now"}), EndedWith(0, "deleted"));
    EXPECT_THAT(fixture.deleted(), IsEmpty());
    EXPECT_THAT(fixture.trash(), IsEmpty());
    EXPECT_THAT(fixture.daemon.ctl({"undelete", "first"}), EndedWith(3, "first"));
}

TEST(Deleting, WithoutUndeleteForNothingWaitsInTheTrash) {
    DeletingFixture fixture({"first", "second"}, "UndeleteFor = 'off'\n");
    auto const ran = fixture.daemon.ctl({"delete", "first"});
    EXPECT_EQ(ran.code, 0) << ran.err;
    EXPECT_THAT(ran.out, Not(HasSubstr("undelete")));
    EXPECT_THAT(fixture.deleted(), IsEmpty());
    EXPECT_THAT(fixture.trash(), IsEmpty());
}

TEST(Deleting, WhatHasWaitedLongEnoughLeavesTheTrashSoonAfterTheNextStart) {
    DeletingFixture fixture({"first", "second"});
    EXPECT_THAT(fixture.daemon.ctl({"delete", "first"}), EndedWith(0, ""));
    EXPECT_THAT(fixture.deleted(), ElementsAre("first"));
    fixture.daemon.stop();
    fixture.daemon.settings.more += "UndeleteFor = 'off'\n";
    fixture.daemon.start();
    EXPECT_TRUE(wait_until([&] { return fixture.trash().empty(); })) << fixture.daemon.log();
    EXPECT_TRUE(wait_until([&] { return fixture.deleted().empty(); }));
}

TEST(Deleting, UndeleteReplacesNothingAndTakesTheOneThatWasDeletedLast) {
    DeletingFixture fixture({"first", "second"});
    EXPECT_THAT(fixture.daemon.ctl({"delete", "first"}), EndedWith(0, ""));
    EXPECT_THAT(fixture.daemon.ctl({"backup", "A", "first"}), EndedWith(0, ""));
    EXPECT_THAT(fixture.daemon.ctl({"undelete", "first"}), EndedWith(4, "first"));
    EXPECT_THAT(fixture.deleted(), ElementsAre("first"));

    auto const newer = fixture.shown("first");
    EXPECT_THAT(fixture.daemon.ctl({"delete", "first"}), EndedWith(0, ""));
    EXPECT_THAT(fixture.deleted(), ElementsAre("first", "first"));
    EXPECT_THAT(fixture.daemon.ctl({"undelete", "first"}), EndedWith(0, ""));
    auto const started = std::regex("\"started\":\"[^\"]*\"");
    std::smatch before, after;
    auto const back = fixture.shown("first");
    ASSERT_TRUE(std::regex_search(newer, before, started) && std::regex_search(back, after, started)) << back;
    EXPECT_EQ(before.str(), after.str());
    EXPECT_THAT(fixture.deleted(), ElementsAre("first"));
}

TEST(Deleting, BackupsOfAnotherClusterGoByThatClustersNameOnly) {
    DeletingFixture fixture({"old"});
    auto const uuid_now = [&] { return fixture.daemon.ctl_json({"status"}).root()["cluster"]["uuid"].text(); };
    auto const old_cluster = uuid_now();
    fixture.simulator.request("POST", "/sim/cluster",
                              R"({"uuid":"22222222-2222-4222-8222-222222222222","clusterName":"hc-2"})");
    EXPECT_THAT(fixture.daemon.ctl({"reload"}), EndedWith(0, ""));
    ASSERT_TRUE(wait_until([&] { return uuid_now() != old_cluster; })) << fixture.daemon.log();
    EXPECT_THAT(fixture.daemon.ctl({"backup", "A", "new"}), EndedWith(0, ""));

    EXPECT_THAT(fixture.daemon.ctl({"delete", "old", "--yes"}), EndedWith(4, "another cluster"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "--cluster", "hc-2", "--yes"}), EndedWith(4, "configured cluster"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "--cluster", old_cluster}), EndedWith(4, "1 backup of the cluster"));
    EXPECT_TRUE(fixture.has("old"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "--cluster", old_cluster, "--yes"}), EndedWith(0, "'old' was deleted"));
    EXPECT_THAT(fixture.names_of_backups(), ElementsAre("new"));
    EXPECT_THAT(fixture.deleted(), ElementsAre("old"));
}

TEST(Deleting, IsRefusedWhileAnotherInstallationMakesTheBackups) {
    DeletingFixture fixture({"first", "second"});
    auto const cluster = fixture.daemon.ctl_json({"status"}).root()["cluster"]["uuid"].text();
    fixture.daemon.stop();
    auto const file = fixture.share / (".scale-backup-owner-" + cluster);
    ASSERT_TRUE(fs::exists(file));
    write_file(file,
               "installation 0123456789abcdef\nhost elsewhere\nstate /var/lib/scale-backup\n"
               "seen 2026-11-23T05:00:00Z\n");
    fixture.daemon.start();
    for (auto const* how : {"--yes", "--now"})
        EXPECT_THAT(fixture.daemon.ctl({"delete", "first", how}), EndedWith(4, "elsewhere"));
    EXPECT_TRUE(fixture.has("first"));
    fs::remove(file);
}

TEST(Deleting, ACopyMadeByHandIsNotReliedOn) {
    DeletingFixture fixture({"only"});
    fs::copy(fixture.share / "only", fixture.share / "only - Copy");
    EXPECT_THAT(fixture.daemon.ctl({"delete", "only"}), EndedWith(4, "last good backup of VM 'A'"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "only", "--now"}), EndedWith(4, "last good backup of VM 'A'"));
    EXPECT_TRUE(fixture.has("only"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "only - Copy"}), EndedWith(0, ""));
    EXPECT_TRUE(fixture.has("only"));
}

/// The same cluster under another spelling of its host, while it does not say which one it is.
TEST(Deleting, WithAClustersNameTakesNothingThatMayBeOfTheConfiguredOne) {
    DeletingFixture fixture({"one", "two"});
    auto const cluster = fixture.daemon.ctl_json({"status"}).root()["cluster"]["name"].text();
    fixture.daemon.stop();
    fixture.simulator.faults(R"([{"kind":"forbidden","match":{"call":"cluster_list"}}])");
    auto& host = fixture.daemon.settings.cluster_host;
    ASSERT_TRUE(host.starts_with("127.0.0.1:")) << host;
    host.replace(0, std::string("127.0.0.1").size(), "localhost");
    fixture.daemon.start();
    EXPECT_THAT(fixture.daemon.ctl({"delete", "--cluster", cluster, "--yes"}), EndedWith(4, "may be of"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "one"}), EndedWith(4, "may be of another cluster"));
    EXPECT_THAT(fixture.daemon.ctl({"show-backups"}).out, HasSubstr("may be of another cluster: "));
    EXPECT_THAT(fixture.names_of_backups(), ElementsAre("one", "two"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "one", "--yes"}), EndedWith(0, "'one' was deleted"));
}

TEST(Deleting, OnATerminalNothingIsDeletedWithoutAYes) {
    DeletingFixture fixture({"first", "second"});
    PtyProcess refused(fixture.on_terminal({"delete", "first"}));
    EXPECT_TRUE(refused.wait_for("Delete 'first'? [y/N]"));
    refused.type("\n");
    EXPECT_EQ(refused.exit_code(), 130) << refused.raw();
    EXPECT_TRUE(fixture.has("first"));
    PtyProcess agreed(fixture.on_terminal({"delete", "first"}));
    EXPECT_TRUE(agreed.wait_for("[y/N]"));
    agreed.type("y\n");
    EXPECT_EQ(agreed.exit_code(), 0) << agreed.raw();
    EXPECT_FALSE(fs::exists(fixture.share / "first"));
}

TEST(Deleting, ABackupWhoseEndWasNotSeenCountsOnceItIsAccepted) {
    DeletingFixture fixture({"first"});
    fixture.daemon.stop();
    auto const file = fixture.share / "first" / "scale-backup.json";
    std::string manifest;
    {
        std::ifstream in(file);
        manifest.assign(std::istreambuf_iterator<char>(in), {});
    }
    auto const inferred = std::regex_replace(manifest, std::regex(R"("end": *"seen")"), R"("end": "inferred")");
    ASSERT_NE(inferred, manifest) << manifest;
    write_file(file, inferred);
    fixture.daemon.start();
    EXPECT_THAT(fixture.shown("first"), HasSubstr(R"("end_known":true)")) << "the journal knows how it ended";
    fixture.daemon.stop();
    fs::remove_all(fixture.daemon.state_dir());
    fixture.daemon.start();
    EXPECT_THAT(fixture.shown("first"), HasSubstr(R"("end_known":false)"));
    EXPECT_THAT(fixture.daemon.ctl({"show-backups"}).out, HasSubstr("never said"));

    std::string said;  // it is refused until the backup has been checked
    auto const accept = [&] {
        auto const done = fixture.daemon.ctl({"accept", "first"});
        said = done.out + done.err;
        return done.code == 0;
    };
    EXPECT_TRUE(wait_until(accept)) << said;
    EXPECT_THAT(said, HasSubstr("counts as a backup"));
    EXPECT_THAT(fixture.shown("first"), HasSubstr(R"("end_known":true)"));
    write_file(file, inferred);
    EXPECT_THAT(fixture.shown("first"), HasSubstr(R"("end_known":true)")) << "a person's word is in the journal";
    fixture.daemon.stop();
    fixture.daemon.start();
    EXPECT_THAT(fixture.shown("first"), HasSubstr(R"("end_known":true)"));
    EXPECT_THAT(fixture.daemon.ctl({"accept", "nothing"}), EndedWith(3, "nothing"));
}

/// Whether the condition stands that names a VM whose copies are deleted one by one.
bool waits_after_deletions(ScheduleFixture const& fixture) {
    auto const status = fixture.daemon.ctl_json({"status"});
    for (auto const& condition : status.root()["conditions"].elements())
        if (condition["kind"].text() == "backup_moved_away") return true;
    return false;
}

TEST(Deleting, AVmWithoutItsOnlyBackupIsBackedUpAgainWithinSecondsButNotAgainAndAgain) {
    ScheduleFixture fixture({.vms = {"A"}});
    fixture.ended_run();
    EXPECT_THAT(fixture.daemon.ctl({"delete", fixture.only_backup_of("A"), "--yes"}), EndedWith(0, ""));
    ASSERT_TRUE(fixture.wait_for_exports(2)) << fixture.daemon.log();
    fixture.ended_run(2);
    EXPECT_FALSE(waits_after_deletions(fixture));
    EXPECT_THAT(fixture.daemon.ctl({"delete", fixture.only_backup_of("A"), "--yes"}), EndedWith(0, ""));
    EXPECT_TRUE(wait_until([&] { return waits_after_deletions(fixture); })) << fixture.daemon.log();
    EXPECT_EQ(fixture.exports(), 2U);
    EXPECT_THAT(fixture.daemon.ctl({"backup", "A", "by hand"}), EndedWith(0, "")) << "as the condition says";
}

}  // namespace
}  // namespace sb::test
