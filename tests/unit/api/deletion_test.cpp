// What a person may delete: decided from plain values.
#include "daemon/api/deletion.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sb::api {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

VmUuid const file01{"11111111-2222-4333-8444-555555555555"};
core::ClusterId const present_cluster{"aaaaaaaa-1111-4111-8111-111111111111", "hc-1", "10.0.0.1"};
core::ClusterId const other_cluster{"bbbbbbbb-2222-4222-8222-222222222222", "hc-2", "10.0.0.9"};

core::Backup copy(std::string name, int day, core::ClusterId const& cluster = present_cluster) {
    core::Manifest manifest;
    manifest.backup = name;
    manifest.vm_uuid = file01;
    manifest.vm_name = "FILE01";
    manifest.started = UtcTime{std::chrono::days(20'000 + day)};
    manifest.end = core::ExportEnd::seen;
    manifest.cluster_uuid = cluster.uuid;
    manifest.cluster_name = cluster.name;
    manifest.cluster_host = cluster.host;
    core::Backup backup;
    backup.name = std::move(name);
    backup.state = core::BackupState::complete;
    backup.manifest = std::move(manifest);
    return backup;
}

core::Vm existing_vm() {
    core::Vm vm;
    vm.uuid = file01;
    vm.name = "FILE01";
    return vm;
}

/// The first of the copies is the one to delete; its VM exists.
DeletionFacts facts_of(std::vector<core::Backup> copies) {
    DeletionFacts facts;
    facts.backup = copies.front();
    facts.all = std::move(copies);
    facts.present = {present_cluster.uuid, present_cluster.name, {present_cluster.host}};
    facts.vms = ports::Vms{existing_vm()};
    return facts;
}

DeletionOrder order_for(DeletionFacts const& facts, std::string cluster = "", bool confirmed = false) {
    return {facts.backup.name, confirmed, std::move(cluster)};
}

std::vector<std::string> names_of(std::vector<core::Backup> const& backups) {
    std::vector<std::string> names;
    for (auto const& backup : backups) names.push_back(backup.name);
    return names;
}

std::string refusal(DeletionOrder const& order, DeletionFacts const& facts) {
    auto const checked = check_order(order, facts);
    if (checked) return "";
    EXPECT_EQ(checked.error().code, Errc::refused);
    return checked.error().context;
}

TEST(DeletionByAPerson, IsAllowedForABackupOfTheConfiguredCluster) {
    auto const facts = facts_of({copy("a", 1)});
    EXPECT_EQ(refusal(order_for(facts), facts), "");
}

TEST(DeletionByAPerson, IsRefusedWhileTheBackupIsProtectedWhateverIsConfirmed) {
    auto facts = facts_of({copy("a b", 1)});
    facts.backup.manifest->is_protected = true;
    EXPECT_THAT(refusal(order_for(facts, "", true), facts),
                AllOf(HasSubstr("is protected"), HasSubstr("unprotect 'a b'")));
}

TEST(DeletionByAPerson, IsRefusedForAFolderWithoutAManifest) {
    auto facts = facts_of({copy("a", 1)});
    facts.backup.manifest.reset();
    facts.backup.state = core::BackupState::unverified;
    EXPECT_THAT(refusal(order_for(facts, "", true), facts), HasSubstr("has no manifest"));
    EXPECT_FALSE(needs_another_copy(order_for(facts), facts));
    EXPECT_THAT(other_good_copies(facts), IsEmpty());
}

TEST(DeletionByAPerson, OfAnotherClustersBackupNeedsThatClustersName) {
    auto const facts = facts_of({copy("a", 1, other_cluster)});
    EXPECT_THAT(refusal(order_for(facts, "", true), facts),
                AllOf(HasSubstr("hc-2"), HasSubstr("delete --cluster=hc-2 a")));
    EXPECT_THAT(refusal(order_for(facts, "hc-3"), facts), HasSubstr("not of 'hc-3'"));
    for (auto const& word : {std::string("HC-2"), other_cluster.uuid, other_cluster.host})
        EXPECT_EQ(refusal(order_for(facts, word), facts), "") << word;
    EXPECT_FALSE(needs_another_copy(order_for(facts, "hc-2"), facts)) << "which VMs it has is not known";
}

/// Anyone could have planted it before the journal was lost.
TEST(DeletionByAPerson, LeansOnNoCopyThatWasOnlyCheckedAfterTheJournalWasLost) {
    auto facts = facts_of({copy("a", 1), copy("checked", 2)});
    facts.all.back().is_only_checked = true;
    EXPECT_THAT(other_good_copies(facts), IsEmpty());
    EXPECT_THAT(last_good_copy(order_for(facts), facts, "").context,
                AllOf(HasSubstr("is the last good backup"), HasSubstr("scale-backupctl adopt checked"),
                      HasSubstr("delete --yes a")));
    facts.backup.is_only_checked = facts.all.front().is_only_checked = true;
    EXPECT_THAT(other_good_copies(facts), IsEmpty()) << "it may be the true one of the two";
    facts.all.back().is_only_checked = false;
    EXPECT_THAT(names_of(other_good_copies(facts)), ElementsAre("checked"));
}

core::ClusterId const unknown_cluster{"", "", "10.0.0.7"};

TEST(DeletionByAPerson, WithAClustersNameNeverTakesACopyThatMayBeOfTheConfiguredOne) {
    auto const facts = facts_of({copy("a", 1, unknown_cluster)});
    for (auto const* word : {"10.0.0.7", "hc-1", "hc-2"})
        EXPECT_THAT(refusal(order_for(facts, word, true), facts),
                    AllOf(HasSubstr("may be of the configured cluster"), HasSubstr("leave --cluster out")));
    EXPECT_EQ(refusal(order_for(facts), facts), "");
}

TEST(DeletionByAPerson, OfACopyThatMayBeOfTheConfiguredClusterNeedsAnotherOneThatSurelyIs) {
    auto facts = facts_of({copy("a", 1, unknown_cluster), copy("also unknown", 2, unknown_cluster)});
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts));
    EXPECT_FALSE(needs_another_copy(order_for(facts, "", true), facts));
    EXPECT_THAT(other_good_copies(facts), IsEmpty());
    EXPECT_THAT(last_good_copy(order_for(facts), facts, "").context,
                AllOf(HasSubstr("may be of another cluster, 10.0.0.7, or the last good backup of VM 'FILE01'"),
                      HasSubstr("delete --yes a")));
    auto other_vm = existing_vm();
    other_vm.uuid = VmUuid{"99999999-2222-4333-8444-555555555555"};
    facts.vms = ports::Vms{other_vm};
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts)) << "it may exist at the other cluster";
    facts.all.push_back(copy("ours", 3));
    EXPECT_THAT(names_of(other_good_copies(facts)), ElementsAre("ours"));
}

