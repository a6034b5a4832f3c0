// The built programs: a VM is restored under a new uuid, and a person says that it continues the earlier one.

#include "tests/e2e/schedule_fixture.hpp"

namespace sb::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

std::chrono::system_clock::time_point written_days_ago(int days) {
    return std::chrono::system_clock::now() - std::chrono::hours(24 * days + 1);
}

/// WEB was backed up by the schedule, deleted at the cluster, and restored from its backup; it has two older copies.
struct LinkFixture : ScheduleFixture {
    std::string newest, second, third;
    std::string old_uuid, new_uuid;

    explicit LinkFixture(std::string const& restored_name = "WEB", std::string const& rules = "MaxBackups = 2\n")
        : ScheduleFixture({.scenario = R"([{"name":"WEB","state":"SHUTOFF","disks":[{"size":"4M"}]}])",
                           .schedule = always_open(rules)}) {
        ended_run();
        old_uuid = vm_uuid("WEB");
        newest = only_backup_of("WEB");
        simulator.request("DELETE", "/rest/v1/VirDomain/" + old_uuid);
        EXPECT_TRUE(wait_until([&] { return !cluster_has(old_uuid); }));
        EXPECT_THAT(daemon.ctl({"restore", newest, restored_name}), EndedWith(0, "restored"));
        new_uuid = vm_uuid(restored_name);
        second = copy_backup(newest, written_days_ago(2));
        third = copy_backup(newest, written_days_ago(3));
    }

    bool cluster_has(std::string const& uuid) const {
        return daemon.ctl({"--json", "show-vms"}).out.find(uuid) != std::string::npos;
    }
    bool is_offered() const {
        auto const status = daemon.ctl_json({"status"});
        for (auto const& condition : status.root()["conditions"].elements())
            if (condition["kind"].text() == "vm_may_be_continued" && condition["subject"].text() == old_uuid)
                return true;
        return false;
    }
    std::vector<std::string> kept() const {
        std::vector<std::string> names;
        auto const answer = ask("backups.retention");
        for (auto const& one : answer.root()["backups"].elements())
            if (one["keep"].boolean().value_or(false)) names.push_back(one["name"].text());
        return names;
    }
    /// The scheduled backup of the new VM.
    std::string wait_for_own_backup() const {
        std::string name;
        EXPECT_TRUE(wait_until([&] {
            for (auto const& backup : backups())
                if (backup.vm_uuid == new_uuid && backup.state == "complete") name = backup.name;
            return !name.empty();
        }));
        return name;
    }
};

TEST(Link, ARestoredVmIsOfferedAndUntilThenItsEarlierBackupsAreNotSurplus) {
    LinkFixture const fixture;
    fixture.wait_for_own_backup();
    EXPECT_TRUE(wait_until([&] { return fixture.is_offered(); })) << fixture.daemon.log();
    auto const command = "scale-backupctl link " + fixture.old_uuid + " " + fixture.new_uuid;
    EXPECT_THAT(fixture.daemon.ctl({"why", "WEB"}), EndedWith(0, command));
    EXPECT_THAT(fixture.daemon.ctl({"why", fixture.old_uuid}), EndedWith(0, command));
    EXPECT_THAT(fixture.daemon.ctl({"status"}), EndedWith(0, command));
    EXPECT_THAT(fixture.daemon.ctl({"link"}), EndedWith(0, command));
    EXPECT_THAT(fixture.daemon.ctl({"prune", "--dry-run"}), EndedWith(0, fixture.third));
    EXPECT_THAT(fixture.kept(), Contains(fixture.third)) << "MaxBackups is 2";
    EXPECT_THAT(fixture.daemon.ctl({"prune", "--yes"}), EndedWith(1, "is kept although")) << "MaxBackups is 2";
    EXPECT_THAT(fixture.names_of_backups(), Contains(fixture.third));
}

