// The main job: a VM is exported over SMB and restored as a new VM, bit for bit.

#include "tests/e2e/fixture.hpp"
#include "tests/support/sanitized.hpp"

#include <sys/stat.h>

namespace sb::test {
namespace {

std::string first_line(std::string const& text) { return text.substr(0, text.find('\n')); }

TEST(BackupAndRestore, TheRestoredVmHasTheSameDisksBitForBit) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const vm = first_line(fixture.daemon.ctl({"show-vms"}).out);
    ASSERT_FALSE(vm.empty());

    auto const backup = fixture.daemon.ctl({"backup", vm, "first"});
    EXPECT_EQ(backup.code, 0) << backup.out << backup.err;
    expect_backup(fixture, "first");

    auto const restore = fixture.daemon.ctl({"restore", "first", vm + "-restored"});
    EXPECT_EQ(restore.code, 0) << restore.out << restore.err;
    EXPECT_NE(fixture.vm_uuid(vm + "-restored"), fixture.vm_uuid(vm));

    // The restored VM is off, so its own export contains exactly what was restored.
    EXPECT_EQ(fixture.daemon.ctl({"backup", vm + "-restored", "second"}).code, 0);
    expect_same_disks(fixture, "first", "second");
}

TEST(BackupAndRestore, ManyConcurrentBackupsSucceed) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--vms", "6"}}});
    std::vector<std::string> jobs;
    auto const document = fixture.daemon.ctl_json({"show-vms"});
    for (auto const& vm : document.root().elements())
        jobs.push_back(fixture.detach({"backup", vm["uuid"].text(), "backup of " + vm["name"].text()}));
    ASSERT_EQ(jobs.size(), 6U);
    for (auto const& job : jobs) EXPECT_EQ(fixture.wait_for_state(job, {"succeeded", "failed"}), "succeeded");
    expect_every_manifest_is_true(fixture.share());
    EXPECT_EQ(fixture.daemon.ctl_json({"show-backups"}).root().size(), 6U);
}

TEST(BackupAndRestore, ABrokenBackupIsNotRestored) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const vm = first_line(fixture.daemon.ctl({"show-vms"}).out);
    ASSERT_EQ(fixture.daemon.ctl({"backup", vm, "whole"}).code, 0);
    for (auto const& image : images_in(fixture.folder("whole"))) std::filesystem::resize_file(image, 100000);
    auto const restore = fixture.daemon.ctl({"restore", "whole", "again"});
    EXPECT_EQ(restore.code, 4) << restore.out << restore.err;
    EXPECT_EQ(fixture.simulator.get("/rest/v1/VirDomain").find("\"again\""), std::string::npos);
}

TEST(BackupAndRestore, UnknownVmsAndBackupsAreReported) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    EXPECT_THAT(fixture.daemon.ctl({"backup", "no such VM", "x"}), EndedWith(3, "no such VM"));
    EXPECT_THAT(fixture.daemon.ctl({"restore", "no such backup", "x"}), EndedWith(3, "no such backup"));
    EXPECT_TRUE((fixture.folders() == 0));
}

TEST(BackupAndRestore, CtrlCStopsTheClientAndNotTheBackup) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "2"}}});
    auto const vm = first_line(fixture.daemon.ctl({"show-vms"}).out);
    auto waiting = fixture.daemon.start_ctl({"backup", vm, "slow"});
    ASSERT_TRUE(wait_until([&] { return fixture.daemon.ctl_json({"jobs"}).root().size() == 1; }));
    auto const id = fixture.daemon.ctl_json({"jobs"}).root().at(0)["id"].dump();
    ASSERT_TRUE(fixture.wait_until_exporting(id));
    waiting->signal(SIGINT);
    auto const exit = waiting->wait();
    ASSERT_TRUE(exit);
    EXPECT_EQ(exit->code, 130);
    EXPECT_EQ(exit->signal, 0) << "it must report how to find the job and not just die";
    EXPECT_NE((waiting->out() + waiting->err()).find("watch " + id), std::string::npos)
        << waiting->out() << waiting->err();
    EXPECT_EQ(fixture.wait_for_state(id, {"succeeded", "failed"}), "succeeded");
    expect_backup(fixture, "slow");
}

TEST(BackupAndRestore, WhatCouldNotBeAcceptedBeforeItsClientEndedIsNotOrdered) {
    SB_NEEDS_SAMBA();
    Fixture fixture;
    auto const vm = first_line(fixture.daemon.ctl({"show-vms"}).out);
    ASSERT_EQ(fixture.daemon.ctl({"backup", vm, "first"}).code, 0);
    auto const listings = [&] {
        return fixture.simulator.stats().root()["by_route"]["GET /rest/v1/VirDomain"].unsigned_integer().value_or(0);
    };
    auto const before = listings();
    // The list of VMs is asked for before the restore is accepted.
    fixture.simulator.faults(R"({"kind":"delay_answer","seconds":3,"match":{"call":"vm_list"}})");
    auto client = fixture.daemon.start_ctl({"restore", "first", "never ordered"});
    ASSERT_TRUE(wait_until([&] { return listings() > before; }));
    client->kill();
    EXPECT_TRUE(wait_until([&] {
        return fixture.daemon.log().find("the client ended before the order could be accepted") != std::string::npos;
    }));
    EXPECT_EQ(fixture.daemon.ctl_json({"jobs"}).root().size(), 1U) << "only the backup";
}

TEST(BackupAndRestore, LongJobsNeedFewRequestsAndKeepOneConnection) {
    SB_NEEDS_SAMBA();
    Fixture fixture({.simulator = {.options = {"--export-seconds", "3"}}});
    auto const vm = first_line(fixture.daemon.ctl({"show-vms"}).out);
    auto const before = fixture.simulator.stat("requests");
    ASSERT_EQ(fixture.daemon.ctl({"backup", vm, "polite"}).code, 0);
    // An export that takes longer than predicted is polled more often at its end.
    EXPECT_LE(fixture.simulator.stat("requests") - before, sanitized ? 40U : 12U);
}

}  // namespace
}  // namespace sb::test