/// Of a cluster that has not said its uuid, every copy with another host is uncertain, whatever uuid the copy names.
TEST(DeletionByAPerson, WhileTheClusterDoesNotSayWhichOneItIsNoCopyIsSurelyOfAnother) {
    auto facts = facts_of({copy("a", 1)});
    facts.present = {"", "", {"hc-1.example.com"}};
    for (auto const& word : {present_cluster.name, present_cluster.uuid, present_cluster.host})
        EXPECT_THAT(refusal(order_for(facts, word, true), facts), HasSubstr("may be of the configured cluster"));
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts));
}

TEST(DeletionByAPerson, WithAClustersNameNeverTakesABackupOfTheConfiguredOne) {
    auto const facts = facts_of({copy("a", 1)});
    for (auto const* word : {"hc-1", "hc-2"})
        EXPECT_THAT(refusal(order_for(facts, word, true), facts), HasSubstr("of the configured cluster"));
}

TEST(DeletionByAPerson, NeedsAnotherGoodCopyWhileTheVmExists) {
    auto facts = facts_of({copy("a", 1)});
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts));
    EXPECT_FALSE(needs_another_copy(order_for(facts, "", true), facts));
    auto other_vm = existing_vm();
    other_vm.uuid = VmUuid{"99999999-2222-4333-8444-555555555555"};
    facts.vms = ports::Vms{other_vm};
    facts.existing = {other_vm.uuid};
    EXPECT_FALSE(needs_another_copy(order_for(facts), facts)) << "the VM is gone";
}