TEST(Link, ALinkCountsTheBackupsOfBothTogetherAcrossARestart) {
    LinkFixture fixture;
    auto const own = fixture.wait_for_own_backup();
    EXPECT_THAT(fixture.daemon.ctl({"link", "WEB", "WEB"}), EndedWith(0, "3 backups count as its own"))
        << "the name of the one that is gone, and of the one that exists";
    EXPECT_FALSE(fixture.is_offered());
    EXPECT_THAT(fixture.daemon.ctl({"why", "WEB"}), EndedWith(0, "It continues VM " + fixture.old_uuid));
    EXPECT_THAT(fixture.daemon.ctl({"why", fixture.old_uuid}), EndedWith(0, "continues it"));
    EXPECT_THAT(fixture.daemon.ctl({"show-backups"}), EndedWith(0, "counts as a backup of VM " + fixture.new_uuid));
    EXPECT_THAT(fixture.kept(), UnorderedElementsAre(own, fixture.newest));

    fixture.daemon.stop();
    fixture.daemon.start();
    auto const list = fixture.daemon.ctl_json({"link"});
    ASSERT_EQ(list.root()["links"].size(), 1u);
    EXPECT_EQ(list.root()["links"].at(0)["earlier_uuid"].text(), fixture.old_uuid);
    EXPECT_EQ(list.root()["links"].at(0)["later_uuid"].text(), fixture.new_uuid);
    EXPECT_TRUE(list.root()["links"].at(0)["in_effect"].boolean().value_or(false));
    EXPECT_EQ(list.root()["possible"].size(), 0u);
    // A clean-up of the schedule may be deleting them, too.
    EXPECT_TRUE(wait_until([&] { return fixture.daemon.ctl({"prune", "--yes"}).code == 0; }));
    EXPECT_THAT(fixture.names_of_backups(), UnorderedElementsAre(own, fixture.newest));

    EXPECT_THAT(fixture.daemon.ctl({"link", "--undo", fixture.old_uuid}), EndedWith(0, "has ended"));
    EXPECT_TRUE(wait_until([&] { return fixture.is_offered(); }));
}

TEST(Link, TheLastGoodBackupOfEachLinkedVmNeedsAConfirmation) {
    LinkFixture const fixture("WEB-2", "");
    auto const own = fixture.wait_for_own_backup();
    EXPECT_THAT(fixture.daemon.ctl({"why", "WEB-2"}), EndedWith(0, "was restored from one of them"));
    EXPECT_THAT(fixture.daemon.ctl({"link", fixture.old_uuid, "WEB-2"}), EndedWith(0, ""));
    for (auto const& name : {fixture.second, fixture.third})
        EXPECT_THAT(fixture.daemon.ctl({"delete", name}), EndedWith(0, "deleted"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", fixture.newest}), EndedWith(4, "7 lists, spread over 7 days"))
        << "the earlier VM was deleted a moment ago";
    EXPECT_THAT(fixture.daemon.ctl({"delete", own}), EndedWith(4, "which still exists"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", "--yes", own}), EndedWith(0, "deleted"));
    EXPECT_THAT(fixture.daemon.ctl({"delete", fixture.newest}), EndedWith(4, "last good backup"));
}

TEST(Link, IsFoundByTheEarlierVmsNameAlsoWhenItsBackupsAreGone) {
    LinkFixture fixture("WEB-2", "");
    fixture.wait_for_own_backup();
    EXPECT_THAT(fixture.daemon.ctl({"link", "WEB", "WEB-2"}), EndedWith(0, ""));
    for (auto const& name : {fixture.newest, fixture.second, fixture.third})
        EXPECT_THAT(fixture.daemon.ctl({"delete", "--yes", name}), EndedWith(0, "deleted"));
    fixture.daemon.stop();
    fixture.daemon.start();
    EXPECT_EQ(fixture.daemon.ctl_json({"link"}).root()["links"].at(0)["earlier"].text(), "WEB");
    EXPECT_THAT(fixture.daemon.ctl({"link", "--undo", "WEB"}), EndedWith(0, "has ended"));
}

TEST(Link, WhatMakesNoSenseIsRefused) {
    LinkFixture const fixture;
    fixture.wait_for_own_backup();
    EXPECT_THAT(fixture.daemon.ctl({"link", fixture.new_uuid, "WEB"}), EndedWith(4, "still exists"));
    EXPECT_THAT(fixture.daemon.ctl({"link", "no such VM", "WEB"}), EndedWith(3, "no such VM"));
    EXPECT_THAT(fixture.daemon.ctl({"link", fixture.old_uuid, "no such VM"}), EndedWith(3, "no such VM"));
    EXPECT_THAT(fixture.daemon.ctl({"link", "--undo", fixture.old_uuid}), EndedWith(3, "no link"));
    EXPECT_THAT(fixture.daemon.ctl({"why", "no such VM"}), EndedWith(3, "no VM named"));
}

TEST(Link, AVmThatIsSaidToBeSeparateIsNotOfferedAgain) {
    LinkFixture const fixture;
    fixture.wait_for_own_backup();
    EXPECT_THAT(fixture.daemon.ctl({"link", "--separate", fixture.old_uuid}), EndedWith(0, "deleted VM"));
    EXPECT_TRUE(wait_until([&] { return !fixture.is_offered(); }));
    EXPECT_THAT(fixture.daemon.ctl({"why", "WEB"}).out, Not(HasSubstr("scale-backupctl link")));
    EXPECT_THAT(fixture.kept(), Not(Contains(fixture.third))) << "MaxBackups is 2";
}

}  // namespace
}  // namespace sb::test