/// A single list may lack a VM, as while the cluster boots; the clean-up keeps the copy then, too.
TEST(DeletionByAPerson, ReliesOnNoCopyThatTheJournalDoesNotKnow) {
    auto planted = copy("planted", 2);
    planted.is_claim = true;
    auto const facts = facts_of({copy("a", 1), planted, copy("b", 3)});
    EXPECT_THAT(names_of(other_good_copies(facts)), ElementsAre("b"));
    EXPECT_THAT(why_not_counted(planted, facts.all, facts.present), HasSubstr("the journal does not know it"));
}

TEST(DeletionByAPerson, TakesAVmForExistingUntilEnoughListsWereWithoutIt) {
    auto facts = facts_of({copy("a", 1)});
    auto other_vm = existing_vm();
    other_vm.uuid = VmUuid{"99999999-2222-4333-8444-555555555555"};
    facts.vms = ports::Vms{other_vm};
    using Existing = std::optional<std::unordered_set<VmUuid>>;
    std::unordered_set<VmUuid> const none;
    std::unordered_set<VmUuid> const both = {file01, other_vm.uuid};
    for (auto const& existing : {Existing(), Existing(none), Existing(both)}) {
        facts.existing = existing;
        EXPECT_TRUE(needs_another_copy(order_for(facts), facts));
        EXPECT_THAT(last_good_copy(order_for(facts), facts, "").context,
                    AllOf(HasSubstr("not known whether the VM still exists"), HasSubstr("7 lists, spread over 7 days"),
                          HasSubstr("delete --yes a")));
    }
    facts.existing = {other_vm.uuid};
    EXPECT_FALSE(needs_another_copy(order_for(facts), facts));
    facts.vms->push_back(existing_vm());
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts)) << "the cluster has it again";
}

TEST(DeletionByAPerson, TakesAVmForExistingIfTheClusterCannotBeAskedOrListsNone) {
    auto facts = facts_of({copy("a", 1)});
    facts.vms = Error{Errc::unreachable, "no route"};
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts));
    EXPECT_THAT(last_good_copy(order_for(facts), facts, "").context, HasSubstr("cannot be asked"));
    facts.vms = ports::Vms{};
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts));
    EXPECT_THAT(last_good_copy(order_for(facts), facts, "").context,
                AllOf(HasSubstr("not known whether the VM still exists"), HasSubstr("lists no VM at all")));
}

TEST(DeletionByAPerson, TakesAVmForExistingIfARecordInTheClustersListCannotBeRead) {
    auto facts = facts_of({copy("a", 1)});
    auto other_vm = existing_vm();
    other_vm.uuid = VmUuid{"99999999-2222-4333-8444-555555555555"};
    facts.vms = ports::Vms{other_vm};
    facts.vms->complete = false;
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts));
    EXPECT_THAT(last_good_copy(order_for(facts), facts, "").context,
                AllOf(HasSubstr("not known whether the VM still exists"), HasSubstr("cannot be read")));
}

TEST(DeletionByAPerson, LeansOnCompleteCopiesOfThisVmAndClusterWhoseEndIsKnownNewestFirst) {
    auto inferred = copy("inferred", 9);
    inferred.manifest->end = core::ExportEnd::inferred;
    auto accepted = copy("accepted", 3);
    accepted.manifest->end = core::ExportEnd::inferred;
    accepted.manifest->accepted = UtcTime{std::chrono::days(20'010)};
    auto damaged = copy("damaged", 8);
    damaged.state = core::BackupState::damaged;
    auto of_other_vm = copy("of another VM", 7);
    of_other_vm.manifest->vm_uuid = VmUuid{"99999999-2222-4333-8444-555555555555"};
    auto const facts = facts_of({copy("a", 5), copy("older", 2), copy("newer", 6), inferred, accepted, damaged,
                                 of_other_vm, copy("of another cluster", 9, other_cluster)});
    EXPECT_THAT(names_of(other_good_copies(facts)), ElementsAre("newer", "accepted", "older"));
}

/// With hard links it would be the same files.
TEST(DeletionByAPerson, DoesNotLeanOnAFolderThatWasRenamedOrCopiedByHand) {
    auto copied = copy("a", 5);
    copied.name = "a - Copy";
    auto renamed = copy("b", 4);
    renamed.name = "set aside";
    auto const facts = facts_of({copy("a", 5), copied, renamed});
    EXPECT_TRUE(needs_another_copy(order_for(facts), facts));
    EXPECT_THAT(other_good_copies(facts), IsEmpty());
    auto const of_the_copy = facts_of({copied, copy("a", 5), renamed});
    EXPECT_THAT(names_of(other_good_copies(of_the_copy)), ElementsAre("a"));
}

TEST(DeletionByAPerson, OfACopyThatDoesNotCountDoesNotCallItTheLastGoodOne) {
    auto inferred = copy("a", 5);
    inferred.manifest->end = core::ExportEnd::inferred;
    auto copied = copy("b", 4);
    copied.name = "b - Copy";
    for (auto const& one : {inferred, copied}) {
        auto const facts = facts_of({one});
        EXPECT_TRUE(needs_another_copy(order_for(facts), facts)) << "it may be all that can be restored";
        EXPECT_THAT(last_good_copy(order_for(facts), facts, "").context,
                    AllOf(HasSubstr("does not count as a backup of VM 'FILE01'"),
                          HasSubstr("the VM has no other good backup"), Not(HasSubstr("is the last good"))));
    }
    auto const beside = facts_of({inferred, copy("good", 3)});
    EXPECT_THAT(names_of(other_good_copies(beside)), ElementsAre("good")) << "then it may be deleted";
}

TEST(Acceptance, IsRefusedForWhatWouldNotCountEvenThen) {
    auto original = copy("a", 5);
    original.manifest->end = core::ExportEnd::inferred;
    auto copied = original;
    copied.name = "a - Copy";
    auto damaged = copy("c", 3);
    damaged.state = core::BackupState::damaged;
    auto const facts = facts_of({original, copied, damaged});
    auto const answer = [&](core::Backup const& backup) { return check_acceptance(backup, facts.all, facts.present); };
    EXPECT_TRUE(answer(original));
    ASSERT_FALSE(answer(copied));
    EXPECT_THAT(answer(copied).error().context,
                AllOf(HasSubstr("renamed or copied by hand"), HasSubstr("the name 'a'")));
    EXPECT_FALSE(answer(damaged));
}

TEST(DeletionByAPerson, NamesCommandsInWhichAForeignNameIsOneWordAndNoOption) {
    std::string const name = "--now;id;#";
    auto facts = facts_of({copy(name, 1)});
    EXPECT_THAT(last_good_copy(order_for(facts), facts, "").context, HasSubstr("delete --yes -- '--now;id;#'"));
    facts.backup.manifest->is_protected = true;
    EXPECT_THAT(refusal(order_for(facts), facts), HasSubstr("unprotect -- '--now;id;#'"));
    auto const elsewhere = facts_of({copy(name, 1, {"uuid", "--yes;id", "host"})});
    EXPECT_THAT(refusal(order_for(elsewhere), elsewhere), HasSubstr("delete --cluster='--yes;id' -- '--now;id;#'"));
}

TEST(DeletionByAPerson, OfTheLastGoodCopySaysSoAndHowToDoIt) {
    auto const facts = facts_of({copy("a b", 1)});
    auto const error = last_good_copy(order_for(facts), facts, "");
    EXPECT_EQ(error.code, Errc::refused);
    EXPECT_THAT(error.context, AllOf(HasSubstr("is the last good backup of VM 'FILE01', which still exists"),
                                     HasSubstr("scale-backupctl delete --yes 'a b'")));
    EXPECT_THAT(last_good_copy(order_for(facts), facts, "'c' cannot be read: EIO").context,
                HasSubstr("no good backup that can be used now: 'c' cannot be read: EIO"));
}

}  // namespace
}  // namespace sb::api
